/** What hooks print, and how they fail, does not flood a log. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Report } from "../../src/engine/report.ts";
import { HookLog } from "../../src/hooks/hook-log.ts";
import { Lines } from "../../src/hooks/lines.ts";

function makeLog() {
  const reports: Report[] = [];
  const clock = { nowMs: 0 };
  const log = new HookLog(
    { target: "t", hook: "on-change" },
    (report) => reports.push(report),
    () => clock.nowMs,
  );
  const told = () =>
    reports
      .splice(0)
      .map((report) => ("line" in report ? report.line : "reason" in report ? report.reason : ""));
  return { log, clock, told };
}

test("lines beyond the limit are counted, and that is said", () => {
  const { log, clock, told } = makeLog();
  for (let at = 0; at < 1_000; at++) log.line(`${at}`);
  const lines = told();
  expect(lines).toHaveLength(101);
  expect(lines.at(-1)).toContain("prints much");
  clock.nowMs += 60_000;
  log.line("later");
  expect(told()).toEqual(["(900 lines before this one were left out)", "later"]);
});

test("so are failures", () => {
  const { log, clock, told } = makeLog();
  for (let at = 0; at < 10; at++) log.failed("broken");
  expect(told()).toEqual(["broken", "broken", "broken"]);
  clock.nowMs += 600_000;
  log.failed("broken");
  expect(told()).toEqual(["broken (7 failures before this one were not told)"]);
});

test("lines are the same however the text comes in pieces", () => {
  const piece = fc.oneof(
    fc.constantFrom("\n", "\r\n", "\r", "a", "bc", "", "x".repeat(700)),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const collect = (parts: string[]) => {
        const found: string[] = [];
        const lines = new Lines((line) => found.push(line));
        for (const part of parts) lines.take(part);
        lines.end();
        return found;
      };
      const text = pieces.join("");
      expect(collect(pieces)).toEqual(collect([text]));
      const expected = text.split(/[\r\n]+/).filter((line) => line !== "");
      expect(collect(pieces)).toEqual(
        expected.map((line) => (line.length > 1_000 ? `${line.slice(0, 1_000)}…` : line)),
      );
    }),
  );
});
