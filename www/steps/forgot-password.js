// A forgotten password: a code is sent, and with it a new one is set.
import { byId } from "../dom.js";
import { onSubmit } from "../forms.js";
import { codeSent } from "../words.js";

export function startForgotPassword(client, page) {
  onSubmit(byId("forgot-form"), async ({ username }) => {
    const { codeDeliveryDetails } = await client.forgotPassword({ username });
    page.enterUsername(username);
    page.go("reset", codeSent(codeDeliveryDetails));
  });

  const reset = byId("reset-form");
  onSubmit(reset, async ({ username, code, password }) => {
    await client.confirmForgotPassword({ username, confirmationCode: code.trim(), newPassword: password });
    reset.reset();
    page.enterUsername(username);
    page.go("sign-in", "Your new password is set. Sign in with it.");
  });
}
