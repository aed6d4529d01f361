/** What is told as metrics: the values, and that Prometheus can read them whatever the names are. */
import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { exposition } from "../../src/control/exposition.ts";
import { metricsText } from "../../src/control/metrics.ts";
import type { ProgramStatus } from "../../src/engine/status.ts";
import { readExposition } from "../helpers/exposition.ts";
import { runProcess, tempDir } from "../helpers/process.ts";
import { allStates, mirrorOf, nowMs, statusOf, targetOf } from "../helpers/statuses.ts";

const usage = { residentBytes: 50_000_000, cpuSeconds: 1.5 };
const read = (status: ProgramStatus) => readExposition(metricsText(status, usage));

const hostile = 'a "b"\\n\n{c="d"} } 1 # HELP é \u202e';

const busy = statusOf([
  mirrorOf("www", [
    targetOf("host:/www", { lagMs: 2_500, pending: 17, failing: 3 }),
    targetOf(hostile, { state: allStates[4]!, inSyncMs: null }),
  ]),
  mirrorOf(hostile, [targetOf("host:/www")], { unwatched: 5, overflows: 2 }),
]);

/** The only value that has these labels, and no other. */
function told(status: ProgramStatus, name: string, labels: Record<string, string> = {}): number {
  const found = read(status)
    .get(name)!
    .samples.filter((sample) => Bun.deepEquals(sample.labels, labels, true));
  expect([name, found.length]).toEqual([name, 1]);
  return found[0]!.value;
}

test("each target has its values, under its names", () => {
  const labels = { mirror: "www", target: "host:/www" };
  expect(told(busy, "tsync_target_lag_seconds", labels)).toBe(2.5);
  expect(told(busy, "tsync_target_pending_paths", labels)).toBe(17);
  expect(told(busy, "tsync_target_failing_paths", labels)).toBe(3);
  expect(told(busy, "tsync_target_entries", labels)).toBe(12_345);
  expect(told(busy, "tsync_target_in_sync_timestamp_seconds", labels)).toBe((nowMs - 3_600_000) / 1000);
  expect(told(busy, "tsync_target_content_bytes_total", labels)).toBe(8_192);
  expect(told(busy, "tsync_target_transfers_total", labels)).toBe(9);
  expect(told(busy, "tsync_target_batches_total", labels)).toBe(2);
  expect(told(busy, "tsync_target_connections_total", labels)).toBe(10);
  expect(told(busy, "tsync_target_disconnections_total", labels)).toBe(11);
  expect(told(busy, "tsync_target_halts_total", labels)).toBe(12);
  expect(told(busy, "tsync_target_failures_total", labels)).toBe(13);
  const kinds = { move: 3, remove: 4, "make-directory": 5, "set-mode": 6, send: 7 };
  for (const [kind, count] of Object.entries(kinds))
    expect(told(busy, "tsync_target_operations_total", { ...labels, kind })).toBe(count);
});

test("a target that was not in sync yet has the time 0, so that an alert sees it", () => {
  const labels = { mirror: "www", target: hostile };
  expect(told(busy, "tsync_target_in_sync_timestamp_seconds", labels)).toBe(0);
});

test("each state has a value, and one of them is 1", () => {
  for (const state of allStates) {
    const samples = read(statusOf([mirrorOf("www", [targetOf("t", { state })])])).get(
      "tsync_target_state",
    )!.samples;
    const others = allStates.map((other) => [other.state, other.state === state.state ? 1 : 0]);
    const got = samples.map(({ labels, value }) => [labels.state, value]);
    expect(got.sort()).toEqual(others.sort());
  }
});

test("mirrors and the process have theirs", () => {
  expect(told(busy, "tsync_mirror_watches", { mirror: "www" })).toBe(210);
  expect(told(busy, "tsync_mirror_unwatched_directories", { mirror: hostile })).toBe(5);
  expect(told(busy, "tsync_mirror_event_overflows_total", { mirror: hostile })).toBe(2);
  expect(told(busy, "tsync_watches_allowed")).toBe(65_536);
  expect(told(busy, "tsync_build_info", { version: "1.2.3" })).toBe(1);
  expect(told(busy, "process_start_time_seconds")).toBe((nowMs - 90_000_000) / 1000);
  expect(told(busy, "process_resident_memory_bytes")).toBe(50_000_000);
  expect(told(busy, "process_cpu_seconds_total")).toBe(1.5);
});

test("what is not known is left out, and nothing runs yet is no error", () => {
  const names = [...read(statusOf([mirrorOf("www", [], { watchesMax: null })])).keys()];
  expect(names).not.toContain("tsync_watches_allowed");
  expect(names).not.toContain("tsync_target_state");
  expect(names).toContain("tsync_mirror_watches");
  expect([...read(statusOf([])).keys()]).toEqual([
    "tsync_build_info",
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
  ]);
});

test("names follow Prometheus' rules: counters end in _total, times are seconds, sizes bytes", () => {
  for (const [name, { type, help }] of read(busy)) {
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    expect(name).toMatch(/^(tsync|process)_[a-z_]+$/);
    expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|count)\b/);
    expect(help).toMatch(/\.$/);
  }
});

test("any label, help and number can be read back", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(hostile, "", "\\", '\\"', "\\n", "\n"),
  );
  const value = fc.oneof(fc.double(), fc.constantFrom(1e21, -0, 5e-324, 2 ** 53));
  fc.assert(
    fc.property(text, text, value, (one, other, number) => {
      // A file is UTF-8, which has no half characters.
      const [a, b] = [one.toWellFormed(), other.toWellFormed()];
      const written = exposition([
        {
          name: "x",
          type: "gauge",
          help: `h ${a}`,
          samples: [{ labels: { a, b }, value: number }],
        },
      ]);
      const [{ labels, value: got }] = readExposition(written).get("x")!.samples as [
        { labels: Record<string, string>; value: number },
      ];
      expect(labels).toEqual({ a, b });
      // (-0 is written as 0.)
      expect(got).toBe(number + 0);
    }),
  );
});

const readme = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");

const promtool = Bun.which("promtool");
const why = promtool === null ? " (skipped: promtool is not installed; apt-get install prometheus)" : "";

describe.skipIf(promtool === null)(`promtool${why}`, () => {
  const check = async (args: string[], file: string) => {
    const { code, stdout, stderr } = await runProcess([
      "bash",
      "-c",
      `"$0" "$@" < ${file}`,
      promtool!,
      ...args,
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    return stdout;
  };

  test("reads the metrics, and has nothing to say about them", async () => {
    const file = join(tempDir("tsync-metrics-"), "metrics");
    writeFileSync(file, metricsText(busy, usage));
    expect(await check(["check", "metrics"], file)).toBe("");
  });

  test("takes the rules and queries in the README", async () => {
    const [, rules] = /```yaml\n(groups:.*?)```/s.exec(readme)!;
    const table = readme.split("| Panel | Query |\n| --- | --- |\n")[1]!.split("\n\n")[0]!;
    const queries = [...table.matchAll(/`([^`]+)`/g)].map(([, query]) => query!);
    expect(queries.length).toBeGreaterThan(7);
    const recorded = queries.map(
      (query, at) => `      - { record: "q${at}", expr: ${JSON.stringify(query)} }\n`,
    );
    const file = join(tempDir("tsync-rules-"), "rules.yml");
    writeFileSync(file, `${rules}  - name: queries\n    rules:\n${recorded.join("")}`);
    expect(await check(["check", "rules", file], "/dev/null")).toContain(
      `SUCCESS: ${4 + queries.length} rules`,
    );
  });
});

test("the README names metrics and labels that there are", () => {
  const known = read(busy);
  const named = [...readme.matchAll(/\b(?:tsync_(?:target|mirror|watches|build)\w*|process_\w+)/g)].map(
    ([name]) => name,
  );
  expect(named.length).toBeGreaterThan(8);
  for (const name of named) expect([name, known.has(name)]).toEqual([name, true]);
});
