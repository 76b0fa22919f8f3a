// Codes from the mailbox and the authenticator find their form: a field says in `data-takes` which codes it wants.
import { byId } from "./dom.js";

/** What fills in codes for a page. */
export function codeFiller(page) {
  const tell = (why) => page.notify(why);

  /** Moves to where the field is, so that it can be filled in. */
  function reach(field) {
    const section = field.closest("[data-section]")?.dataset.section;
    if (section && !page.signedIn()) return tell("Sign in first, then use the code.");
    if (!section && page.signedIn()) return tell("Sign out first, then use the code.");
    page.go(section ?? field.closest("[data-step]").dataset.step, "The code is filled in.");
    return true;
  }

  return {
    /** A message's code, into the form that it was sent for. */
    useCode({ trigger, username, code, medium }) {
      const field = document.querySelector(`[data-takes~="${trigger}"]`);
      if (!field) return tell("Nothing asks for this code now.");
      if (!reach(field)) return;
      const { username: name, attributeName } = field.form.elements;
      if (name && !name.readOnly) page.enterUsername(username);
      if (attributeName) attributeName.value = medium === "SMS" ? "phone_number" : "email";
      field.form.hidden = false;
      fill(field, code);
    },

    /** A temporary password, into the sign-in form. */
    usePassword({ username, temporaryPassword }) {
      if (page.signedIn()) return tell("Sign out first, then use the password.");
      page.enterUsername(username);
      page.go("sign-in", "The temporary password is filled in.");
      // The form keeps the way that was last chosen, which may have no password.
      byId("sign-in-flow").value = "USER_SRP_AUTH";
      byId("sign-in-flow").dispatchEvent(new Event("change"));
      fill(byId("sign-in-password"), temporaryPassword);
    },

    /** The field on show that wants a code of the authenticator. */
    totpField: () =>
      [...document.querySelectorAll("[data-takes~=totp]")].find((field) => field.getClientRects().length > 0),

    fill,
  };
}

function fill(field, value) {
  field.value = value;
  field.focus();
}
