/** A watchdog must hear nothing of a worker whose loop does not advance, and of all others. */
import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isFault } from "../../src/core/fault.ts";
import { Mirror } from "../../src/engine/mirror.ts";
import { Pulse } from "../../src/engine/pulse.ts";
import { thisMachine } from "../../src/engine/surroundings.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { systemClock } from "../../src/system/clock.ts";
import { LocalTarget } from "../../src/target/local.ts";
import { defaultTransfer } from "../../src/target/transfer-options.ts";
import { wholeSource } from "../../src/watch/selection.ts";
import { Source } from "../../src/watch/source.ts";
import type { WatcherEvents } from "../../src/watch/watcher.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";

const hourMs = 3_600_000;

/** A clock that can be put forward. */
function makeClock() {
  let aheadMs = 0;
  return {
    clock: { ...systemClock, steadyMs: () => systemClock.steadyMs() + aheadMs },
    forward: (byMs: number) => {
      aheadMs += byMs;
    },
  };
}

test("work without a sign of life", () => {
  const { clock, forward } = makeClock();
  const pulse = new Pulse(clock);
  forward(60_000);
  expect(pulse.isStuck).toBe(false);
  forward(hourMs);
  expect(pulse.isStuck).toBe(true);
  void pulse.clock.breathe();
  expect(pulse.isStuck).toBe(false);
});

test("what is waited for may take its time", async () => {
  const { clock, forward } = makeClock();
  const pulse = new Pulse(clock);
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = pulse.outside(promise);
  forward(hourMs);
  expect(pulse.isStuck).toBe(false);
  resolve();
  await work;
  expect(pulse.isStuck).toBe(false);
  forward(hourMs);
  expect(pulse.isStuck).toBe(true);
});

test("a mirror at rest is not stuck; one whose watcher never answers is", async () => {
  const dir = tempDir("tsync-pulse-");
  const [from, to] = [join(dir, "source"), join(dir, "target")];
  mkdirSync(from);
  writeFileSync(join(from, "file"), "content");
  const ledger = Ledger.open(":memory:");
  if (isFault(ledger)) throw new Error(ledger.message);
  const { clock, forward } = makeClock();
  let events: WatcherEvents | null = null;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let asked = false;
  const states: string[] = [];
  const mirror = new Mirror({
    source: new Source(from, wholeSource),
    workers: [
      {
        name: "target",
        source: new Source(from, wholeSource),
        ledger,
        target: new LocalTarget(to, from, true, defaultTransfer, true),
        delete: "tracked",
        deleteExcluded: false,
        sending: { parallel: 1, hardLinks: false },
        unseenAttributes: false,
        deletionLimit: { count: 1_000, share: 1 },
        acceptDeletes: true,
        settleMs: 1,
        delayMaxMs: 10,
        delayMs: 0,
        countMax: Number.POSITIVE_INFINITY,
        follow: null,
        initialSync: true,
        insist: false,
      },
    ],
    name: null,
    report: (report) => {
      if (report.event === "state") states.push(report.state);
    },
    surroundings: {
      ...thisMachine,
      clock,
      watcher: (_, given) => {
        events = given;
        const barrier = () => {
          asked = true;
          return released;
        };
        const counts = { watched: 0, unwatched: 0 };
        const isOutdated = () => false;
        return {
          start: async () => {},
          stop: () => {},
          settled: async () => {},
          isOutdated,
          counts,
          barrier,
        };
      },
    },
  });
  const end = mirror.watch();
  await waitUntil(() => states.at(-1) === "idle", 10_000);
  expect(mirror.isStuck).toBe(false);
  // Whatever it waits for now, it is a rest.
  rmSync(join(from, "file"));
  events!.dirty("file", "entry");
  await waitUntil(() => asked, 10_000);
  expect(mirror.isStuck).toBe(false);
  forward(hourMs);
  expect(mirror.isStuck).toBe(true);
  // Events that come meanwhile are no sign of life.
  events!.dirty("file", "entry");
  expect(mirror.isStuck).toBe(true);
  release();
  await waitUntil(() => !mirror.isStuck, 10_000);
  mirror.stop();
  await end;
});
