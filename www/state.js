// The user state in the page's head, live.
import { byId } from "./dom.js";

export function showUserState({ userState, username }) {
  const badge = byId("user-state");
  badge.dataset.state = userState;
  badge.textContent = userState;
  byId("user-name").textContent = username ?? "";
}
