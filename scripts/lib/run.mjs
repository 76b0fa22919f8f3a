// Running commands, and ending a script with one clear line.

import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { ENV, ROOT } from "./project.mjs";

/** A problem the reader can solve: its message is all that is printed. */
export class Stop extends Error {}

/** Runs a script's main function; a {@link Stop} becomes one line and exit code 1. */
export async function main(body) {
  try {
    await body(process.argv.slice(2));
  } catch (problem) {
    if (!(problem instanceof Stop)) throw problem;
    console.error(`\n${problem.message}`);
    process.exitCode = 1;
  }
}

/** Runs a command with its output on ours; a failure stops the script. */
export async function run(command, args, { env = {}, cwd = ROOT } = {}) {
  const { code } = await finished(
    spawn(command, args, { cwd, env: { ...ENV, ...env }, stdio: ["ignore", "inherit", "inherit"] }),
    command,
  );
  if (code !== 0) throw new Stop(`${line(command, args)} failed (exit ${code}).`);
}

// Longer than any layer of tests takes on a slow machine; what hangs is ended while there is still time to say so.
const LIMIT_MINUTES = 20;

/**
 * Runs a command and keeps its output: `{ code, output }`, stdout and stderr in the order they came. The command is ended as
 * soon as its output matches `until`: the rest of it would tell nothing more.
 */
export async function record(command, args, { env = {}, cwd = ROOT, limitMinutes = LIMIT_MINUTES, until } = {}) {
  // A group of its own: tests start drivers and browsers, which have to end with them.
  const child = spawn(command, args, {
    cwd,
    env: { ...ENV, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const take = (text) => {
    output += text;
    if (until?.test(output)) end();
  };
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", take);
  const end = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch (cause) {
      // ESRCH: all of it has ended by itself.
      if (cause.code !== "ESRCH") throw cause;
    }
  };
  const limit = setTimeout(() => {
    output += `\nEnded after ${limitMinutes} minutes.\n`;
    end();
  }, limitMinutes * 60_000);
  const interrupt = () => {
    end();
    process.exit(130);
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const { code } = await finished(child, command);
    return { code, output };
  } finally {
    clearTimeout(limit);
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** What a quick command prints to stdout, or `undefined` when it is missing or fails. */
export function ask(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    cwd: ROOT,
    env: ENV,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Where a command is on the PATH, or `undefined`. */
export function which(command) {
  return ENV.PATH.split(path.delimiter)
    .map((directory) => path.join(directory, command))
    .find(isExecutable);
}

/** A command as the reader would type it. */
export function line(command, args) {
  return [command, ...args].join(" ");
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function finished(child, command) {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new Stop(`${command} could not be started: ${cause.message}`)));
    child.once("close", (code, signal) => resolve({ code: code ?? `by ${signal}` }));
  });
}
