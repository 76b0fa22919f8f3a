// The user's sign-ins, here and elsewhere, each of which can be ended.
import { element } from "../dom.js";
import { button } from "../fields.js";
import { onPress } from "../forms.js";
import { dayAndTime } from "../words.js";
import { addSection, clearRows, loadRows, row, rowsOf } from "./section.js";

export function startSessions(client, page) {
  const section = addSection(
    "sessions",
    "Where you are signed in",
    element(
      "p",
      { className: "hint" },
      "A session that you end may show its cached tokens until it asks the service again.",
    ),
    ...rowsOf("sessions", "The service lists none."),
  );

  const load = () => loadRows(page, section, "sessions", async () => (await client.listUserSessions()).map(sessionRow));
  page.whenShown("sessions", load);

  function sessionRow({
    sessionId,
    isCurrentSession,
    deviceType,
    createDate,
    lastActiveDate,
    lastIpAddress,
    clientId,
  }) {
    const end = button("End this session");
    onPress(end, section, async () => {
      await client.revokeUserSession({ sessionId });
      await load();
      return "The session is ended.";
    });
    return row(
      deviceType && deviceType !== "unknown" ? deviceType : "A browser or app",
      isCurrentSession ? "this session" : "",
      [
        ["Since", createDate && dayAndTime(createDate)],
        ["Last active", lastActiveDate && dayAndTime(lastActiveDate)],
        ["From", lastIpAddress],
        ["App client", clientId],
        ["Id", sessionId],
      ],
      ...(isCurrentSession ? [] : [end]), // the service refuses it: that is what signing out is for
    );
  }

  return { clear: () => clearRows("sessions") };
}
