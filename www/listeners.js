// The log of the calls of user state listeners, and buttons to try several, well and badly behaved.
import { byId, element } from "./dom.js";
import { shortened } from "./claims.js";
import { timeOfDay } from "./words.js";

export function startListenerLog(client) {
  const removers = [];

  const add = (kind, behave = () => {}) => {
    const name = `Listener ${removers.length + 1}`;
    removers.push(
      client.addUserStateListener((state, info) => {
        log(name, state, info);
        behave(state);
      }),
    );
    tell(`${name} added: ${kind}`, removers.length);
  };

  byId("add-listener").addEventListener("click", () => add("it listens."));
  byId("add-throwing-listener").addEventListener("click", () =>
    add("it throws whenever it is called, and the others are called all the same.", () => {
      throw new Error("This listener throws, as asked.");
    }),
  );
  byId("add-leaving-listener").addEventListener("click", () =>
    add("it signs out every user who signs in.", (state) => {
      if (state === "signedIn") client.signOut();
    }),
  );
  byId("remove-listener").addEventListener("click", () => {
    if (removers.length === 0) return tell("There is none to remove.", 0);
    removers.pop()();
    tell(`Listener ${removers.length + 1} removed.`, removers.length);
  });

  add("it is the page's own.");
}

function tell(news, count) {
  byId("listeners").textContent = `${news} ${count === 1 ? "One is" : `${count} are`} listening.`;
}

function log(name, state, info) {
  byId("log-empty").hidden = true;
  const told = element("dl", { className: "facts" });
  for (const [key, value] of Object.entries(info)) {
    told.append(element("div", {}, element("dt", {}, key), element("dd", {}, redacted(key, value))));
  }
  byId("log").append(
    element("li", {}, element("time", {}, timeOfDay(Date.now())), " ", element("b", {}, name), " ", badge(state), told),
  );
}

function badge(state) {
  const node = element("span", { className: "badge" }, state);
  node.dataset.state = state;
  return node;
}

const redacted = (key, value) => (/token/i.test(key) ? shortened(String(value)) : String(value));
