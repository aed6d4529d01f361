/** Takes over arguments of rsync into a mirror's options. */
import { readAmount } from "./amount.ts";
import type { MirrorDraft } from "./draft.ts";
import { type NumberFlag, type RsyncFlag, rsyncFlags, rsyncLetters } from "./rsync-flags.ts";
import { applyRemoteShell } from "./ssh-command.ts";

/** Where `--partial` keeps its pieces: beside nothing that is mirrored. */
const partialDir = ".rsync-partial";

/** What rsync leaves out with `--cvs-exclude`, by its manual. */
const cvsPatterns =
  "RCS SCCS CVS CVS.adm RCSLOG cvslog.* tags TAGS .make.state .nse_depinfo *~ #* .#* ,* _$* *$ *.old *.bak *.BAK " +
  "*.orig *.rej .del-* *.a *.olb *.o *.obj *.so *.exe *.Z *.elc *.ln core .svn/ .git/ .hg/ .bzr/";

/** Takes over `args`, which stand on `line`. */
export function applyRsyncArguments(draft: MirrorDraft, args: readonly string[], line?: number): void {
  const queue = [...args];
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg.startsWith("--") && arg.length > 2) {
      const equals = arg.indexOf("=");
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      if (takesValue(name))
        applyOne(draft, name, equals < 0 ? (queue.shift() ?? "") : arg.slice(equals + 1), line);
      else applyOne(draft, name, equals < 0 ? null : arg.slice(equals + 1), line);
      continue;
    }
    if (!arg.startsWith("-") || arg === "-") {
      draft.notes.warn(`rsync argument ${arg}: is no option, and was left out`, line);
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at]!;
      const name = rsyncLetters[letter];
      if (name === undefined) {
        draft.add("rsync-arg", `-${letter}`);
        continue;
      }
      if (takesValue(name)) {
        applyOne(draft, name, arg.slice(at + 1).replace(/^=/, "") || (queue.shift() ?? ""), line);
        break;
      }
      applyOne(draft, name, null, line);
    }
  }
}

function flagOf(name: string): RsyncFlag | null {
  return Object.hasOwn(rsyncFlags, name) ? rsyncFlags[name]! : null;
}

function takesValue(name: string): boolean {
  const flag = flagOf(name);
  if (flag === null) return false;
  if (flag.is === "none") return flag.value === true;
  return ["text", "list", "count", "size", "rate", "seconds", "rule", "rsh", "handed"].includes(flag.is);
}

/** Takes over one option; `value` is null if it has none. */
function applyOne(draft: MirrorDraft, name: string, value: string | null, line?: number): void {
  const written = value === null ? `--${name}` : `--${name}=${value}`;
  if (name.startsWith("no-")) {
    applyNegated(draft, name.slice(3), written, line);
    return;
  }
  if (name === "cvs-exclude") {
    for (const pattern of cvsPatterns.split(" ")) draft.rule("-", pattern);
    draft.notes.note("--cvs-exclude: written out below; .cvsignore files and CVSIGNORE are not read", line);
    return;
  }
  if (name === "partial") {
    draft.set("partial-dir", partialDir);
    return;
  }
  const flag = flagOf(name);
  if (flag === null) {
    draft.add("rsync-arg", written);
    return;
  }
  switch (flag.is) {
    case "flag":
      draft.set(flag.name, true);
      return;
    case "kept":
      for (const kept of flag.names) draft.keep(kept, true);
      return;
    case "text":
      draft.set(flag.name, value!);
      return;
    case "list":
      draft.add(flag.name, value!);
      return;
    case "rule":
      applyRule(draft, flag.sign, value!, line);
      return;
    case "delete":
      draft.set("delete", "exact");
      return;
    case "rsh":
      applyRemoteShell(draft, value!, line);
      return;
    case "count":
    case "size":
    case "rate":
    case "seconds":
      applyNumber(draft, flag, value!, line);
      return;
    case "usual":
      return;
    case "handed":
      draft.add("rsync-arg", written);
      return;
    case "none":
      if (name === "P") draft.set("partial-dir", partialDir);
      if (flag.warning) draft.notes.warn(`rsync ${written}: ${flag.why}`, line);
      else draft.notes.note(`rsync ${written}: ${flag.why}`, line);
  }
}

function applyNegated(draft: MirrorDraft, name: string, written: string, line?: number): void {
  const long = name.length === 1 ? (rsyncLetters[name] ?? name) : name;
  const flag = flagOf(long);
  if (long === "partial") draft.options.delete("partial-dir");
  else if (flag?.is === "flag" || flag?.is === "text") draft.set(flag.name, false);
  else if (flag?.is === "kept") for (const kept of flag.names) draft.keep(kept, false);
  else if (flag?.is === "delete") draft.set("delete", "never");
  else if (flag === null && long !== "cvs-exclude") draft.add("rsync-arg", written);
  else if (flag?.is === "usual" && long === "recursive")
    draft.notes.warn(
      `rsync ${written}: tsync mirrors the whole tree; leave directories out with exclude = ["*/"]`,
      line,
    );
}

function applyNumber(draft: MirrorDraft, flag: NumberFlag, value: string, line?: number): void {
  const whole = /^\d+$/.test(value);
  const amount = readAmount(value, flag.is === "rate" ? "K" : "");
  if (flag.is === "count" && whole) draft.set(flag.name, Number(value));
  else if (flag.is === "seconds" && whole) {
    if (Number(value) > 0) draft.set(flag.name, `${value}s`);
  } else if (flag.is === "rate" && amount !== null) {
    if (Number.parseFloat(amount) > 0) draft.set(flag.name, amount);
  } else if (flag.is === "size" && amount !== null) draft.set(flag.name, amount);
  else draft.notes.warn(`rsync --${flag.name}=${value}: was not understood, and left out`, line);
}

/** A rule: a pattern, or with `--filter` its sign and the pattern. */
function applyRule(draft: MirrorDraft, sign: "+" | "-" | "", text: string, line?: number): void {
  const signed = /^(?:([-+])|(exclude|include))[ _](.+)$/s.exec(text);
  if (signed !== null) {
    draft.rule(signed[1] === "+" || signed[2] === "include" ? "+" : "-", signed[3]!);
    return;
  }
  if (sign !== "") {
    draft.rule(sign, text);
    return;
  }
  const from = /^(?:\.|merge)[ _](.+)$/s.exec(text);
  if (from !== null) {
    draft.add("filter-from", from[1]!);
    return;
  }
  if (/^:- ?\.gitignore$/.test(text)) {
    draft.set("gitignore", true);
    return;
  }
  draft.notes.warn(`rsync filter rule "${text}": tsync has rules "- PATTERN" and "+ PATTERN" only`, line);
}
