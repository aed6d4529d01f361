/** The `rsync` table of lsyncd's `sync{}`. */
import { archived, type MirrorDraft } from "./draft.ts";
import { shown } from "./lsyncd-settings.ts";
import { type LuaField, LuaTable } from "./lua-value.ts";
import { applyRsyncArguments } from "./rsync-arguments.ts";

/** Takes over the table. Its keys are rsync's options with `_` for `-`. */
export function applyLsyncdRsync(draft: MirrorDraft, { value, line }: LuaField): void {
  if (!(value instanceof LuaTable)) {
    draft.notes.warn(`rsync${shown(value)}: is no table, and was left out`, line);
    return;
  }
  // The single keys count more than what archive and _extra say all at once.
  const broad = ["archive", "_extra"];
  const isBroad = ([name]: readonly [string, LuaField]) => broad.includes(name);
  const fields = [...value.fields];
  for (const [name, field] of [...fields.filter(isBroad), ...fields.filter((entry) => !isBroad(entry))])
    applyKey(draft, name, field);
}

function applyKey(draft: MirrorDraft, name: string, field: LuaField): void {
  const { value, line } = field;
  const long = name.replaceAll("_", "-");
  if (name === "_extra") {
    applyRsyncArguments(draft, textsOf(draft, name, field), line);
    return;
  }
  if (name === "binary" && typeof value === "string") {
    if (value !== "rsync" && value !== "/usr/bin/rsync") draft.set("rsync", value);
    return;
  }
  if (name === "exclude" || name === "filter" || name === "include") {
    applyRsyncArguments(
      draft,
      textsOf(draft, name, field).map((text) => `--${name}=${text}`),
      line,
    );
    return;
  }
  if (name === "excludeFrom") {
    draft.add("exclude-from", ...textsOf(draft, name, field));
    return;
  }
  if (value === true) {
    applyRsyncArguments(draft, [`--${long}`], line);
    return;
  }
  if (typeof value === "string" || typeof value === "number") {
    applyRsyncArguments(draft, [`--${long}=${value}`], line);
    return;
  }
  if (value !== false) {
    draft.notes.warn(`rsync.${name}${shown(value)}: was not understood, and left out`, line);
    return;
  }
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
