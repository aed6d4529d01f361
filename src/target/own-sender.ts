/** What tsync's own sender can do, and what is left to rsync. Pure. */
import type { Send } from "../core/operation.ts";
import type { TransferOptions } from "./transfer-options.ts";

/** From so many bytes on, a file is left to rsync where there is one: it is quicker at comparing than at starting. */
const largeBytes = 32 * 1024 * 1024;

/** The oldest rsync on a target that will do. */
const receiverVersionMin = [3, 1, 3];

/** rsync on the target: what matters of its version. */
export interface ReceiverVersion {
  /** True if it has to be told to put its complaints in order with the rest. */
  readonly tellsApart: boolean;
}

/** What `rsync --version` said in its first line; null if that is no rsync that will do. */
export function receiverVersion(said: string): ReceiverVersion | null {
  const match = /^rsync +version v?(\d+)\.(\d+)\.(\d+)/.exec(said);
  if (match === null) return null;
  const version = match.slice(1).map(Number);
  if (compareVersions(version, receiverVersionMin) < 0) return null;
  return { tellsApart: compareVersions(version, [3, 2, 0]) >= 0 };
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

/**
 * True for an ssh server on which sessions should be few: Dropbear may break all off when one begins while another one
 * ends. `server`: as it calls itself.
 */
export function isFragile(server: string): boolean {
  return /dropbear/i.test(server);
}

/** Options that only rsync itself can carry out, as they are called; empty if there are none. */
export function needsRsync(transfer: TransferOptions): string[] {
  const wishes: [boolean, string][] = [
    [transfer.compress, "--compress"],
    [transfer.checksum, "--checksum"],
    [transfer.bandwidth !== null, "--bwlimit"],
    [transfer.partialDirectory !== null, "--partial-dir"],
    [transfer.inplace, "--inplace"],
    [transfer.append !== "no", "--append"],
    [transfer.delayUpdates, "--delay-updates"],
    [transfer.sparse, "--sparse"],
    [!transfer.times, "--no-times"],
    [transfer.acls, "--acls"],
    [transfer.xattrs, "--xattrs"],
    [transfer.hardLinks, "--hard-links"],
    [transfer.chmod !== null, "--chmod"],
    [transfer.chown !== null, "--chown"],
    [transfer.copyLinks, "--copy-links"],
    [transfer.copyUnsafeLinks, "--copy-unsafe-links"],
    [transfer.safeLinks, "--safe-links"],
    [transfer.backup !== null, "--backup"],
    [transfer.extra.some((argument) => argument !== numericIds), "--rsync-arg"],
  ];
  return wishes.filter(([is]) => is).map(([, option]) => option);
}

/** True if tsync's own sender may do all that is asked for, where the target has an rsync for it. */
export function mayDoWithoutRsync(transfer: TransferOptions): boolean {
  return transfer.sender !== "stock" && needsRsync(transfer).length === 0;
}

/** Users and groups go by their numbers. */
export const numericIds = "--numeric-ids";

/** True if `send` is better left to rsync, or has to be. `mayBeLarge`: there is none. */
export function isForRsync({ entry }: Send, mayBeLarge: boolean): boolean {
  if (entry.kind === "special") return true;
  return !mayBeLarge && entry.kind === "file" && entry.size >= largeBytes;
}
