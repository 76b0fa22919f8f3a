// The service's side of SRP, with Node's BigInt and crypto: it asks the contestants, and finds out who is wrong.

import { createHash, createHmac, getDiffieHellman, randomBytes } from "node:crypto";

// Group 15 of RFC 3526. Cognito uses its prime with g = 2.
const N = BigInt(`0x${getDiffieHellman("modp15").getPrime("hex")}`);
const G = 2n;
const K = integer(sha256(padded(N), padded(G)));

/**
 * A sign-in as the service sees it: what it sends, and whether an answer proves the password.
 *
 * @returns {{ challenge: object, accepts: (srpA: string, signature: string) => boolean }}
 */
export function newSignIn() {
  const challenge = {
    poolName: "Benchmark1",
    userId: `user-${randomBytes(4).toString("hex")}`,
    password: `Correct-Horse-${randomBytes(6).toString("base64")}`,
    // An even number of digits without a leading zero: what the service gives.
    salt: (integer(randomBytes(16)) | (1n << 124n)).toString(16),
    secretBlock: randomBytes(1024).toString("base64"),
    timestamp: "Sun Nov 1 04:05:06 UTC 2026",
  };
  const { poolName, userId, password, secretBlock, timestamp } = challenge;
  const x = integer(
    sha256(padded(BigInt(`0x${challenge.salt}`)), sha256(Buffer.from(`${poolName}${userId}:${password}`))),
  );
  const verifier = power(G, x);
  const b = integer(randomBytes(32));
  const B = (K * verifier + power(G, b)) % N;
  challenge.srpB = B.toString(16);

  const accepts = (srpA, signature) => {
    const A = BigInt(`0x${srpA}`);
    const u = integer(sha256(padded(A), padded(B)));
    const S = power((A * power(verifier, u)) % N, b);
    const pseudoRandomKey = hmac(padded(u), padded(S));
    const key = hmac(pseudoRandomKey, Buffer.from("Caldera Derived Key\x01")).subarray(0, 16);
    const message = [poolName, userId, Buffer.from(secretBlock, "base64"), timestamp].map((part) => Buffer.from(part));
    return A % N !== 0n && hmac(key, ...message).toString("base64") === signature;
  };
  return { challenge, accepts };
}

function power(base, exponent) {
  let result = 1n;
  for (let square = base; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

/** Java's BigInteger.toByteArray: shortest, with a zero byte in front when the first bit is set. */
function padded(value) {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, "hex");
  return bytes[0] >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function integer(bytes) {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function sha256(...parts) {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

function hmac(key, ...parts) {
  return createHmac("sha256", key).update(Buffer.concat(parts)).digest();
}
