// The user's passkeys: made, listed, deleted.
import { element } from "../dom.js";
import { button, primary } from "../fields.js";
import { onPress } from "../forms.js";
import { passkeysNeedName } from "../passkey-place.js";
import { dayAndTime } from "../words.js";
import { addSection, clearRows, loadRows, row, rowsOf } from "./section.js";

export function startPasskeys(client, page) {
  const register = primary("Register a passkey", { type: "button" });
  const section = addSection(
    "passkeys",
    "Your passkeys",
    element(
      "p",
      { className: "hint" },
      "A key that your device keeps and unlocks with your finger, face or PIN. It takes the place of a password.",
    ),
    passkeysNeedName(),
    ...rowsOf("passkeys", "You have none yet."),
    element("div", { className: "actions" }, register),
  );

  const load = () =>
    loadRows(page, section, "passkeys", async () => (await client.passkeyOperations.list()).map(passkeyRow));
  page.whenShown("passkeys", load);

  onPress(register, section, async () => {
    await client.passkeyOperations.register();
    await load();
    return "Your passkey is registered. Where the pool lets you start with one, you can sign in with it.";
  });

  function passkeyRow({ credentialId, friendlyCredentialName, relyingPartyId, authenticatorAttachment, createdAt }) {
    const remove = button("Delete");
    onPress(remove, section, async () => {
      await client.passkeyOperations.delete({ credentialId });
      await load();
      return "The passkey is deleted. Your device may still keep it: remove it there too.";
    });
    return row(
      friendlyCredentialName ?? "Passkey",
      "",
      [
        ["Made", createdAt && dayAndTime(createdAt)],
        ["For", relyingPartyId],
        ["Kept by", { platform: "this device", "cross-platform": "another device or a key" }[authenticatorAttachment]],
        ["Id", credentialId],
      ],
      remove,
    );
  }

  return { clear: () => clearRows("passkeys") };
}
