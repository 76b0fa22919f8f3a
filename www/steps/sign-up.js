// Signing up, confirming it, and going straight in from there.
import { byId } from "../dom.js";
import { attempt, onSubmit } from "../forms.js";
import { codeSent } from "../words.js";

export function startSignUp(client, page, challenge) {
  const signUp = byId("sign-up-form");
  const confirm = byId("confirm-form");
  const autoSignIn = byId("auto-sign-in-form");

  const offerPassword = () => {
    const hasPassword = !byId("sign-up-passwordless").checked;
    byId("sign-up-secret").hidden = !hasPassword;
    byId("sign-up-password").required = hasPassword;
  };
  byId("sign-up-passwordless").addEventListener("change", offerPassword);

  onSubmit(signUp, async ({ username, password, email, phone, passwordless }) => {
    const { signUpConfirmationState, codeDeliveryDetails } = await client.signUp({
      username,
      ...(passwordless ? {} : { password }),
      userAttributes: { email, ...(phone ? { phone_number: phone } : {}) },
    });
    page.enterUsername(username);
    signUp.reset();
    offerPassword();
    if (signUpConfirmationState === "confirmed") return page.go("sign-in", "Your account is ready. Sign in.");
    page.go("confirm", `Your account is made. ${codeSent(codeDeliveryDetails)}`);
  });

  onSubmit(confirm, async ({ username, code }) => {
    await client.confirmSignUp({ username, confirmationCode: code.trim() });
    confirm.reset();
    page.enterUsername(username);
    offerToGoIn("Your account is confirmed. Sign in.");
  });

  byId("resend").addEventListener("click", () =>
    attempt(confirm, async () => {
      const { username } = confirm.elements;
      if (!username.reportValidity()) return undefined;
      const { codeDeliveryDetails } = await client.resendSignUpCode({ username: username.value });
      return codeSent(codeDeliveryDetails);
    }),
  );

  onSubmit(autoSignIn, async () => challenge.take(await client.autoSignIn()));

  // The client keeps the confirmation's session over a reload. Whether it has one it does not say before it is asked, so
  // the page remembers that in its history's entry, which lasts as long.
  const offerToGoIn = (news) => page.go("sign-in", news, { confirmed: true });
  page.whenShown("sign-in", () => (autoSignIn.hidden = !history.state?.confirmed));
}
