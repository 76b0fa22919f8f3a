// Remembers what a page says and breaks from its very start: console output, policy violations, uncaught errors.
globalThis.probe = { said: [], violations: [], uncaught: [] };

for (const level of ["debug", "log", "info", "warn", "error", "trace"]) {
  const original = console[level].bind(console);
  console[level] = (...words) => {
    probe.said.push(
      words.map((word) => (typeof word === "string" ? word : `${word} ${JSON.stringify(word)}`)).join(" "),
    );
    original(...words);
  };
}
document.addEventListener("securitypolicyviolation", (event) =>
  probe.violations.push(`${event.effectiveDirective}: ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`),
);
addEventListener("error", (event) => probe.uncaught.push(String(event.error ?? event.message)));
addEventListener("unhandledrejection", (event) => probe.uncaught.push(String(event.reason)));
