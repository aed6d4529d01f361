/** The `rsync` table of lsyncd's `sync{}`. */
import { archived, type MirrorDraft } from "./draft.ts";
import { shown } from "./lsyncd-settings.ts";
import { type LuaField, LuaTable } from "./lua-value.ts";
import { applyRsyncArguments } from "./rsync-arguments.ts";

/** Takes over the table. Its keys are rsync's options with `_` for `-`. */
export function applyLsyncdRsync(draft: MirrorDraft, { value, line }: LuaField): void {
  if (!(value instanceof LuaTable)) return draft.notes.warn(`rsync${shown(value)}: is no table, and was left out`, line);
  // The single keys count more than what archive and _extra say all at once.
  const rank = ([name]: readonly [string, LuaField]) => ["archive", "_extra"].indexOf(name) >>> 0;
  const fields = [...value.fields].sort((a, b) => rank(a) - rank(b));
  for (const [name, field] of fields) applyKey(draft, name, field);
}

function applyKey(draft: MirrorDraft, name: string, field: LuaField): void {
  const { value, line } = field;
  const long = name.replaceAll("_", "-");
  if (name === "_extra") return applyRsyncArguments(draft, textsOf(draft, name, field), line);
  if (name === "binary" && typeof value === "string") {
    if (value !== "rsync" && value !== "/usr/bin/rsync") draft.set("rsync", value);
    return;
  }
  if (name === "exclude" || name === "filter" || name === "include") {
    return applyRsyncArguments(draft, textsOf(draft, name, field).map((text) => `--${name}=${text}`), line);
  }
  if (name === "excludeFrom") return draft.add("exclude-from", ...textsOf(draft, name, field));
  if (value === true) return applyRsyncArguments(draft, [`--${long}`], line);
  if (typeof value === "string" || typeof value === "number")
    return applyRsyncArguments(draft, [`--${long}=${value}`], line);
  if (value !== false) return draft.notes.warn(`rsync.${name}${shown(value)}: was not understood, and left out`, line);
  // To lsyncd, false is what rsync does by itself.
  if (archived.some((kept) => kept === long)) applyRsyncArguments(draft, [`--no-${long}`], line);
}

/** A text or a list of texts; what else there is becomes a warning. */
export function textsOf(draft: MirrorDraft, name: string, { value, line }: LuaField): string[] {
  const items = value instanceof LuaTable ? value.list : [{ value, line }];
  return items.flatMap((item) => {
    if (typeof item.value === "string") return [item.value];
    if (typeof item.value === "number") return [String(item.value)];
    draft.notes.warn(`${name}${shown(item.value)}: is no text, and was left out`, item.line);
    return [];
  });
}
