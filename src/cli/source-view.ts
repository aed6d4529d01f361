/** How the source is looked at for a target that is sent to with given options. */
import { type MirroredAttributes, ownerMark } from "../core/as-mirrored.ts";
import { parseChmod } from "../core/chmod.ts";
import type { LinkRules } from "../core/links.ts";
import { reservedBy } from "../target/reserved-by.ts";
import type { TransferOptions } from "../target/transfer-options.ts";
import type { ViewRules } from "../watch/view.ts";

/** The view of a target; null if it has all of the source as it is. */
export function sourceView(transfer: TransferOptions): ViewRules | null {
  const view = {
    attributes: attributesOf(transfer),
    links: linksOf(transfer),
    reserved: reservedBy(transfer),
  };
  return Object.values(view).every((part) => part === null) ? null : view;
}

function attributesOf(transfer: TransferOptions): MirroredAttributes | null {
  const { perms, times, owner, group, chmod, chown } = transfer;
  if (perms && times && owner && group && chmod === null && chown === null) return null;
  const [user = "", users = ""] = (chown ?? "").split(":");
  const mark = (mirrored: boolean, name: string) =>
    !mirrored ? ownerMark(null) : name === "" ? null : ownerMark(name);
  return {
    perms,
    times,
    owner: mark(owner, user),
    group: mark(group, users),
    chmod: chmod === null ? [] : parseChmod(chmod)!,
    umask: process.umask(),
  };
}

function linksOf({ links, copyLinks, copyUnsafeLinks, safeLinks }: TransferOptions): LinkRules | null {
  if (links && !copyLinks && !copyUnsafeLinks && !safeLinks) return null;
  return { links, copyLinks, copyUnsafeLinks, safeLinks };
}
