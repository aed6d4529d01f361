/** inosync's event mask. */
import type { MirrorDraft } from "./draft.ts";

/** What an event of inotify is to the option `only`. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  IN_CREATE: ["create"],
  IN_CLOSE_WRITE: ["change"],
  IN_MODIFY: ["change"],
  IN_DELETE: ["delete"],
  IN_DELETE_SELF: ["delete"],
  IN_MOVED_FROM: ["move"],
  IN_MOVED_TO: ["move"],
  IN_MOVE_SELF: ["move"],
  IN_ATTRIB: ["attributes"],
  IN_ALL_EVENTS: ["create", "change", "delete", "move", "attributes"],
};

/** Takes over `emask`: the events that made inosync run rsync, which then sent all there was to send. */
export function applyEventMask(draft: MirrorDraft, events: readonly string[], line: number): void {
  const unknown = events.filter((event) => !Object.hasOwn(kinds, event));
  if (unknown.length > 0) draft.notes.warn(`emask: ${unknown.join(", ")} has no equal`, line);
  const only = [...new Set(events.flatMap((event) => (Object.hasOwn(kinds, event) ? kinds[event]! : [])))];
  // All kinds but attributes is what inosync does by itself, and all it leaves out comes with the next change.
  if (only.length === 0 || ["create", "change", "delete", "move"].every((kind) => only.includes(kind)))
    return;
  draft.set("only", only);
  draft.notes.note(
    "emask: inosync sent all else with the next of these events; tsync leaves all else out",
    line,
  );
}
