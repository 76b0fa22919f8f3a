// The first steps, which fold away once they are done: when a user who has signed in here has signed out.
import { byId } from "./dom.js";

const KEY = "demo/first-steps";

export function startHelp(client) {
  const help = byId("first-steps");
  if (localStorage.getItem(KEY)) help.open = false;
  let wasSignedIn = false;
  client.on(
    "userState",
    ({ userState }) => {
      if (userState === "signedIn") wasSignedIn = true;
      if (userState !== "signedOut" || !wasSignedIn) return;
      localStorage.setItem(KEY, "done");
      help.open = false;
      byId("recipes").open = true;
    },
    { immediate: true },
  );
}
