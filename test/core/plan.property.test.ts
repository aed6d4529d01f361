/** Properties of the planner over random trees and random changes, against a strict model of a target. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  acknowledgeRecord,
  acknowledgeSend,
  acknowledgeStep,
  announceSend,
} from "../../src/core/acknowledge.ts";
import { difference } from "../../src/core/diff.ts";
import { type ChangeKind, followed, followedMode } from "../../src/core/follow.ts";
import { isBuiltOn, type Outcome, pathOf, type Step, wasDone } from "../../src/core/operation.ts";
import { isWithin, join, type Path, parentOf, rebase, root } from "../../src/core/path.ts";
import { type DeleteMode, isEmpty, makePlan, type Plan } from "../../src/core/plan.ts";
import type { Seen } from "../../src/core/seen.ts";
import { segments } from "../../src/core/segments.ts";
import {
  entryOf,
  MemoryStore,
  ModelTarget,
  modelDifferences,
  Refusal,
  type SourceTree,
  seenAll,
} from "../helpers/model.ts";

/** One random change of a source tree; paths are picked by index so that they hit something that exists. */
type Change =
  | { do: "create"; kind: "file" | "directory" | "symlink"; in: number; name: string }
  | { do: "edit" | "remove" | "chmod"; at: number }
  | { do: "rename"; at: number; in: number; name: string }
  | { do: "swap"; at: number; with: number };

const name = fc.constantFrom("a", "b", "c", "d");
const index = fc.nat(30);
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("create" as const),
      kind: fc.constantFrom("file", "directory", "directory", "symlink"),
      in: index,
      name,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("edit", "remove", "chmod"), at: index }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("rename" as const), at: index, in: index, name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("swap" as const), at: index, with: index }) },
);

/** Makes changes as a user would, with fresh inode numbers for what is new. */
class Source {
  readonly tree: SourceTree = new Map([[root, entryOf("directory", 1)]]);
  #ino = 2;
  #version = 2;

  apply(changes: Iterable<Change>): void {
    for (const one of changes) this.#apply(one);
  }
  #pick(at: number, filter: (path: Path) => boolean): Path | undefined {
    const paths = [...this.tree.keys()].filter(filter).sort();
    return paths[at % paths.length];
  }
  #directory(at: number): Path {
    return this.#pick(at, (path) => this.tree.get(path)!.kind === "directory")!;
  }
  #apply(one: Change): void {
    if (one.do === "create") {
      const path = join(this.#directory(one.in), one.name);
      if (!this.tree.has(path)) this.tree.set(path, entryOf(one.kind, this.#ino++, this.#version++));
      return;
    }
    const path = this.#pick(one.at, (at) => at !== root);
    if (path === undefined) return;
    const entry = this.tree.get(path)!;
    switch (one.do) {
      case "edit": {
        const version = this.#version++;
        this.tree.set(path, { ...entryOf(entry.kind, entry.ino, version), mode: entry.mode });
        break;
      }
      case "chmod":
        if (entry.kind === "symlink") break;
        this.tree.set(path, { ...entry, mode: entry.mode ^ (entry.kind === "directory" ? 0o222 : 0o111) });
        break;
      case "remove":
        this.#remove(path);
        break;
      case "rename": {
        const to = join(this.#directory(one.in), one.name);
        const there = this.tree.get(to);
        if (
          isWithin(to, path) ||
          (there !== undefined && (there.kind === "directory" || entry.kind === "directory"))
        ) {
          break;
        }
        this.#rename(path, to);
        break;
      }
      case "swap": {
        const other = this.#pick(one.with, (at) => at !== root)!;
        // A directory can change places with its own child too.
        if (path === other || isWithin(path, other)) break;
        if (isWithin(other, path)) {
          if (entry.kind !== "directory" || this.tree.get(other)!.kind !== "directory") break;
          if (parentOf(other) !== path) break;
          this.#rename(other, "tmp");
          this.#rename(path, join("tmp", "tmp2"));
          this.#rename("tmp", path);
          this.tree.has(join(path, "swapped")) || this.#rename(join(path, "tmp2"), join(path, "swapped"));
        } else {
          this.#rename(path, "tmp");
          this.#rename(other, path);
          this.#rename("tmp", other);
        }
        break;
      }
    }
  }
  #remove(path: Path): void {
    for (const at of [...this.tree.keys()]) if (isWithin(at, path)) this.tree.delete(at);
  }
  #rename(from: Path, to: Path): void {
    const moved = [...this.tree].filter(([path]) => isWithin(path, from));
    for (const [path] of moved) this.tree.delete(path);
    this.#remove(to);
    for (const [path, entry] of moved) this.tree.set(rebase(path, from, to), entry);
  }
}

/** A mirror in memory: source, what is acknowledged, target; counts the content that travels. */
class Mirror {
  readonly source = new Source();
  readonly store = new MemoryStore();
  readonly target = new ModelTarget();
  sent = 0;

  /** What is followed; null: everything. */
  follow: ReadonlySet<ChangeKind> | null = null;

  constructor(readonly mode: DeleteMode = "tracked") {}

  plan(): Plan {
    const seen = seenAll(this.source.tree, this.store);
    return makePlan(this.store, this.follow === null ? seen : followed(this.store, seen, this.follow), {
      delete: this.follow === null ? this.mode : followedMode(this.mode, this.follow),
      adopt: false,
      canMove: this.follow === null || this.follow.has("move"),
      unmovable: new Set(),
    });
  }

  /** Steps whose acknowledgement was lost, to be repeated before anything else. */
  #journal: Step[] = [];

  /** What the engine tries again by itself, because the target could not do it. */
  readonly tried: Path[] = [];

  /** Carries out a plan whose operations may be refused by the target; true if all were done. */
  attempt(plan: Plan): boolean {
    const refused = (work: () => void) => {
      try {
        work();
        return false;
      } catch (error) {
        if (error instanceof Refusal) return true;
        throw error;
      }
    };
    for (const step of plan.steps) {
      let outcome = { is: "failed", reason: "refused" } as Outcome;
      refused(() => {
        outcome = this.target.apply(step);
      });
      acknowledgeStep(this.store, step, outcome, false);
      if (isBuiltOn(step) && !wasDone(outcome, false)) return false;
      if (outcome.is === "kept") this.tried.push(pathOf(step));
    }
    for (const send of plan.sends) {
      // A directory that had to make way, and could not.
      if (send.entry.kind !== "directory" && this.store.get(send.path)?.kind === "directory") {
        this.tried.push(send.path);
        continue;
      }
      announceSend(this.store, send);
      if (!refused(() => this.target.receive(send.path, send.entry)))
        acknowledgeSend(this.store, send, "none");
    }
    return true;
  }

  /**
   * Carries out a plan. A crash comes after `operations` operations, and the last `lost` of those that belong to
   * one segment stay unacknowledged.
   */
  carryOut(plan: Plan, crash?: { operations: number; lost: number }): void {
    let left = crash?.operations ?? Number.POSITIVE_INFINITY;
    const steps = (list: readonly Step[]): boolean => {
      for (const segment of segments(list)) {
        const count = Math.min(left, segment.length);
        left -= count;
        const acknowledged =
          count < segment.length || left === 0 ? Math.max(0, count - (crash?.lost ?? 0)) : count;
        for (const [at, step] of segment.slice(0, count).entries()) {
          const outcome = this.target.apply(step);
          expect(["occupied", "failed"]).not.toContain(outcome.is);
          if (at < acknowledged) acknowledgeStep(this.store, step, outcome, false);
        }
        if (acknowledged < segment.length) {
          this.#journal = segment.slice(acknowledged);
          return false;
        }
      }
      return true;
    };
    const sends = (list: Plan["sends"]): boolean => {
      for (const send of list) announceSend(this.store, send);
      const acknowledged = left < list.length ? Math.max(0, left - (crash?.lost ?? 0)) : list.length;
      for (const [at, send] of list.slice(0, left).entries()) {
        if (this.target.receive(send.path, send.entry)) this.sent++;
        if (at < acknowledged) acknowledgeSend(this.store, send, "none");
      }
      left -= Math.min(left, list.length);
      return acknowledged === list.length;
    };
    if (!(steps(plan.steps) && sends(plan.sends) && steps(plan.closing) && sends(plan.attributes))) return;
    for (const { path, entry } of plan.records) acknowledgeRecord(this.store, path, entry);
  }

  /** Repeats what was lost. */
  recover(): void {
    for (const step of this.#journal.splice(0))
      acknowledgeStep(this.store, step, this.target.apply(step), true);
  }

  /** Plans and carries out until there is nothing left; returns the number of rounds. */
  settle(roundsMax = 6): number {
    for (let round = 0; round < roundsMax; round++) {
      const plan = this.plan();
      if (isEmpty(plan)) return round;
      this.carryOut(plan);
    }
    throw new Error(`no end after ${roundsMax} rounds: ${JSON.stringify(this.plan())}`);
  }
}

const changes = (max: number) => fc.array(change, { maxLength: max, size: "max" });
const runs = { numRuns: Number(process.env.N ?? 2500), includeErrorInReport: true };

function expectEqual(mirror: Mirror): void {
  expect(modelDifferences(mirror.source.tree, mirror.target)).toEqual([]);
  for (const [path, entry] of mirror.source.tree) {
    if (path !== root) expect(mirror.store.get(path)).toEqual({ ...entry, doubt: "none" });
  }
  expect(mirror.store.entries.size).toBe(mirror.source.tree.size);
}

describe("the plan", () => {
  for (const mode of ["tracked", "exact"] as const) {
    test(`turns any held tree into any new one (${mode})`, () => {
      fc.assert(
        fc.property(changes(25), changes(12), (before, after) => {
          const mirror = new Mirror(mode);
          mirror.source.apply(before);
          mirror.settle();
          mirror.source.apply(after);
          mirror.settle();
          expectEqual(mirror);
        }),
        runs,
      );
    });
  }

  test("can be cut short anywhere, and the next plan still gets there", () => {
    fc.assert(
      fc.property(
        changes(20),
        changes(10),
        fc.array(fc.record({ operations: fc.nat(12), lost: fc.nat(6) }), { maxLength: 4 }),
        (before, after, crashes) => {
          const mirror = new Mirror();
          mirror.source.apply(before);
          mirror.settle();
          mirror.source.apply(after);
          for (const crash of crashes) {
            mirror.carryOut(mirror.plan(), crash);
            mirror.recover();
            mirror.source.apply(after.slice(0, 3));
          }
          mirror.settle(8);
          expect(modelDifferences(mirror.source.tree, mirror.target)).toEqual([]);
        },
      ),
      runs,
    );
  });

  test("sends nothing for renames alone", () => {
    const rename = change.filter((one) => one.do === "rename" || one.do === "swap");
    fc.assert(
      fc.property(changes(25), fc.array(rename, { maxLength: 10 }), (before, renames) => {
        const mirror = new Mirror();
        mirror.source.apply(before);
        mirror.settle();
        mirror.sent = 0;
        mirror.source.apply(renames);
        mirror.settle();
        expect(mirror.sent).toBe(0);
        expectEqual(mirror);
      }),
      runs,
    );
  });

  test("does nothing of the kinds of changes that are not followed, and comes to an end", () => {
    const kinds = ["create", "change", "delete", "move", "attributes"] as const;
    fc.assert(
      fc.property(changes(20), changes(8), fc.subarray([...kinds]), (before, after, list) => {
        const mirror = new Mirror();
        mirror.source.apply(before);
        mirror.settle();
        const there = new Map(mirror.target.tree);
        mirror.sent = 0;
        mirror.source.apply(after);
        mirror.follow = new Set(list);
        mirror.settle();
        const now = mirror.target.tree;
        if (!mirror.follow.has("delete")) for (const path of there.keys()) expect(now.has(path)).toBe(true);
        if (!mirror.follow.has("create") && !mirror.follow.has("move"))
          for (const path of now.keys()) expect(there.has(path)).toBe(true);
        // What moved and changed at once is sent.
        if (!list.some((kind) => kind === "create" || kind === "change" || kind === "move"))
          expect(mirror.sent).toBe(0);
        if (list.length === 0) expect(now).toEqual(there);
        if (list.length === kinds.length) expectEqual(mirror);
      }),
      runs,
    );
  });

  test("never deletes a name with delete never", () => {
    fc.assert(
      fc.property(changes(20), changes(8), (before, after) => {
        const mirror = new Mirror("never");
        mirror.source.apply(before);
        mirror.carryOut(mirror.plan());
        const names = [...mirror.target.tree.keys()];
        mirror.source.apply(after);
        const plan = mirror.plan();
        mirror.carryOut(plan);
        for (const path of names) expect(mirror.target.tree.has(path)).toBe(true);
      }),
      runs,
    );
  });
});

/** A target in sync, what changed then, and a look that saw each path in another moment of the changes, or not at all. */
function contradictoryLook(before: Change[], after: Change[], moments: number[]) {
  const mirror = new Mirror();
  mirror.source.apply(before);
  mirror.settle();
  const trees = [new Map(mirror.source.tree)];
  for (const one of after) {
    mirror.source.apply([one]);
    trees.push(new Map(mirror.source.tree));
  }
  const seen = new Map<Path, Seen>();
  const paths = new Set([...trees.flatMap((tree) => [...tree.keys()]), ...mirror.store.entries.keys()]);
  for (const [at, path] of [...paths].sort().entries()) {
    const tree = trees[moments[at % moments.length]! % (trees.length + 1)];
    const entry = tree?.get(path) ?? null;
    if (path !== root && tree !== undefined) seen.set(path, { entry, unsettled: false, unlisted: false });
  }
  const options = { delete: "tracked", adopt: false, canMove: true, unmovable: new Set<Path>() } as const;
  return { mirror, seen, plan: makePlan(mirror.store, seen, options) };
}

describe("a look that contradicts itself", () => {
  const moments = fc.array(fc.nat(20), { minLength: 40, maxLength: 40 });

  test("never plans an operation that cannot be carried out", () => {
    fc.assert(
      fc.property(changes(20), changes(10), moments, (before, after, picks) => {
        const { mirror, plan } = contradictoryLook(before, after, picks);
        mirror.attempt(plan);
        mirror.settle(8);
        expectEqual(mirror);
      }),
      runs,
    );
  });

  test("forgets nothing: what the plan does not make as it was seen is looked at again", () => {
    fc.assert(
      fc.property(changes(20), changes(10), moments, (before, after, picks) => {
        const { mirror, seen, plan } = contradictoryLook(before, after, picks);
        fc.pre(mirror.attempt(plan));
        const later = [
          ...mirror.tried,
          ...plan.lookAgain,
          ...plan.blocked,
          ...[...plan.attributes, ...plan.records].map(({ path }) => path),
          ...plan.closing.map(pathOf),
        ];
        for (const [path, { entry }] of seen) {
          const now = mirror.store.get(path);
          const differs = entry === null ? now !== null : difference(now, entry) !== "same";
          // The times of directories are set once the target is idle.
          if (!differs || (now?.kind === "directory" && entry?.kind === "directory")) continue;
          expect(later.filter((again) => isWithin(path, again)).length, path).toBeGreaterThan(0);
        }
      }),
      runs,
    );
  });
});
