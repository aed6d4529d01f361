import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Frame, nextFrameMs, render } from "../../../src/cli/view/render.ts";
import { afterReport, newTarget, type TargetView } from "../../../src/cli/view/target-view.ts";
import type { Report } from "../../../src/engine/report.ts";

const startMs = 1_000_000;
/** By the time of day: 14:03:22 where the test runs. */
const changedMs = new Date(2026, 0, 2, 14, 3, 22).getTime();
const MiB = 1024 * 1024;

const frame = (columns: number, rows = 24, nowMs = startMs): Frame => ({
  columns,
  rows,
  nowMs,
  colour: false,
  unicode: true,
});

/** The target `name` after `reports`, each with the time (ms after the start) at which it came. */
function after(name: string, ...reports: [number, Report][]): TargetView {
  return reports.reduce(
    (target, [ms, report]) => afterReport(target, report, startMs + ms, changedMs),
    newTarget(name, startMs),
  );
}

const progress = (filesDone: number, bytesDone: number, isOpen = false): Report => ({
  event: "progress",
  target: "t",
  filesDone,
  files: 3_000,
  bytesDone,
  bytes: 400 * MiB,
  isOpen,
});
const state = (state: "connecting" | "idle" | "syncing" | "paused" | "stopped"): Report => ({
  event: "state",
  target: "t",
  state,
});
const inSync = (failing = 0): Report => ({ event: "in-sync", target: "t", entries: 12_345, failing });
const batch: Report = {
  event: "batch",
  target: "t",
  elapsedMs: 1,
  done: [],
  moved: 0,
  removed: 0,
  directories: 0,
  modes: 0,
  sent: 1,
  contentBytes: 1,
  transfers: 1,
};
const [lost, waiting]: Report[] = [
  { event: "disconnected", target: "t", reason: "connection refused", hint: "", retryMs: 12_000 },
  {
    event: "state",
    target: "t",
    state: "backing-off",
    untilMs: 0,
    reason: "connection refused",
    hint: "",
  },
];
const halted: Report = {
  event: "state",
  target: "t",
  state: "halted",
  reason: "the source is empty",
  hint: "start with --accept-deletes",
};

const syncing = (name = "host:/var/www") =>
  after(
    name,
    [0, state("syncing")],
    [500, progress(0, 0)],
    [1_500, progress(375, 50 * MiB)],
    [2_500, progress(750, 100 * MiB)],
  );
const idle = (name = "/backup") => after(name, [0, batch], [0, state("idle")], [0, inSync()]);

describe("a line for each target", () => {
  test("what a wide window shows", () => {
    const targets = [
      syncing(),
      idle(),
      after("a:b", [0, lost!], [0, waiting!]),
      after("c", [0, halted]),
      after("d", [0, state("idle")], [0, inSync(2)]),
      after("e", [0, state("connecting")]),
      newTarget("f", startMs),
    ];
    expect(render(targets, frame(120, 24, startMs + 2_600))).toEqual([
      "↑ host:/var/www  syncing     █████░░░░░░░░░░░░░░░░░  25 %    750 of 3,000 files  100 of 400 MiB    50 MiB/s  6 s left",
      "✓ /backup        in sync     12,345 entries, last change at 14:03:22",
      "! a:b            waiting     next try in 10 s: connection refused",
      "✗ c              halted      the source is empty; start with --accept-deletes",
      "! d              failing     2 paths fail, 12,345 entries",
      "· e              connecting  for 3 s",
      "· f              connecting",
    ]);
  });

  test("narrower windows leave out more and more", () => {
    const line = (columns: number) => render([syncing("h:w")], frame(columns, 1, startMs + 2_600))[0];
    expect(line(80)).toBe("↑ h:w  syncing  ████░░░░░░░░░░░░  25 %  100 of 400 MiB    50 MiB/s  6 s left");
    expect(line(60)).toBe("↑ h:w  syncing  ██░░░░░░░░░  25 %  100 of 400 MiB  6 s left");
    expect(line(40)).toBe("↑ h:w  ██░░░░░░  25 %  6 s left");
    expect(line(20)).toBe("↑ h:w  25 %");
  });

  test("a narrow window gives a target two lines if there is room", () => {
    expect(render([syncing(), idle()], frame(20, 24, startMs + 2_600))).toEqual([
      "↑ host:/var/www",
      "  25 %  6 s left",
      "✓ /backup",
      "  in sync, 12,345 e…",
    ]);
  });

  test("many targets: the most urgent ones, and how many more there are", () => {
    const targets = [...Array.from({ length: 8 }, (_, at) => idle(`t${at}`)), after("down", [0, waiting!])];
    expect(render(targets, frame(80, 4))).toEqual([
      "✓ t0    in sync  12,345 entries, last change at 14:03:22",
      "✓ t1    in sync  12,345 entries, last change at 14:03:22",
      "! down  waiting  trying again: connection refused",
      "  and 6 more: 6 in sync",
    ]);
    expect(render(targets, frame(80, 1))).toEqual(["9 targets: 1 waiting, 8 in sync"]);
    expect(render(targets, frame(80, 0))).toEqual([]);
  });

  test("as long as the source is looked through, no share and no time is made up", () => {
    const [line] = render(
      [after("t", [0, state("syncing")], [500, progress(0, 0, true)], [2_500, progress(9, 5 * MiB, true)])],
      frame(100),
    );
    expect(line).toBe("↑ t  syncing      9 files so far    5 MiB   2.5 MiB/s");
  });

  test("work that stands still says so", () => {
    const [line] = render([syncing("t")], frame(100, 24, startMs + 32_500));
    expect(line).toContain("nothing for 30 s");
    expect(line).not.toContain("left");
  });

  test("names and reasons cannot write to the terminal", () => {
    const [line] = render(
      [after("a\x1b[2J\nb", [0, { ...waiting!, reason: "\x07bell\r\nnext" } as Report])],
      frame(100),
    );
    expect(line).toBe("! a\\x1b[2J b  waiting  trying again: \\x07bell next");
  });

  test("without UTF-8 only ASCII is shown", () => {
    const lines = render([syncing(), idle()], { ...frame(90), unicode: false });
    expect(lines.join("\n")).toMatch(/^[\x20-\x7e\n]+$/);
    expect(lines[0]).toContain("###....");
  });
});

describe("any window", () => {
  const name = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.constant(`日本語/ディレクトリ/${"é".repeat(30)}`),
  );
  const anyReport = fc.constantFrom(
    state("connecting"),
    state("idle"),
    state("syncing"),
    state("paused"),
    state("stopped"),
    inSync(),
    inSync(3),
    batch,
    lost!,
    waiting!,
    halted,
    progress(17, 3 * MiB),
    progress(2_999, 399 * MiB),
    progress(17, 3 * MiB, true),
  );
  const target = fc
    .tuple(name, fc.array(fc.tuple(fc.nat(100_000), anyReport), { maxLength: 8 }))
    .map(([name, reports]) => after(name, ...reports.sort(([a], [b]) => a - b)));

  test("no line is wider than the window, and there are no more of them than fit", () => {
    fc.assert(
      fc.property(
        fc.array(target, { maxLength: 14 }),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(30),
        fc.boolean(),
        fc.boolean(),
        (targets, columns, rows, colour, unicode) => {
          const lines = render(targets, { columns, rows, nowMs: startMs + 100_000, colour, unicode });
          expect(lines.length).toBeLessThanOrEqual(rows);
          for (const line of lines) {
            expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
            expect(Bun.stripANSI(line)).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("from 20 columns on, every target that fits tells its state or its progress", () => {
    for (let columns = 20; columns <= 200; columns++) {
      for (const rows of [1, 24]) {
        expect(render([idle("host:/a/long/path/to/www")], frame(columns, rows)).join("\n")).toContain(
          "in sync",
        );
        expect(render([syncing("host:/a/long/path/to/www")], frame(columns, rows)).join("\n")).toContain(
          "25 %",
        );
      }
    }
  });
});

test("only what counts seconds is drawn again without news", () => {
  expect(nextFrameMs([idle(), after("c", [0, halted])])).toBeNull();
  expect(nextFrameMs([idle(), syncing()])).toBe(1_000);
  expect(nextFrameMs([after("a", [0, waiting!])])).toBe(1_000);
});
