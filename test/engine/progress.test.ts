/** How far long work is, as the engine tells it. */
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import type { Entry } from "../../src/core/entry.ts";
import { isFault } from "../../src/core/fault.ts";
import type { Send } from "../../src/core/operation.ts";
import { patternRule } from "../../src/core/rules.ts";
import { countSource } from "../../src/engine/count-source.ts";
import { type Progress, WorkProgress } from "../../src/engine/progress.ts";
import type { Report } from "../../src/engine/report.ts";
import { systemClock } from "../../src/system/clock.ts";
import { wholeSource } from "../../src/watch/selection.ts";
import { Source } from "../../src/watch/source.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";

const send = (kind: Entry["kind"], size: number) =>
  ({ path: "x", entry: { kind, size } as Entry, compare: "changed" }) as unknown as Send;
const files = (count: number, size: number) => Array.from({ length: count }, () => send("file", size));

/** Work on a clock that stands still until it is told to go on, and what is reported of it. */
function make(source: Source | null = null) {
  let nowMs = 0;
  const waiting: { atMs: number; work: () => void }[] = [];
  const reports: Report[] = [];
  const clock = {
    ...systemClock,
    steadyMs: () => nowMs,
    after: (durationMs: number, work: () => void) => {
      const one = { atMs: nowMs + durationMs, work };
      waiting.push(one);
      return () => void waiting.splice(waiting.indexOf(one), 1);
    },
  };
  const pass = (ms: number) => {
    nowMs += ms;
    for (const one of waiting.filter(({ atMs }) => atMs <= nowMs)) {
      waiting.splice(waiting.indexOf(one), 1);
      one.work();
    }
  };
  const work = new WorkProgress({ name: "t", clock, report: (report) => void reports.push(report) });
  work.begin(source);
  const follow = (sends: readonly Send[]) => work.follow(sends)!;
  return { work, follow, pass, reports, waiting };
}

test("short work is not told of", () => {
  const { work, follow, pass, reports, waiting } = make();
  work.add(files(2, 10));
  const transfer = follow(files(2, 10));
  pass(400);
  transfer.sent({ files: 1, bytes: 10 });
  transfer.end();
  work.end();
  expect(reports).toEqual([]);
  expect(waiting).toEqual([]);
});

test("transfers side by side add up; what one says too much is left out", () => {
  const { work, follow, pass, reports } = make();
  work.add([...files(4, 100), send("directory", 4096), send("symlink", 7)]);
  work.close();
  const [one, other] = [follow(files(2, 100)), follow(files(2, 100))];
  pass(500);
  one.sent({ files: 1, bytes: 150 });
  pass(300);
  other.sent({ files: 9, bytes: 9_999 });
  one.end();
  pass(300);
  other.end();
  work.end();
  const of = (filesDone: number, bytesDone: number) => ({
    event: "progress",
    target: "t",
    filesDone,
    files: 5,
    bytesDone,
    bytes: 400,
    isOpen: false,
  });
  expect(reports as object[]).toEqual([
    of(0, 0),
    of(3, 350),
    of(4, 400),
    { event: "progress-end", target: "t" },
  ]);
});

test("it is told at most five times a second, and not after the end", () => {
  const { work, follow, pass, reports } = make();
  work.add(files(1, 1_000));
  const transfer = follow(files(1, 1_000));
  pass(500);
  for (let ms = 0; ms < 1_000; ms++) {
    pass(1);
    transfer.sent({ files: 0, bytes: ms });
  }
  expect(reports.length).toBeLessThanOrEqual(6);
  expect(reports.length).toBeGreaterThanOrEqual(5);
  work.end();
  transfer.end();
  expect(reports.at(-1)).toEqual({ event: "progress-end", target: "t" });
});

test("until all is known there may be more, unless the source was counted", async () => {
  const folder = tempDir("tsync-progress-");
  mkdirSync(`${folder}/d/e`, { recursive: true });
  for (const name of ["a", "d/b", "d/e/c", "left.out"]) writeFileSync(`${folder}/${name}`, "12345");
  const rule = patternRule("exclude", "*.out", "test");
  if (isFault(rule)) throw new Error(rule.message);
  const source = new Source(folder, { ...wholeSource, rules: [rule] });
  expect(await countSource(source, systemClock, () => false)).toEqual({ files: 3, bytes: 15 });
  expect(await countSource(source, systemClock, () => true)).toBeNull();

  const unknown = make();
  unknown.work.add(files(1, 5));
  unknown.pass(500);
  expect(unknown.reports).toMatchObject([{ files: 1, bytes: 5, isOpen: true }]);

  const first = make(source);
  first.work.add(files(1, 5));
  first.pass(500);
  await waitUntil(() => {
    first.pass(500);
    first.work.add([]);
    return (first.reports.at(-1) as Progress).files === 3;
  }, 5_000);
  expect(first.reports.at(-1)).toMatchObject({ files: 3, bytes: 15, isOpen: false });
});

test("what fits into one part is not counted", async () => {
  const { work, pass, reports } = make(new Source("/"));
  work.close();
  work.add(files(1, 5));
  pass(500);
  expect(reports).toMatchObject([{ files: 1, bytes: 5, isOpen: false }]);
});
