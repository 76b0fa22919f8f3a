// Components over the package, as an app would write them, and beside them what a test needs to count.

import { StrictMode, useSyncExternalStore } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { AWSMobileClient } from "cognito-wasm";

const client = AWSMobileClient.sharedInstance();
const counts = { renders: 0, subscribed: 0, subscriptions: 0, notices: 0 };

/** `client.subscribe`, counted. It has to be the same function at each render. */
function subscribe(onChange) {
  counts.subscribed++;
  counts.subscriptions++;
  const unsubscribe = client.subscribe(() => {
    counts.notices++;
    onChange();
  });
  return () => {
    counts.subscriptions--;
    unsubscribe();
  };
}

const components = {
  Greeting() {
    counts.renders++;
    const { userState, username } = useSyncExternalStore(subscribe, client.getSnapshot);
    return <p>{`${userState} ${username ?? "nobody"}`}</p>;
  },

  Expiry() {
    counts.renders++;
    const tokens = useSyncExternalStore(subscribe, () => client.currentTokens);
    return <p>{tokens ? `valid until ${tokens.expiration.toISOString()}` : "no tokens"}</p>;
  },
};

const place = document.getElementById("root");
let root;

/** Shows a component; effects included, it is there on return. */
function mount(name) {
  const Component = components[name];
  root = createRoot(place);
  flushSync(() => root.render(<StrictMode><Component /></StrictMode>));
}

function unmount() {
  flushSync(() => root.unmount());
}

/** Gives React's scheduler many more turns than it needs for what it has to do. */
async function settle() {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve));
}

Object.assign(globalThis, { page: { client, counts, mount, unmount, settle, text: () => place.textContent } });
