/** What can go wrong, and is made to. Each fault is over when its promise resolves. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import type { Random } from "../helpers/trees.ts";
import type { Site } from "./site.ts";

/** One kind of fault. */
export interface FaultKind {
  readonly name: string;
  /** Faults of different places happen at the same time, those of one place one after the other. */
  readonly place: "process" | "line" | "target";
  /** How often it comes among those of its place. */
  readonly weight: number;
  /** Why it cannot be made here; null if it can. */
  impossible?(site: Site): string | null;
  inflict(site: Site, random: Random): Promise<void>;
}

/** What tsync says when the kernel dropped events. */
export const eventsLost = /dropped file events/g;

const anyLine = (site: Site, random: Random) => random.pick(site.lines);

/** All kinds. */
export const faultKinds: readonly FaultKind[] = [
  {
    name: "tsync killed",
    place: "process",
    weight: 5,
    async inflict({ mirror }, random) {
      await mirror.kill();
      await Bun.sleep(random.int(1_500));
      mirror.start();
    },
  },
  {
    name: "tsync stopped and started",
    place: "process",
    weight: 2,
    async inflict({ mirror }, random) {
      await mirror.stop();
      await Bun.sleep(random.int(1_500));
      mirror.start();
    },
  },
  {
    name: "tsync frozen",
    place: "process",
    weight: 1,
    async inflict({ mirror }, random) {
      mirror.freeze();
      await Bun.sleep(random.int(2_000));
      mirror.thaw();
    },
  },
  {
    name: "file events lost",
    place: "process",
    weight: 2,
    async inflict({ mirror, source }, random) {
      await mirror.started();
      const before = mirror.said(eventsLost);
      mirror.freeze();
      const limit = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "latin1"));
      // Two kinds of events in turn: equal ones in a row count once.
      for (let n = 0; n <= limit / 2; n++) {
        chmodSync(`${source}/keep`, n % 2 === 0 ? 0o600 : 0o644);
        writeFileSync(`${source}/keep`, "keep\n");
        if (n % 500 === 0) await Bun.sleep(1);
      }
      await Bun.sleep(random.int(500));
      mirror.thaw();
      // It is to hear of it before something else happens to it.
      for (let tries = 0; tries < 5 && mirror.said(eventsLost) === before; tries++) await Bun.sleep(400);
    },
  },
  {
    name: "clock of tsync jumped",
    place: "process",
    weight: 2,
    impossible: ({ clock }) => (clock === null ? "libfaketime is not installed" : null),
    async inflict({ clock }, random) {
      clock!.set(random.pick(["-1h", "+1h", "-30d", "+30d", "-5s", "+5s"]));
      await Bun.sleep(1_000 + random.int(1_500));
      clock!.set("+0");
    },
  },
  {
    name: "connection cut",
    place: "line",
    weight: 5,
    async inflict(site, random) {
      anyLine(site, random).cut();
    },
  },
  {
    name: "connection stalled",
    place: "line",
    weight: 2,
    async inflict(site, random) {
      const line = anyLine(site, random);
      line.stall();
      await Bun.sleep(random.int(3_000));
      line.resume();
    },
  },
  {
    name: "host away",
    place: "line",
    weight: 2,
    async inflict(site, random) {
      const line = anyLine(site, random);
      line.refuse(true);
      line.cut();
      await Bun.sleep(random.int(3_000));
      line.refuse(false);
    },
  },
  {
    name: "sshd restarted",
    place: "line",
    weight: 2,
    inflict: ({ sshd }, random) => sshd.restart(random.int(1_000)),
  },
  {
    name: "rsync on the host killed",
    place: "line",
    weight: 3,
    async inflict({ sshd }, random) {
      for (const [pid, command] of sshd.commands()) {
        if (!command.startsWith("rsync --server") || random.int(2) === 0) continue;
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended meanwhile.
        }
      }
    },
  },
  {
    name: "rsync daemon restarted",
    place: "line",
    weight: 2,
    inflict: ({ rsyncd }) => rsyncd.restart(),
  },
  {
    name: "targets full",
    place: "target",
    weight: 1,
    impossible: ({ volume }) => (volume === null ? "no file system could be mounted (needs root)" : null),
    async inflict({ volume }, random) {
      volume!.fill();
      await Bun.sleep(500 + random.int(2_500));
      volume!.free();
    },
  },
];
