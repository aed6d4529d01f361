/** Divides what is to be sent into transfers. */
import { identityKey } from "./entry.ts";
import type { Send } from "./operation.ts";

/** How many files, unless said otherwise, and how many bytes go into one transfer at most. */
const transferMax = 10_000;
const transferBytesMax = 1024 * 1024 * 1024;

/** From how many files or bytes on it is worth to send in several transfers at the same time. */
const parallelMin = 64;
const parallelBytesMin = 8 * 1024 * 1024;

/** What a file costs besides its bytes, in bytes. */
const fileCost = 4 * 1024;

/**
 * Transfers that hold all of `sends`. For `parallel` transfers at the same time a list that is worth it is divided
 * into about as many parts of about the same size. What is of one identity stays together if `together` is set.
 * `countMax`: how many files go into one transfer at most.
 */
export function transfers(
  sends: readonly Send[],
  parallel: number,
  together: boolean,
  countMax = transferMax,
): Send[][] {
  const totalBytes = sum(sends, bytesOf);
  const isWorth = parallel > 1 && (sends.length > parallelMin || totalBytes > parallelBytesMin);
  const costMax = isWorth ? (totalBytes + sends.length * fileCost) / parallel : Number.POSITIVE_INFINITY;
  const parts: Send[][] = [];
  let part: Send[] = [];
  let [bytes, cost] = [0, 0];
  for (const unit of together ? byIdentity(sends) : sends.map((send) => [send])) {
    const unitBytes = sum(unit, bytesOf);
    const isFull = part.length + unit.length > countMax || bytes + unitBytes > transferBytesMax;
    if (part.length > 0 && (isFull || cost >= costMax)) {
      parts.push(part);
      part = [];
      [bytes, cost] = [0, 0];
    }
    part.push(...unit);
    bytes += unitBytes;
    cost += unitBytes + unit.length * fileCost;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** Groups files that are one, under several names. */
export function byIdentity(sends: readonly Send[]): Send[][] {
  const groups = new Map<string, Send[]>();
  for (const send of sends) {
    const key = `${send.entry.kind}:${identityKey(send.entry)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [send]);
    else group.push(send);
  }
  return [...groups.values()];
}

function bytesOf({ entry }: Send): number {
  return entry.kind === "file" ? entry.size : 0;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
