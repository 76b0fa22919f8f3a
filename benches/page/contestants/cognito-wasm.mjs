// This package's arithmetic, compiled as the package is (see ../../srp-wasm). Loading is not part of the sign-in maths:
// every contestant's script has been loaded and evaluated before it is timed, and so has the wasm.

import init, { Attempt } from "bench:srp-wasm";

await init({ module_or_path: new URL("/srp_wasm_bg.wasm", location.href) });

export async function begin(poolName) {
  const attempt = new Attempt(crypto.getRandomValues(new Uint8Array(32)));
  return {
    srpA: attempt.srpA,
    async prove({ userId, password, salt, srpB, secretBlock, timestamp }) {
      try {
        return attempt.prove(poolName, userId, password, salt, srpB, secretBlock, timestamp);
      } finally {
        attempt.free();
      }
    },
  };
}
