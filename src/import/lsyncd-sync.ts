/** lsyncd's `sync{}`. */
import { MirrorDraft } from "./draft.ts";
import type { ImportedMirror, Notes } from "./imported.ts";
import { applyLsyncdRsync, textsOf } from "./lsyncd-rsync.ts";
import { applyTiming, shown } from "./lsyncd-settings.ts";
import { BuiltIn, type LuaField, LuaTable, Unknown } from "./lua-value.ts";
import { applyRsyncArguments } from "./rsync-arguments.ts";
import { applySshArguments, applySshSetting } from "./ssh-command.ts";
import { readTargetText } from "./target-text.ts";

/** How deep configurations may be built on each other. */
const depthMax = 20;

/** lsyncd's own configurations; what does the work is the same in tsync. */
const builtIns = ["default.rsync", "default.rsyncssh", "default.direct"];

/** What has no equal, and why. */
const syncNotes: Readonly<Record<string, string>> = {
  batchSizeLimit: "parallel = 2 or more keeps a large file from holding up the others",
  crontab: "let a timer (cron, systemd) restart tsync watch: it compares everything at each start",
  xargs: "removals travel in batches over the open connection, without xargs",
  tunnel:
    "name the ssh server itself as target (user@host:/path), or keep the tunnel up by other means and name its port",
};

/** What is code, or steers code. */
const codeKeys =
  /^(on(Attrib|Create|Modify|Delete|Move|Startup|Full)|action|collect|prepare|init|full|checkgauge|(rsync|ssh)?exitcodes)$/i;

/** The mirror that `sync` asks for; null if there is none, and `notes` then say why. */
export function lsyncdMirror(sync: LuaTable, notes: Notes): ImportedMirror | null {
  const draft = new MirrorDraft();
  const fields = new Map<string, LuaField>();
  const base = inherit(sync, fields, draft, 0);
  draft.set("delete", "exact");
  applyRsyncArguments(draft, ["--links", "--times"]);
  if (base === null)
    draft.notes.warn(
      "sync{}: builds on none of lsyncd's own configurations; tsync runs no Lua; a command of your own can be a target (exec)",
      sync.line,
    );
  for (const [name, field] of fields) applyField(draft, name, field);
  applyDelete(draft, fields);
  applyTarget(draft, fields, sync.line);
  const source = textOf(fields, "source");
  if (source === null)
    draft.notes.warn(`sync{}: has no source that is known${why(fields, "source")}`, sync.line);
  const mirror = source === null ? null : draft.finish(source);
  if (mirror === null) {
    notes.addAll(draft.notes.list.filter(({ warning }) => warning));
  }
  return mirror;
}

/** Gathers the fields of `table` and of what it builds on; what is set in `table` itself counts. */
function inherit(
  table: LuaTable,
  fields: Map<string, LuaField>,
  draft: MirrorDraft,
  depth: number,
): string | null {
  let base: string | null = null;
  for (const [name, field] of table.fields) {
    const outer = fields.get(name);
    if (outer === undefined) fields.set(name, field);
    else if (outer.value instanceof LuaTable && field.value instanceof LuaTable && name !== "exclude")
      fields.set(name, { value: merged(outer.value, field.value), line: outer.line });
  }
  for (const { value, line } of table.list) {
    if (value instanceof BuiltIn && builtIns.includes(value.name)) base = value.name;
    else if (value instanceof LuaTable && depth < depthMax)
      base = inherit(value, fields, draft, depth + 1) ?? base;
    else if (value instanceof BuiltIn) draft.notes.warn(`${value.name}: is unknown`, line);
    else
      draft.notes.warn(
        `sync{}: builds on ${value instanceof Unknown ? value.what : "something unknown"}`,
        line,
      );
  }
  return base;
}

function merged(outer: LuaTable, inner: LuaTable): LuaTable {
  const both = outer.copy();
  for (const [name, field] of inner.fields) if (!both.fields.has(name)) both.fields.set(name, field);
  return both;
}

function applyField(draft: MirrorDraft, name: string, field: LuaField): void {
  const { value, line } = field;
  if (["source", "target", "host", "targetdir", "delete"].includes(name)) return;
  if (applyTiming(draft.options, draft.notes, name, field)) return;
  switch (name) {
    case "init":
      if (typeof value !== "boolean") break;
      if (!value) draft.options.set("initial-sync", false);
      return;
    case "exclude":
      for (const pattern of textsOf(draft, name, field)) draft.rule("-", pattern);
      return;
    case "filter":
      for (const rule of textsOf(draft, name, field))
        applyRsyncArguments(draft, [`--filter=${spaced(rule)}`], line);
      return;
    case "excludeFrom":
      draft.add("exclude-from", ...textsOf(draft, name, field));
      return;
    case "filterFrom":
      draft.add("filter-from", ...textsOf(draft, name, field));
      return;
    case "rsync":
      applyLsyncdRsync(draft, field);
      return;
    case "rsyncOps":
    case "rsyncOpts":
      applyRsyncArguments(draft, textsOf(draft, name, field), line);
      return;
    case "ssh":
      applySsh(draft, field);
      return;
  }
  if (codeKeys.test(name))
    draft.notes.warn(
      `${name}${shown(value)}: tsync runs no Lua; a command of your own can be a target (exec)`,
      line,
    );
  else if (syncNotes[name] !== undefined) draft.notes.warn(`${name}: ${syncNotes[name]}`, line);
  else draft.notes.warn(`${name}${shown(value)}: is nothing that tsync knows, and was left out`, line);
}

/** lsyncd takes `-pattern` as well. */
function spaced(rule: string): string {
  return rule.replace(/^\s*([-+])\s*/, "$1 ");
}

function applyDelete(draft: MirrorDraft, fields: ReadonlyMap<string, LuaField>): void {
  const field = fields.get("delete");
  const starts = draft.options.get("initial-sync") !== false;
  if (field !== undefined) {
    const modes = new Map<unknown, string>([
      [true, draft.options.get("delete") as string],
      [false, "never"],
      ["startup", "startup"],
      ["running", "live"],
    ]);
    const mode = modes.get(field.value);
    if (mode === undefined)
      draft.notes.warn(
        `delete${shown(field.value)}: is none of true, false, "startup", "running"`,
        field.line,
      );
    else draft.set("delete", mode);
  }
  // Without a look at the start, lsyncd removes only what it sees disappear.
  if (!starts && draft.options.get("delete") === "exact") draft.set("delete", "live");
  if (!starts && draft.options.get("delete") === "startup") draft.set("delete", "never");
}

function applyTarget(draft: MirrorDraft, fields: ReadonlyMap<string, LuaField>, line: number): void {
  const host = textOf(fields, "host");
  const directory = textOf(fields, "targetdir");
  const text =
    textOf(fields, "target") ?? (host !== null && directory !== null ? `${host}:${directory}` : directory);
  if (text === null) {
    const reason = why(fields, "target") || why(fields, "targetdir") || why(fields, "host");
    draft.notes.warn(`sync{}: has no target that is known${reason}`, line);
    return;
  }
  if (/\^\w|\$\{/.test(text)) {
    draft.notes.warn(`target "${text}": depends on a tunnel; ${syncNotes.tunnel}`, line);
    return;
  }
  const target = readTargetText(text);
  if ("problem" in target) draft.notes.warn(`sync{}: the target ${target.problem}`, line);
  else draft.target(target);
}

function textOf(fields: ReadonlyMap<string, LuaField>, name: string): string | null {
  const value = fields.get(name)?.value;
  return typeof value === "string" && value !== "" ? value : null;
}

function why(fields: ReadonlyMap<string, LuaField>, name: string): string {
  const value = fields.get(name)?.value;
  return value instanceof Unknown ? `: ${name} is ${value.what}` : "";
}

function applySsh(draft: MirrorDraft, { value, line }: LuaField): void {
  if (!(value instanceof LuaTable)) {
    draft.notes.warn(`ssh${shown(value)}: is no table, and was left out`, line);
    return;
  }
  for (const [name, field] of value.fields) {
    const at = field.line;
    if (name === "port") applySshSetting(draft, "Port", String(field.value), at);
    else if (name === "identityFile") applySshSetting(draft, "IdentityFile", String(field.value), at);
    else if (name === "_extra") applySshArguments(draft, textsOf(draft, name, field), at);
    else if (name === "options" && field.value instanceof LuaTable) {
      for (const [key, option] of field.value.fields)
        applySshSetting(draft, key, String(option.value), option.line);
    } else if (name === "binary")
      draft.notes.note(
        `ssh.binary${shown(field.value)}: tsync speaks ssh itself, and asks ssh -G for its configuration`,
        at,
      );
    else
      draft.notes.warn(`ssh.${name}${shown(field.value)}: is nothing that tsync knows, and was left out`, at);
  }
}
