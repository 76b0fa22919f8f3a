import { toAuthError } from "./errors.ts";
import { Listeners } from "./listeners.ts";
import { own } from "./plain.ts";
import type {
  AccessTokenClaims,
  AuthEvents,
  IdTokenClaims,
  SessionToken,
  Snapshot,
  Tokens,
  UserStateInfo,
  UserStateListenOptions,
} from "./types.ts";
import type { Host } from "./wasm.ts";

/** How far the wall clock may be set back before tokens from the cache are not trusted any more, in milliseconds. */
const CLOCK_TOLERANCE = 5000;

/** What is known before `initialize`, and on a server. */
export const BEFORE_INITIALIZE: Snapshot = Object.freeze({
  userState: "unknown",
  isSignedIn: false,
  username: undefined,
  userSub: undefined,
  email: undefined,
  name: undefined,
  reason: undefined,
  storage: undefined,
  isOnline: true,
});

/**
 * What is known without waiting, and what is notified when it changes. The core hands it one notice after the other; what
 * listeners do meanwhile makes the next notice, never one in between.
 */
export class State implements Host {
  readonly subscribers = new Listeners<[]>();
  readonly events: { readonly [Name in keyof AuthEvents]: Listeners<[AuthEvents[Name]]> } = {
    userState: new Listeners(),
    tokensRefreshed: new Listeners(),
    tokenRefreshFailed: new Listeners(),
    offline: new Listeners(),
    online: new Listeners(),
  };
  #snapshot = BEFORE_INITIALIZE;
  #info: UserStateInfo = {};
  #cached: Cached | undefined;
  #isOver = false;

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /**
   * The session's tokens, as long as both clocks say that they are usable: the wall clock may have been set to anything,
   * and the other one may have stood still while the device slept. Where one disagrees the core decides.
   */
  get usableTokens(): Tokens | undefined {
    const cached = this.#cached;
    if (cached === undefined) return undefined;
    const now = Date.now();
    const isUsable = cached.from <= now && now < cached.until && performance.now() < cached.deadline;
    return isUsable ? cached.tokens : undefined;
  }

  /** The tokens of the core's text: the same object as before while they are the same. */
  toTokens({ idToken, accessToken, expiresAt }: TokensText): Tokens {
    const known = this.#cached?.tokens;
    const isKnown =
      known?.idToken.tokenString === idToken.tokenString &&
      known.accessToken.tokenString === accessToken.tokenString &&
      known.expiration.getTime() === expiresAt * 1000;
    if (isKnown) return known;
    // Many callers are handed the same objects.
    return frozen({
      idToken: new Token(idToken),
      accessToken: new Token(accessToken),
      expiration: new Date(expiresAt * 1000),
    });
  }

  /** Adds a user state listener; with `immediate` it is also called once for the present state. */
  addUserStateListener(
    listener: (event: AuthEvents["userState"]) => void,
    options: UserStateListenOptions,
    key?: unknown,
  ): () => void {
    const remove = this.events.userState.add(listener, options, key);
    // Not before this returns, so that the listener can use what removes it.
    if (options.immediate) queueMicrotask(() => this.#deliverPresent());
    return remove;
  }

  isListening(): boolean {
    return !this.events.userState.isEmpty;
  }

  changed(
    snapshotText: string,
    infoText: string,
    isStateChange: boolean,
    eventName?: string,
    eventText?: string,
  ): void {
    if (this.#isOver) return;
    const change = own(JSON.parse(snapshotText) as SnapshotText);
    const before = { snapshot: this.#snapshot, tokens: this.#cached?.tokens };
    this.#cached = change.tokens && this.#toCached(change.tokens);
    const next = toSnapshot(change);
    if (!isSame(next, this.#snapshot)) this.#snapshot = next;
    if (this.#snapshot !== before.snapshot || this.#cached?.tokens !== before.tokens) this.subscribers.deliver();
    this.#info = frozen(JSON.parse(infoText) as UserStateInfo);
    if (isStateChange) this.events.userState.deliver(this.#userState());
    else this.#deliverPresent();
    if (eventName !== undefined) this.#emit(eventName as keyof AuthEvents, eventText ?? "{}");
  }

  /** Whether the session goes on is not known: only the stored one counts, which the next page finds. */
  lost(_errorText: string): void {
    // Later notices are ignored: after a panic the state of the WebAssembly may be inconsistent.
    this.#isOver = true;
    this.#info = {};
    this.#cached = undefined;
  }

  /** Forgets everything and everybody. */
  close(): void {
    this.#isOver = true;
    this.#snapshot = BEFORE_INITIALIZE;
    this.#info = {};
    this.#cached = undefined;
    for (const listeners of [this.subscribers, ...Object.values(this.events)]) listeners.close();
  }

  /** To the listeners that wait for it, once `initialize` has found the state. */
  #deliverPresent(): void {
    if (this.#snapshot.userState !== "unknown") this.events.userState.deliverPresent(this.#userState());
  }

  #userState(): AuthEvents["userState"] {
    return Object.freeze({ userState: this.#snapshot.userState, info: this.#info });
  }

  #toCached(text: CachedText): Cached {
    return {
      tokens: this.toTokens(text),
      from: text.receivedAt - CLOCK_TOLERANCE,
      until: text.usableUntil,
      deadline: performance.now() + text.usableFor,
    };
  }

  #emit(name: keyof AuthEvents, text: string): void {
    switch (name) {
      case "tokensRefreshed": {
        const tokens = this.#cached?.tokens;
        if (tokens) this.events[name].deliver(Object.freeze({ tokens }));
        break;
      }
      case "tokenRefreshFailed":
        this.events[name].deliver(Object.freeze({ error: toAuthError(text) }));
        break;
      case "offline":
      case "online":
        this.events[name].deliver(Object.freeze({}));
        break;
    }
  }
}

/** A token that a template text takes as it is: `Bearer ${accessToken}`. */
class Token<Claims> implements SessionToken<Claims> {
  readonly tokenString: string;
  declare readonly claims?: Claims;

  constructor({ tokenString, claims }: TokenText<Claims>) {
    this.tokenString = tokenString;
    if (claims !== undefined) this.claims = claims;
  }

  toString(): string {
    return this.tokenString;
  }
}

/** Tokens, and between which times they may be handed out without asking the core. */
interface Cached {
  readonly tokens: Tokens;
  /** By the wall clock. */
  readonly from: number;
  readonly until: number;
  /** By the clock that only runs forward. */
  readonly deadline: number;
}

/** What the core's `getTokens` resolves with. */
export interface TokensText {
  readonly idToken: TokenText<IdTokenClaims>;
  readonly accessToken: TokenText<AccessTokenClaims>;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

type TokenText<Claims> = Omit<SessionToken<Claims>, "toString">;

/** The same, when it comes with a snapshot. All in milliseconds. */
interface CachedText extends TokensText {
  /** When they arrived, by the wall clock. */
  readonly receivedAt: number;
  /** From then on they are to be renewed first, by the wall clock. */
  readonly usableUntil: number;
  /** How long that is from now. */
  readonly usableFor: number;
}

/** A change as the core describes it; members without a value are left out. */
type SnapshotText = Partial<Snapshot> & Pick<Snapshot, "userState" | "isOnline"> & { readonly tokens?: CachedText };

function toSnapshot({ userState, username, userSub, email, name, reason, storage, isOnline }: SnapshotText): Snapshot {
  return Object.freeze({
    userState,
    isSignedIn: username !== undefined,
    username,
    userSub,
    email,
    name,
    reason,
    storage,
    isOnline,
  });
}

function isSame(a: Snapshot, b: Snapshot): boolean {
  return (Object.keys(a) as (keyof Snapshot)[]).every((name) => a[name] === b[name]);
}

/** With everything in it. */
function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
