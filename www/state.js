// The user's state in the page's head, and the way out of it.
import { byId } from "./dom.js";
import { showFormError } from "./errors.js";

export function showUserState({ userState, username, isSignedIn, isOnline }) {
  const badge = byId("user-state");
  badge.dataset.state = userState;
  badge.textContent = userState;
  byId("user-name").textContent = username ?? "";
  byId("sign-out").hidden = !isSignedIn;
  byId("offline").hidden = isOnline;
}

/** Signs out from every part of the page. An error is shown beside the form that has the choices. */
export function startSignOut(client, page) {
  byId("sign-out").addEventListener("click", async () => {
    try {
      await client.signOut();
    } catch (error) {
      page.go("overview");
      showFormError(byId("sign-out-form"), error);
    }
  });
}
