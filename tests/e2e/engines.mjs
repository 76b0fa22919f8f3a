// Which test files run in which engine. `npm test` runs all of them in Chromium, and in Firefox and WebKitGTK those whose
// result an engine can change; `npm run test:matrix` runs all of them in all three.

/** Files that run in every engine, each with what the engine decides in it. */
export const IN_EVERY_ENGINE = {
  "story": "the whole story, through everything",
  "demo": "layout, names for assistive technology, the keyboard, the policy of the page",
  "demo-passkeys": "passkeys, and which names of a page may have them",
  "events-dispose": "timers, listeners, channels, locks and databases that are to be gone",
  "network": "how a failed fetch is reported",
  "package": "modules, script tags, streamed and blocked WebAssembly, the console",
  "panic": "a trap of the WebAssembly, and the locks that it leaves",
  "refresh-lost": "what becomes of the locks of a page that is closed or crashes",
  "refresh-once": "locks, leases and channels between tabs",
  "sign-in-passkeys": "passkeys, and what is said where there are none",
  "sign-in-resume": "what a reload leaves of a half-done sign-in",
  "storage-choice": "a database that another page holds, and tabs that get a copy of sessionStorage",
  "storage-damage": "records and keys of IndexedDB and localStorage that are damaged",
  "storage-frame": "stores of a page in a frame, partitioned or refused",
  "storage-matrix": "each store, and which one stands in for it",
  "storage-quota": "a store that is full in the middle of a transaction",
  "storage-secrets": "what each store, the console and the memory hold",
  "storage-survival": "pages that are left in the middle of a write, and eviction",
  "tabs-follow": "channels, storage events, the back/forward cache, pages that are hidden",
  "waits-abort": "a fetch, a lock and a wait that are aborted",
};

/** Files that run in Chromium alone: what they test is decided by our own code, over what the files above show of each engine. */
export const IN_CHROMIUM = {
  "demo-account": "forms of the demo page",
  "demo-passwords": "forms of the demo page",
  "demo-questions": "forms of the demo page",
  "demo-sign-up": "forms of the demo page",
  "events-immediate": "the order of notifications, which the facade keeps, and what the facade makes of tokens",
  "events-listeners": "the order of notifications, which the core decides",
  "listeners": "the order of notifications, which the core decides",
  "operations-account": "requests and answers",
  "operations-devices": "requests and answers",
  "operations-factors": "requests and answers; its passkeys need Chromium's authenticator",
  "react": "React over the facade's snapshots",
  "refresh-clock": "clocks, which the test sets",
  "refresh-late": "the order of answers, which the emulator decides",
  "refresh-trouble": "answers of the service",
  "refusals": "answers of the service",
  "requests": "what the service is sent",
  "sign-in-devices": "requests and answers",
  "sign-in-factors": "requests and answers",
  "sign-in-flows": "requests and answers",
  "sign-in-hostile": "answers of the service",
  "sign-in-trouble": "answers of the service",
  "storage-adoption": "sessions that other clients have left in localStorage",
  "waits-settle": "deadlines, by a clock and stores of the test's own",
  "waits-sign-in": "waits, which the core ends",
};
