// Data of an app or of the core, copied so that nothing is read but what it holds itself. Where a script of the page has
// changed `Object.prototype`, every ordinary object seems to have members that were never given.

/** The members that the object itself has. What it has not is `undefined`. */
export function own<Value extends object>(value: Value): Value {
  return Object.assign(Object.create(null), value);
}

/**
 * A copy of plain data, for `JSON.stringify`. Its objects have no prototype, so that no `toJSON` is found there either.
 *
 * @param refuse throws the error for what is no plain data, named by the outermost member that it is in, and by what that has
 * to be. Without a name where JSON has no word for it.
 */
export function toPlain(value: object, refuse: (name: string, reason: string) => void): unknown {
  const copy = (part: unknown, name: string, above: readonly object[]): unknown => {
    // The one would be read as nothing, the other not at all.
    if (typeof part === "number" && !Number.isFinite(part)) refuse(name, `a number; it is ${part}`);
    if (isTorn(part)) refuse(name, "well-formed text; it has half of a surrogate pair, such as a cut emoji");
    if (["bigint", "function", "symbol"].includes(typeof part)) refuse("", "");
    if (typeof part !== "object" || part === null) return part;
    if (!isPlain(part) || above.includes(part)) refuse("", "");
    const within = [...above, part];
    if (Array.isArray(part)) {
      const items = Array.from({ length: part.length }, (_, index) => copy(part[index], name, within));
      return Object.setPrototypeOf(items, null);
    }
    const members = own(part as Record<string, unknown>);
    for (const key of Object.keys(members)) {
      const outermost = above.length === 0 ? key : name;
      if (isTorn(key)) refuse(outermost, "well-formed text; it has half of a surrogate pair, such as a cut emoji");
      members[key] = copy(members[key], outermost, within);
    }
    return members;
  };
  return copy(value, "", []);
}

/** Whether it is text that was cut in the middle of a character. Not `isWellFormed`, which is younger than our browsers. */
function isTorn(value: unknown): boolean {
  return typeof value === "string" && /\p{Surrogate}/u.test(value);
}

/** By its tag, because an object of another frame has another prototype. */
export function isPlain(value: object): boolean {
  return ["[object Object]", "[object Array]", "[object Module]"].includes(Object.prototype.toString.call(value));
}
