// Runs in the page: times SRP sign-ins of the contestants it is given.

/** @typedef {{ name: string, aMs: number, claimMs: number, srpA: string, signature: string, round: number }} Timed */

/**
 * Each round is one sign-in per contestant with that round's challenge, so that other load on the machine hits all
 * alike; who begins rotates.
 *
 * @param {string[]} names contestants, as the files under /contestants/ are called
 * @param {object[]} challenges one per round
 * @returns {Promise<Timed[]>}
 */
export async function signIns(names, challenges) {
  const contestants = [];
  for (const name of names) contestants.push({ name, module: await import(`/contestants/${name}.js`) });
  const results = [];
  for (const [round, challenge] of challenges.entries()) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const { name, module } = contestants[(round + turn) % contestants.length];
      // A task of its own: what the one before left behind (microtasks, messages) is not charged to the next.
      await new Promise((resolve) => setTimeout(resolve));
      results.push({ name, round, ...(await signIn(module, challenge)) });
    }
  }
  return results;
}

async function signIn(contestant, challenge) {
  const start = performance.now();
  const attempt = await contestant.begin(challenge.poolName);
  const begun = performance.now();
  const signature = await attempt.prove(challenge);
  const end = performance.now();
  return { aMs: begun - start, claimMs: end - begun, srpA: attempt.srpA, signature };
}
