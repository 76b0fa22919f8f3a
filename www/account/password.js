// Another password, or the first one of an account that was made without.
import { byId } from "../dom.js";
import { onSubmit } from "../forms.js";
import { field, form, newPassword, owner, primary } from "../fields.js";
import { addSection } from "./section.js";

export function startPassword(client, page) {
  const change = form(
    "change-password-form",
    [
      ...owner("change-password-username", ""),
      ...field(
        "Current password",
        { id: "current-password", name: "currentPassword", type: "password", autocomplete: "current-password" },
        "Leave it empty if your account has none yet: you then set the first one.",
      ),
      ...newPassword("proposed-password"),
    ],
    primary("Change the password"),
  );
  addSection("password", "Your password", change);
  page.whenShown("password", () => (byId("change-password-username").value = client.username ?? ""));

  onSubmit(change, async ({ currentPassword, password }) => {
    await client.changePassword({ ...(currentPassword ? { currentPassword } : {}), proposedPassword: password });
    change.reset();
    byId("change-password-username").value = client.username ?? "";
    return "Your password is changed.";
  });

  return { clear: () => change.reset() };
}
