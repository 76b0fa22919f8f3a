// How a dependency's licence and its versions are judged.

/**
 * Whether an SPDX expression can be met with allowed licences alone. A licence `WITH` an exception is none of them.
 *
 * @param {string | null} expression such as "(MIT OR Apache-2.0) AND Unicode-3.0"
 * @param {string[]} allowed
 */
export function allows(expression, allowed) {
  // An older way to write OR.
  const tokens = (expression ?? "").replaceAll("/", " OR ").match(/[()]|[^\s()]+/g) ?? [];
  const takeIf = (token) => tokens[0] === token && tokens.shift() !== undefined;
  const any = () => {
    let met = all();
    // Both sides are read, whichever is met.
    while (takeIf("OR")) met = all() || met;
    return met;
  };
  const all = () => {
    let met = one();
    while (takeIf("AND")) met = one() && met;
    return met;
  };
  const one = () => {
    if (!takeIf("(")) return allowed.includes(tokens.shift());
    const met = any();
    return takeIf(")") && met;
  };
  return any() && tokens.length === 0;
}

/** The crates of what `cargo metadata` prints that the workspace needs for more than its tests. */
export function usedOutsideTests({ packages, workspace_members: members, resolve }) {
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const used = new Set(members);
  for (const id of used) {
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps)
      if (kinds.some(({ kind }) => kind !== "dev")) used.add(pkg);
  }
  return packages.filter(({ id }) => used.has(id));
}

/** The crates that are there in more than one version: `["name 1.0.0, 2.0.0"]`. */
export function doubled(packages) {
  const versions = new Map();
  for (const { name, version } of packages) versions.set(name, (versions.get(name) ?? new Set()).add(version));
  return [...versions].filter(([, set]) => set.size > 1).map(([name, set]) => `${name} ${[...set].join(", ")}`);
}
