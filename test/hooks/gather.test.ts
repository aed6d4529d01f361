/** What hooks are told of what the engine reports. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { settingOptions } from "../../src/config/options.ts";
import { environmentLayer } from "../../src/config/settings.ts";
import { fromText } from "../../src/core/path.ts";
import type { Done, Report } from "../../src/engine/report.ts";
import { environmentOf, type Facts, joinFacts } from "../../src/hooks/facts.ts";
import { Gatherer } from "../../src/hooks/gather.ts";

const target = "host:/x";
const time = "2026-01-02T03:04:05.000Z";

function gather(...reports: Report[]): Facts[] {
  const gatherer = new Gatherer({ mirror: "www", source: "/www", target });
  return reports.flatMap((report) => gatherer.take(report, time));
}

const batch = (...done: Done[]): Report => ({
  event: "batch",
  target,
  elapsedMs: 5,
  moved: 0,
  removed: 1,
  directories: 0,
  modes: 0,
  sent: done.length,
  contentBytes: 10,
  transfers: 1,
  done,
});
const inSync: Report = { event: "in-sync", target, entries: 7, failing: 0 };
const disconnected = (reason: string): Report => ({
  event: "disconnected",
  target,
  reason,
  hint: "wait",
  retryMs: 9,
});
const failing = (path: string): Report => ({ event: "failing", target, path, reason: "no", retryMs: 5 });
const send = (path: string): Done => ({ do: "send", path });

const events = (...reports: Report[]) => gather(...reports).map(({ event }) => event);

describe("what is told", () => {
  test("of batches, and of all of them when the target holds all", () => {
    const [first, second, synced, again] = gather(
      batch(send("a")),
      batch(send("b"), send("c")),
      inSync,
      inSync,
    );
    expect(first).toMatchObject({
      event: "change",
      batches: 1,
      sent: 1,
      changes: [{ do: "send", path: "a" }],
    });
    expect(second).toMatchObject({ event: "change", batches: 1, sent: 2 });
    expect(synced).toMatchObject({
      event: "synced",
      batches: 2,
      sent: 3,
      removed: 2,
      contentBytes: 20,
      entries: 7,
    });
    expect(again).toMatchObject({ event: "synced", batches: 0, sent: 0, changes: [] });
  });

  test("of a target that is away: each reason once, and its end when it holds all", () => {
    const [refused, unknown] = [disconnected("refused"), disconnected("unknown")];
    const connected: Report = { event: "connected", target };
    expect(events(refused, refused, unknown, connected, refused, inSync, inSync, refused)).toEqual([
      "error",
      "error",
      "recover",
      "synced",
      "synced",
      "error",
    ]);
  });

  test("of paths, halts, and what ends the work", () => {
    const facts = gather(
      failing("a/b"),
      { event: "recovered", target, path: "a/b" },
      { event: "halted", target, reason: "empty", hint: "mount it" },
      { event: "resumed", target },
      { event: "gave-up", target, reason: "no such host", hint: "check it", others: 0 },
      { event: "kept", target, count: 1, example: "x" },
      { event: "hook-failed", target, hook: "on-error", reason: "x", hint: "" },
    );
    expect(facts).toMatchObject([
      {
        event: "error",
        reason: "a/b: no",
        count: 1,
        errors: [{ what: "path", path: "a/b", reason: "no", retryMs: 5 }],
      },
      { event: "recover", count: 1, recovered: [{ what: "path", path: "a/b" }] },
      { event: "halt", reason: "empty", hint: "mount it" },
      { event: "recover", recovered: [{ what: "source" }] },
      { event: "error", reason: "no such host", errors: [{ what: "target", retryMs: null }] },
    ]);
  });

  test("of names that are no text: their bytes too", () => {
    const [facts] = gather(batch({ do: "move", from: "\xff\n", path: fromText("é") }));
    expect(facts).toMatchObject({
      changes: [
        { do: "move", from: "\ufffd\n", fromBytes: Buffer.from([0xff, 10]).toString("base64"), path: "é" },
      ],
    });
    expect(JSON.stringify(facts)).not.toContain("pathBytes");
  });
});

test("facts of the same event are joined: counts add up, lists are cut, the last word is the newest", () => {
  const joined = (reports: Report[]) => gather(...reports).reduce(joinFacts);
  const many = joined(
    Array.from({ length: 30 }, () => batch(...Array.from({ length: 100 }, () => send("x")))),
  );
  expect(many).toMatchObject({ batches: 30, sent: 3_000, removed: 30 });
  expect("changes" in many && many.changes.length).toBe(1_000);
  const errors = joined(Array.from({ length: 500 }, (_, at) => failing(`p${at}`)));
  expect(errors).toMatchObject({ count: 500, reason: "p499: no" });
  expect("errors" in errors && errors.errors.length).toBe(100);
});

test("joining in any grouping gives the same", () => {
  const report = fc
    .array(fc.constantFrom("a", "b", "c"), { maxLength: 400 })
    .map((paths) => batch(...paths.map(send)));
  fc.assert(
    fc.property(fc.array(report, { minLength: 3, maxLength: 6 }), fc.nat(), (reports, at) => {
      const facts = gather(...reports);
      const cut = 1 + (at % (facts.length - 1));
      const apart = joinFacts(facts.slice(0, cut).reduce(joinFacts), facts.slice(cut).reduce(joinFacts));
      expect(apart).toEqual(facts.reduce(joinFacts));
    }),
    { numRuns: 100 },
  );
});

test("the environment has what is no list, and nothing that a tsync it starts would take for an option", () => {
  const all = gather(batch(send("a")), failing("x"), inSync, {
    event: "halted",
    target,
    reason: "a\0b",
    hint: "h",
  });
  const variables = Object.assign({}, ...all.map(environmentOf));
  expect(variables).toMatchObject({
    TSYNC_EVENT: "halt",
    TSYNC_MIRROR: "www",
    TSYNC_SOURCE: "/www",
    TSYNC_TARGET: target,
    TSYNC_CONTENT_BYTES: "10",
    TSYNC_ENTRIES: "7",
    TSYNC_REASON: "ab",
  });
  expect(Object.keys(variables)).not.toContain("TSYNC_CHANGES");
  expect(environmentLayer(variables)).toEqual([]);
  expect(Object.keys(settingOptions).length).toBeGreaterThan(50);
});
