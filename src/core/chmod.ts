/**
 * Changes of permissions on their way to a target, as rsync's `--chmod` reads and applies them: symbolic
 * (`u+rw,go-w`), octal (`F644`), for directories (`D`) or everything else (`F`) only, separated by commas.
 */

/** One change of the list. */
export interface ChmodRule {
  readonly only: "directories" | "files" | null;
  /** Whose bits: 0o100 the user's, 0o010 the group's, 0o001 the others'; 0 if nobody is named. */
  readonly who: number;
  /** The same for set-user-id, set-group-id and sticky. */
  readonly special: number;
  readonly op: "+" | "-" | "=" | "octal";
  /** Permissions as in one octal digit, the whole mode for `octal`, or whose permissions are copied. */
  readonly what: number | "u" | "g" | "o";
  /** The special bits that are named: those of `who` for `s`, and sticky for `t`. */
  readonly extra: number;
  /** True if `x` goes only to directories and to what somebody may execute already. */
  readonly onlyIfExecutable: boolean;
}

const shifts = { u: 6, g: 3, o: 0 } as const;
const everybody = 0o111;
const setIds = 0o6000;
const sticky = 0o1000;

/** Reads a list of changes; null if it is none. */
export function parseChmod(text: string): readonly ChmodRule[] | null {
  const rules = text.split(",").map(parseRule);
  return rules.every((rule) => rule !== null) ? rules : null;
}

function parseRule(text: string): ChmodRule | null {
  const octal = /^(D*|F*)([0-7]{1,5})$/.exec(text);
  if (octal !== null) {
    const what = Number.parseInt(octal[2]!, 8);
    if (what > 0o7777) return null;
    return { ...base(octal[1]!), who: 0, special: 0, op: "octal", what, extra: 0, onlyIfExecutable: false };
  }
  const match = /^(D*|F*)([ugoa]*)([-+=])([ugo]|[rwxXst]*)$/.exec(text);
  if (match === null) return null;
  const [, kind, names, op, perms] = match as unknown as [string, string, string, ChmodRule["op"], string];
  const has = (letters: string, letter: string) => letters.includes(letter);
  const all = has(names, "a");
  const who =
    (all || has(names, "u") ? 0o100 : 0) |
    (all || has(names, "g") ? 0o010 : 0) |
    (all || has(names, "o") ? 1 : 0);
  const owned = (all || has(names, "u") ? 0o4000 : 0) | (all || has(names, "g") ? 0o2000 : 0);
  if (perms === "u" || perms === "g" || perms === "o") {
    const special = who === 0 ? setIds | sticky : owned | (all || has(names, "o") ? sticky : 0);
    return { ...base(kind), who, special, op, what: perms, extra: 0, onlyIfExecutable: false };
  }
  const what =
    (has(perms, "r") ? 4 : 0) | (has(perms, "w") ? 2 : 0) | (has(perms, "x") || has(perms, "X") ? 1 : 0);
  // For nobody in particular, and for the others, set-id means the user's.
  // (In rsync this set-id takes the place of a sticky bit that was named before it.)
  const isSticky = has(perms, "t") && (owned !== 0 || perms.lastIndexOf("t") > perms.lastIndexOf("s"));
  const extra = (has(perms, "s") ? owned || 0o4000 : 0) | (isSticky ? sticky : 0);
  const special = extra === 0 ? 0 : owned;
  return { ...base(kind), who, special, op, what, extra, onlyIfExecutable: has(perms, "X") };
}

function base(kind: string): Pick<ChmodRule, "only"> {
  return { only: kind === "" ? null : kind.startsWith("D") ? "directories" : "files" };
}

/** The mode (with set-id and sticky) that `mode` becomes. What nobody is named for spares the bits of `umask`. */
export function applyChmod(
  rules: readonly ChmodRule[],
  mode: number,
  isDirectory: boolean,
  umask: number,
): number {
  const wasExecutable = (mode & everybody) !== 0;
  let now = mode;
  for (const rule of rules) {
    if (rule.only !== null && (rule.only === "directories") !== isDirectory) continue;
    if (rule.op === "octal") {
      now = rule.what as number;
      continue;
    }
    const perms = typeof rule.what === "number" ? rule.what : (now >> shifts[rule.what]) & 7;
    const bits = (rule.who === 0 ? (everybody * perms) & ~umask : rule.who * perms) | rule.extra;
    if (rule.op === "-") {
      now &= ~bits;
      continue;
    }
    if (rule.op === "=") now &= ~(((rule.who === 0 ? everybody : rule.who) * 7) | rule.special);
    now |= rule.onlyIfExecutable && !wasExecutable && !isDirectory ? bits & ~everybody : bits;
  }
  return now & 0o7777;
}
