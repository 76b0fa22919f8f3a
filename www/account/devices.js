// The devices that the pool remembers of the user, and whether this one is to be remembered.
import { byId, element } from "../dom.js";
import { button } from "../fields.js";
import { onPress, onSubmit } from "../forms.js";
import { dayAndTime } from "../words.js";
import { addSection, clearRows, loadRows, row, rowsOf } from "./section.js";

export function startDevices(client, page) {
  const section = addSection(
    "devices",
    "Your devices",
    element(
      "p",
      { className: "hint" },
      "This one, and all that the pool remembers. If a device is remembered, the pool may skip the second step.",
    ),
    ...rowsOf("devices", "None. The pool must track devices, and you must have signed in since it does."),
  );
  const devices = client.deviceOperations;

  const load = () =>
    loadRows(page, section, "devices", async () => {
      const [remembered, here] = await Promise.all([devices.list(), thisDevice()]);
      const isHere = ({ deviceKey }) => deviceKey === here?.deviceKey;
      const all = here && !remembered.some(isHere) ? [here, ...remembered] : remembered;
      return all.map((device) => deviceRow(device, isHere(device)));
    });
  page.whenShown("devices", load);

  async function thisDevice() {
    try {
      return await devices.get();
    } catch (error) {
      if (error.code === "deviceNotRemembered") return undefined;
      throw error;
    }
  }

  function deviceRow({ deviceKey, attributes, remembered, createDate, lastAuthenticatedDate }, isHere) {
    const action = (text, act, news) => {
      const control = button(text);
      onPress(control, section, async () => {
        await act();
        await load();
        return news;
      });
      return control;
    };
    const setRemembered = (value) => () => devices.updateStatus({ deviceKey, remembered: value });
    return row(
      attributes?.device_name ?? "Device",
      isHere ? "this device" : "",
      [
        ["Remembered", remembered === undefined ? undefined : remembered ? "Yes" : "No"],
        ["Known since", createDate && dayAndTime(createDate)],
        ["Last sign-in", lastAuthenticatedDate && dayAndTime(lastAuthenticatedDate)],
        ["Key", deviceKey],
      ],
      ...(remembered === true ? [] : [action("Remember", setRemembered(true), "The device is remembered.")]),
      ...(remembered === false
        ? []
        : [action("Do not remember", setRemembered(false), "The device is not remembered.")]),
      action("Forget", () => devices.forget({ deviceKey }), "The device is forgotten."),
    );
  }

  // In a pool that asks the user, the question comes right after the sign-in.
  const remember = byId("remember-form");
  const decide = async (remembered) => {
    await devices.updateStatus({ remembered });
    remember.hidden = true;
    page.notify(remembered ? "This device is remembered." : "This device is not remembered.");
    if (!section.hidden) await load();
  };
  onSubmit(remember, () => decide(true));
  onPress(byId("do-not-remember"), remember, () => decide(false));

  return { clear: () => clearRows("devices") };
}
