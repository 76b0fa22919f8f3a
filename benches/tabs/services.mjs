// The two services, each as a race uses it: tokens of the sign-in expire at once, those of the race do not, and a
// refresh token that was used once is refused from then on.
//
//   expectSignIn()   forgets the race before; gives what the clients have to know
//   expectRace()     lifetimes as usual, a refresh takes its time, and the count begins
//   refreshes()      [{ reuse }], one for each refresh call since

import { DEFAULT_POOL, start } from "../../tests/support/emulator.mjs";
import { listen } from "./token-server.mjs";

/** How long the tokens of the sign-in live, in seconds. */
export const SIGN_IN_LIFETIME = 1;
const RACE_LIFETIME = 3600;

const USER = { username: "alice", email: "alice@example.com", password: "Correct-Horse-1" };

/** Amazon Cognito: an app client with refresh token rotation, without grace. */
export async function startEmulator(latencyMs) {
  const emulator = await start();
  const clientId = DEFAULT_POOL.rotatingClientId;
  const setLifetime = (seconds) => emulator.setTokenLifetimes({ clientId, accessToken: seconds, idToken: seconds });
  return {
    async expectSignIn() {
      await emulator.reset();
      await emulator.createUser(USER);
      await setLifetime(SIGN_IN_LIFETIME);
      return { ...USER, url: emulator.url, region: DEFAULT_POOL.region, userPoolId: DEFAULT_POOL.userPoolId, clientId };
    },
    async expectRace() {
      await setLifetime(RACE_LIFETIME);
      await emulator.fault({ operation: "GetTokensFromRefreshToken", count: null, fault: { latencyMs } });
      await emulator.clearRequests();
    },
    refreshes: async () => (await emulator.refreshes({ clientId })).map(({ refresh }) => ({ reuse: refresh.reuse })),
    close: () => emulator.close(),
  };
}

/** The token endpoint of an OAuth provider. */
export async function startTokenServer(latencyMs) {
  const server = await listen();
  return {
    async expectSignIn() {
      server.reset({ lifetime: SIGN_IN_LIFETIME, latencyMs: 0 });
      return { ...USER, url: server.url, clientId: "bench" };
    },
    async expectRace() {
      server.reset({ lifetime: RACE_LIFETIME, latencyMs });
    },
    refreshes: async () => server.refreshes(),
    close: async () => server.close(),
  };
}
