// npm start [-- --port N]: installs and builds what is missing, then runs the emulator and the demo page in one process.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { build } from "./build.mjs";
import { at, ENV, inTarget, ROOT } from "./lib/project.mjs";
import { readOptions } from "./lib/options.mjs";
import { main, run, Stop } from "./lib/run.mjs";
import { ensureBuildTools, ensureNode } from "./lib/tools.mjs";

const DEFAULT_PORT = 7665;
const HOST = "127.0.0.1";
const EMULATOR = inTarget("debug", "cognito-emulator");

await main(async (args) => {
  ensureNode();
  const port = portFrom(args);
  // Asked before minutes of building, and once more by the emulator itself.
  await ensureFree(port);
  const isFirst = !existsSync(EMULATOR);
  if (isFirst)
    console.log(
      "The first start installs and compiles what is missing: three to five minutes on two cores. The next ones take seconds.",
    );
  await ensureBuildTools();
  if (isFirst) console.log("\nCompiling the emulator: about a minute.");
  await run("cargo", ["build", "--package", "cognito-emulator"]);
  if (isFirst) console.log("\nCompiling the library to WebAssembly, and the package around it: about a minute.");
  await build();
  await serve(port);
});

function portFrom(args) {
  const value = readOptions(args, { port: { type: "string" } }, "npm start [-- --port N]").port ?? String(DEFAULT_PORT);
  const port = Number(value);
  if (!/^\d+$/.test(value) || port < 1 || port > 65535)
    throw new Stop(`"${value}" is no port: give a number from 1 to 65535.`);
  return port;
}

function ensureFree(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (problem) => {
      const reason = problem.code === "EADDRINUSE" ? "is in use" : `cannot be used (${problem.code})`;
      reject(
        new Stop(
          `Port ${port} ${reason}. End the program that has it, or choose another: npm start -- --port ${port + 1}`,
        ),
      );
    });
    probe.listen(port, HOST, () => probe.close(resolve));
  });
}

/** Runs the emulator until it ends or we are told to. */
async function serve(port) {
  // The demo page has two links that lead out of its directory (linkDemo in build.mjs).
  const links = [at("dist"), at("node_modules", "lean-qr", "index.mjs")].flatMap((target) => ["--follow", target]);
  const emulator = spawn(EMULATOR, ["--port", String(port), "--serve", at("www"), ...links], {
    cwd: ROOT,
    env: ENV,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      asked = true;
      emulator.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
    });
  }
  createInterface({ input: emulator.stdout }).on("line", (text) => {
    // Passkeys belong to a name and not to an address, and every browser takes this name for this machine.
    const address = /http:\S+/.exec(text)?.[0].replace(HOST, "localhost");
    console.log(
      text.startsWith("cognito-emulator listening")
        ? `\nThe demo and the emulator are at ${address}/ (Ctrl-C ends them)`
        : text,
    );
  });
  const code = await new Promise((resolve, reject) => {
    emulator.once("error", (cause) => reject(new Stop(`${EMULATOR} could not be started: ${cause.message}`)));
    emulator.once("exit", resolve);
  });
  if (!asked) throw new Stop(`The emulator ended by itself (exit ${code}).`);
}
