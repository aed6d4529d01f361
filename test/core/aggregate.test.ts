import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type AggregateOptions, Aggregator, type Scope } from "../../src/core/aggregate.ts";
import { parentOf, root } from "../../src/core/path.ts";

const aggregator = (options: Partial<AggregateOptions> = {}) =>
  new Aggregator({
    settleMs: 10,
    delayMaxMs: 100,
    delayMs: 0,
    countMax: Number.POSITIVE_INFINITY,
    ...options,
  });

describe("the aggregator with a delay", () => {
  test("gathers from the first change on, and gives all out together", () => {
    const dirty = aggregator({ delayMs: 1000 });
    dirty.add("a", "entry", 5000);
    dirty.add("b", "entry", 5500);
    expect(dirty.nextMs()).toBe(6000);
    expect(dirty.take(5999).size).toBe(0);
    expect([...dirty.take(6000).keys()]).toEqual(["a", "b"]);
    dirty.add("c", "entry", 6100);
    expect(dirty.nextMs()).toBe(7100);
  });

  test("does not make what is not quiet at its end wait for another one", () => {
    const dirty = aggregator({ delayMs: 1000 });
    dirty.add("a", "entry", 5000);
    dirty.add("b", "entry", 5995);
    expect([...dirty.take(6000).keys()]).toEqual(["a"]);
    expect([...dirty.take(6005).keys()]).toEqual(["b"]);
    dirty.add("c", "entry", 6100);
    expect(dirty.nextMs()).toBe(7100);
  });

  test("ends with the highest number of paths", () => {
    const dirty = aggregator({ delayMs: 60_000, countMax: 3 });
    dirty.add("a", "entry", 5000);
    dirty.add("b", "entry", 5000);
    expect(dirty.take(5100).size).toBe(0);
    dirty.add("c", "entry", 5100);
    expect(dirty.take(5110).size).toBe(3);
    dirty.add("d", "entry", 5200);
    expect(dirty.nextMs()).toBe(65_200);
  });

  test("holds up neither what failed nor what is to be looked at anyway", () => {
    const dirty = aggregator({ delayMs: 60_000 });
    dirty.add("a", "entry", 5000);
    dirty.addNow("moved", 0);
    dirty.retry("failed", 5100, 0);
    expect([...dirty.take(5050).keys()]).toEqual(["moved"]);
    expect([...dirty.take(5100).keys()]).toEqual(["failed"]);
  });
});

describe("the aggregator", () => {
  test("has nothing to wait for at first", () => {
    expect(aggregator().nextMs()).toBe(Number.POSITIVE_INFINITY);
    expect(aggregator().take(1e9).size).toBe(0);
  });

  test("gives a path out once it has been quiet, and only once", () => {
    const dirty = aggregator();
    dirty.add("a", "entry", 1000);
    expect(dirty.nextMs()).toBe(1010);
    expect(dirty.take(1009).size).toBe(0);
    expect([...dirty.take(1010)]).toEqual([["a", "entry"]]);
    expect(dirty.size).toBe(0);
    expect(dirty.take(2000).size).toBe(0);
  });

  test("waits again after each change, for each path on its own", () => {
    const dirty = aggregator();
    dirty.add("a", "entry", 1000);
    dirty.add("b", "entry", 1000);
    dirty.add("a", "entry", 1008);
    expect([...dirty.take(1010).keys()]).toEqual(["b"]);
    expect([...dirty.paths()]).toEqual(["a"]);
    expect(dirty.nextMs()).toBe(1018);
  });

  test("gives a path that is never quiet out after the longest delay", () => {
    const dirty = aggregator();
    for (let now = 1000; now < 1100; now += 5) {
      dirty.add("log", "entry", now);
      expect(dirty.take(now).size).toBe(0);
    }
    dirty.add("log", "entry", 1100);
    expect(dirty.take(1100).size).toBe(1);
    dirty.add("log", "entry", 1101);
    expect(dirty.nextMs()).toBe(1111);
  });

  test("gives a path out once more if an event that was not told may have followed", () => {
    const dirty = aggregator();
    dirty.add("log", "entry", 1000);
    dirty.add("log", "entry", 1099);
    expect([...dirty.take(1100)]).toEqual([["log", "entry"]]);
    expect(dirty.nextMs()).toBe(1109);
    expect([...dirty.take(1109)]).toEqual([["log", "entry"]]);
    expect(dirty.size).toBe(0);

    // Something happens just when it is tried again anyway.
    dirty.retry("failed", 5000, 0);
    dirty.add("failed", "entry", 4999);
    expect(dirty.take(5000).size).toBe(1);
    expect([...dirty.take(5009)]).toEqual([["failed", "tree"]]);
    dirty.add("moved", "entry", 5999);
    dirty.addNow("moved", 0);
    expect(dirty.take(6000).size).toBe(1);
    expect([...dirty.take(6009)]).toEqual([["moved", "tree"]]);
    expect(dirty.size).toBe(0);
  });

  test("does not go over into no rest at all without a settle time", () => {
    const dirty = aggregator({ settleMs: 0 });
    dirty.add("a", "entry", 1000);
    expect(dirty.nextMs()).toBe(1003);
    expect(dirty.take(1003).size).toBe(1);
    expect(dirty.size).toBe(0);
  });

  test("does not try a path that failed before its time, whatever happens to it", () => {
    const dirty = aggregator();
    dirty.retry("a", 5000, 0);
    dirty.add("a", "entry", 1000);
    dirty.add("b", "entry", 1000);
    dirty.retry("b", 6000, 0);
    expect(dirty.take(4999).size).toBe(0);
    expect(dirty.nextMs()).toBe(5000);
    expect([...dirty.take(5000).keys()]).toEqual(["a"]);
    expect([...dirty.take(6000).keys()]).toEqual(["b"]);
  });

  test("tries what failed as a whole, unless more is known", () => {
    const dirty = aggregator();
    dirty.retry("a", 5000, 0);
    expect([...dirty.take(5010)]).toEqual([["a", "tree"]]);
  });

  test("widens what is to be looked at, and never narrows it", () => {
    const dirty = aggregator();
    const scopes = ["entry", "listing", "entry", "tree", "listing"] as const;
    const taken = scopes.map((_, count) => {
      for (const scope of scopes.slice(0, count + 1)) dirty.add("a", scope, 0);
      return dirty.take(1000).get("a");
    });
    expect(taken).toEqual(["entry", "listing", "listing", "tree", "tree"]);
  });

  test("has each path ready when it says, and none later than the longest delay", () => {
    const event = fc.record({ path: fc.constantFrom("a", "b", "c"), afterMs: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1 }), (events) => {
        const dirty = aggregator();
        const sinceMs = new Map<string, number>();
        let now = 0;
        for (const { path, afterMs } of events) {
          now += afterMs;
          const next = dirty.nextMs();
          const taken = dirty.take(now);
          expect(taken.size > 0).toBe(next <= now);
          for (const ready of taken.keys()) sinceMs.delete(ready);
          for (const since of sinceMs.values()) expect(now - since).toBeLessThan(100);
          dirty.add(path, "entry", now);
          if (!sinceMs.has(path)) sinceMs.set(path, now);
        }
        expect(dirty.take(now + 10).size).toBe(sinceMs.size);
      }),
    );
  });
});

describe("the aggregator in a flood", () => {
  test("lets directories stand for their entries, the deepest first", () => {
    const dirty = aggregator({ pathsMax: 4 });
    dirty.add("top", "entry", 1000);
    for (const name of ["1", "2", "3"]) dirty.add(`a/b/${name}`, "entry", 1000);
    expect(dirty.size).toBe(4);
    dirty.add("a/c", "entry", 1001);
    // Half of the room is free again: a/b alone, in place of its three files, would not have been enough.
    expect([...dirty.take(1020)]).toEqual([
      ["top", "entry"],
      ["a", "tree"],
    ]);
  });

  test("gives it out together, whatever delay it would have waited for", () => {
    const dirty = aggregator({ pathsMax: 4, delayMs: 60_000 });
    for (let at = 0; at < 5; at++) dirty.add(`d/${at}`, "entry", 1000);
    expect([...dirty.take(1010)]).toEqual([["d", "listing"]]);
    dirty.add("later", "entry", 2000);
    expect(dirty.nextMs()).toBe(62_000);
  });

  test("keeps what failed apart, with its own time", () => {
    const dirty = aggregator({ pathsMax: 20 });
    for (let at = 0; at < 8; at++) dirty.retry(`failed/${at}`, 5000, 0);
    for (let at = 0; at < 100; at++) dirty.add(`d/${at}`, "entry", 1000);
    expect(dirty.take(2000).get("d")).toBe("listing");
    expect([...dirty.paths()]).toHaveLength(8);
    expect(dirty.take(5000).size).toBe(8);
  });

  test("keeps few paths, and every change is covered by what is looked at", () => {
    const name = fc.constantFrom("a", "b", "c", "d");
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const scope = fc.constantFrom<Scope[]>("entry", "listing", "tree");
    fc.assert(
      fc.property(fc.array(fc.record({ path, scope }), { maxLength: 60 }), (changes) => {
        const dirty = aggregator({ pathsMax: 5 });
        for (const change of changes) {
          dirty.add(change.path, change.scope, 0);
          expect(dirty.size).toBeLessThanOrEqual(5);
        }
        const looks = dirty.take(1000);
        for (const change of changes) expect(covers(looks, change.path, change.scope)).toBe(true);
      }),
    );
  });

  /** True if `looks` find whatever changed at `path`. */
  function covers(looks: Map<string, Scope>, path: string, scope: Scope): boolean {
    const order = ["entry", "listing", "tree"];
    const own = looks.get(path);
    if (own !== undefined && order.indexOf(own) >= order.indexOf(scope)) return true;
    if (scope === "entry" && looks.get(parentOf(path)) === "listing") return true;
    for (let above = path; above !== root; ) {
      above = parentOf(above);
      if (looks.get(above) === "tree") return true;
    }
    return false;
  }
});
