// The user, the tokens, signing out, and deleting the account.
import { byId } from "../dom.js";
import { addDonePlace, attempt, onSubmit } from "../forms.js";
import { showTokens } from "../claims.js";
import { dayAndTime, fromNow } from "../words.js";

export function startOverview(client, page) {
  page.whenShown("overview", () => {
    byId("account-username").textContent = client.username ?? "";
    byId("account-sub").textContent = client.userSub ?? "";
  });

  // Not onSubmit: several of these may be under way at once, and the client must cope.
  const tokensForm = byId("tokens-form");
  addDonePlace(tokensForm);
  tokensForm.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(tokensForm, async () => {
      const forceRefresh = tokensForm.elements.forceRefresh.checked;
      const tokens = await client.getTokens({ forceRefresh });
      if (!page.signedIn()) return undefined; // signed out meanwhile
      showTokens(byId("tokens"), tokens);
      const until = tokens.expiration.getTime();
      return `The tokens are good until ${dayAndTime(until)}, ${fromNow(until)}.`;
    });
  });

  onSubmit(byId("sign-out-form"), ({ signOutGlobally, invalidateTokens }) =>
    client.signOut({ signOutGlobally: signOutGlobally === "on", invalidateTokens: invalidateTokens === "on" }),
  );

  const deleteForm = byId("delete-user-form");
  onSubmit(deleteForm, async () => {
    await client.deleteUser();
    page.go("sign-up", "Your account is deleted.");
  });

  return {
    clear() {
      byId("tokens").replaceChildren();
      tokensForm.querySelector(".done").replaceChildren();
      deleteForm.reset();
      deleteForm.querySelector("details").open = false;
    },
  };
}
