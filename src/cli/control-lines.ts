/** What running tsyncs tell of single paths, for people. The paths are text already. */
import type { RecentChange } from "../control/recent-changes.ts";
import type { Explanation } from "../engine/why.ts";
import { bytes, duration } from "./amounts.ts";

const verbs: Record<RecentChange["do"], string> = {
  move: "moved",
  remove: "removed",
  "remove-directory": "removed",
  "remove-tree": "removed",
  "make-directory": "made",
  "set-mode": "mode set",
  send: "sent",
};

/** `2026-11-27 03:12:45  www  host:/var/www  sent  index.html`. */
export function changeLine(change: RecentChange): string {
  const { atMs, mirror, target, path, from } = change;
  const what = from === undefined ? path : `${from} -> ${path}`;
  return [localTime(atMs), mirror, target, verbs[change.do], what].join("  ");
}

/** What is known of `path`, which is absolute. */
export function explanationLines(path: string, told: Explanation, nowMs: number): string[] {
  return [
    `${path} -> ${told.target} (${told.mirror})`,
    ...verdict(told, nowMs).map((line) => `    ${line}`),
    `    in the source: ${factsText(told.source)}`,
    `    on the target: ${factsText(told.held)}`,
  ];
}

function verdict({ leftOut, failing, isPending, source, held }: Explanation, nowMs: number): string[] {
  if (leftOut !== null) return [`not mirrored: ${leftOut}`];
  const lines: string[] = [];
  if (failing !== null) {
    const next = duration(Math.max(0, failing.nextMs - nowMs));
    lines.push(`fails: ${failing.reason}; tried ${failing.tries} times, next try in ${next}`);
  }
  if (isPending && failing === null) lines.push("it changed, and waits for its turn");
  if (lines.length > 0) return lines;
  if (source === null && held === null) return ["nothing is there, and nothing is to be"];
  return ["mirrored"];
}

function factsText(facts: Explanation["source"]): string {
  if (facts === null) return "nothing";
  const size = facts.kind === "file" ? `, ${bytes(facts.size)}` : "";
  // (The times of what was just made are not known yet.)
  return `${facts.kind}${size}${facts.mtimeMs > 0 ? `, changed ${localTime(facts.mtimeMs)}` : ""}`;
}

/** Date and time of day here, to the second. */
function localTime(atMs: number): string {
  const date = new Date(atMs);
  const two = (value: number) => `${value}`.padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
