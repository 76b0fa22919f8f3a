// What a browser can do without a library: native BigInt, right-to-left square-and-multiply, and WebCrypto.
// Written plainly, as a page author would; neither this nor BigInt runs in constant time.

const N = BigInt(
  "0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b" +
    "302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe6" +
    "49286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d" +
    "670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718" +
    "3995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7d" +
    "b3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c" +
    "bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff",
);
const G = 2n;
const K = 0x538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6n;
const utf8 = new TextEncoder();

/** @param {number} secretBits length of the secret exponent a */
export function bigint(secretBits) {
  return { begin: (poolName) => begin(poolName, secretBits) };
}

async function begin(poolName, secretBits) {
  const a = toInt(crypto.getRandomValues(new Uint8Array(secretBits / 8)));
  const A = power(G, a);
  return {
    srpA: A.toString(16),
    async prove({ userId, password, salt, srpB, secretBlock, timestamp }) {
      const B = BigInt(`0x${srpB}`);
      const u = toInt(await sha256(padded(A), padded(B)));
      const identity = await sha256(utf8.encode(`${poolName}${userId}:${password}`));
      const x = toInt(await sha256(padded(BigInt(`0x${salt}`)), identity));
      const S = power(modulo(B - K * power(G, x)), a + u * x);
      const pseudoRandomKey = await hmac(padded(u), padded(S));
      const key = (await hmac(pseudoRandomKey, utf8.encode("Caldera Derived Key\x01"))).slice(0, 16);
      const block = Uint8Array.from(atob(secretBlock), (character) => character.charCodeAt(0));
      const message = [utf8.encode(poolName), utf8.encode(userId), block, utf8.encode(timestamp)];
      return btoa(String.fromCharCode(...(await hmac(key, ...message))));
    },
  };
}

function power(base, exponent) {
  let result = 1n;
  for (let square = base; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

function modulo(value) {
  const remainder = value % N;
  return remainder < 0n ? remainder + N : remainder;
}

/** Shortest big-endian bytes, with a zero in front when the first bit is set. */
function padded(value) {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (hex[0] >= "8") hex = `00${hex}`;
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}

function toInt(bytes) {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(parts)));
}

async function hmac(key, ...parts) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, joined(parts)));
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
