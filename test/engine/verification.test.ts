/** A comparison in parts finds what one in a single piece finds, whatever comes in between. */
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { compareInTree, type Finding } from "../../src/core/drift.ts";
import { Fault, isFault } from "../../src/core/fault.ts";
import { fromText } from "../../src/core/path.ts";
import { confirm } from "../../src/engine/confirm.ts";
import { type Sides, Verification } from "../../src/engine/verification.ts";
import { LocalTarget } from "../../src/target/local.ts";
import type { Target } from "../../src/target/target.ts";
import { Source } from "../../src/watch/source.ts";
import { runProcess, tempDir } from "../helpers/process.ts";

const old = 1_600_000_000;

/** Two trees that are equal, in directories of many depths, until `tamper` changes the second one. */
async function sides(tamper: (at: (path: string) => string) => void): Promise<Sides & { folder: string }> {
  const folder = tempDir("tsync-verification-");
  const [base, directory] = [`${folder}/source`, `${folder}/target`];
  for (const below of ["a", "a/b", "a/b/c", "a-b", "d", "d/e", "f", "f/g/h"]) {
    mkdirSync(`${base}/${below}`, { recursive: true });
    for (const name of ["1", "2", "3"]) {
      writeFileSync(`${base}/${below}/${name}`, name);
      utimesSync(`${base}/${below}/${name}`, old, old);
    }
  }
  await runProcess(["cp", "-a", base, directory]);
  tamper((path) => `${directory}/${path}`);
  const target = new LocalTarget(fromText(directory), fromText(base), true);
  return { folder, source: new Source(fromText(base)), target, deleteExcluded: false };
}

/** What a comparison in steps of `entriesMax` entries finds, in the order in which it can be told. */
async function findingsOf(sides: Sides, entriesMax: number): Promise<string[]> {
  const verification = new Verification(sides, { entries: entriesMax, contentBytes: 1 });
  const told: Finding[] = [];
  let waiting: Finding[] = [];
  for (let step = await verification.next(); step !== null; step = await verification.next()) {
    if (isFault(step)) {
      expect(step.message).toBe("not now");
      continue;
    }
    const { frontier } = verification;
    waiting.push(...step.findings);
    // Nothing comes later that belongs before what was told.
    const due = waiting.filter(({ path }) => frontier === null || compareInTree(path, frontier) <= 0);
    waiting = waiting.filter((finding) => !due.includes(finding));
    told.push(...due.sort((a, b) => compareInTree(a.path, b.path)));
  }
  told.push(...waiting.sort((a, b) => compareInTree(a.path, b.path)));
  return told.map(
    (finding) => `${finding.is === "different" ? finding.traits.join() : finding.is} ${finding.path}`,
  );
}

const tampered = () =>
  sides((at) => {
    rmSync(at("a/b"), { recursive: true });
    writeFileSync(at("a/b"), "a file");
    rmSync(at("a-b/2"));
    mkdirSync(at("d/e/new/deep"), { recursive: true });
    writeFileSync(at("d/e/new/deep/file"), "");
    chmodSync(at("d/3"), 0o600);
    // What is behind the link looks like what was there.
    renameSync(at("f/g"), at("moved"));
    symlinkSync("../moved", at("f/g"));
    rmSync(at("f/1"));
    for (const path of ["a", "a-b", "d/e", "f"]) utimesSync(at(path), old, old);
  });

const expected = [
  "mtime a",
  "kind a/b",
  "mtime a-b",
  "missing a-b/2",
  "mode d/3",
  "mtime d/e",
  "extra d/e/new",
  "mtime f",
  "missing f/1",
  "kind f/g",
  "extra moved",
];

test.each([1, 1_000])("in steps of %d entries", async (entriesMax) => {
  expect(await findingsOf(await tampered(), entriesMax)).toEqual(expected);
});

test("contents are compared in smaller steps", async () => {
  const all = await sides(() => {});
  const largest = async (comparesContent: boolean) => {
    const verification = new Verification({ ...all, comparesContent }, { entries: 1_000, contentBytes: 9 });
    const steps: number[] = [];
    for (let step = await verification.next(); step !== null; step = await verification.next())
      if (!isFault(step)) steps.push(step.entries);
    return Math.max(...steps);
  };
  // Files of one byte each, and the directories that they are in.
  expect(await largest(true)).toBeLessThan(20);
  expect(await largest(false)).toBe(33);
});

test("a step that fails is taken again", async () => {
  const { target, ...others } = await tampered();
  let calls = 0;
  const failing = new Proxy(target, {
    get(of, name: keyof Target) {
      const value = of[name];
      if (name !== "compare" && name !== "inspect") return value;
      return (...args: unknown[]) =>
        calls++ % 2 === 0
          ? new Fault("connection", "not now", "", true)
          : (value as (...args: unknown[]) => unknown).apply(of, args);
    },
  });
  expect(await findingsOf({ ...others, target: failing }, 5)).toEqual(expected);
  expect(calls).toBeGreaterThan(10);
});

test("a directory that vanishes from the source while it is compared is compared no further", async () => {
  const all = await sides((at) => rmSync(at("a/b/1")));
  const verification = new Verification(all, { entries: 1, contentBytes: 1 });
  const first = await verification.next();
  rmSync(`${all.folder}/source/a`, { recursive: true });
  const findings: Finding[] = [];
  for (let step = first; step !== null; step = await verification.next()) {
    if (isFault(step)) throw new Error(step.toString());
    findings.push(...step.findings);
  }
  expect(findings).toEqual([]);
});

test("what is mended before the second look, or was never so, is not confirmed", async () => {
  const all = await tampered();
  const verification = new Verification(all, { entries: 1_000, contentBytes: 1 });
  const step = await verification.next();
  if (step === null || isFault(step)) throw new Error("no step");
  chmodSync(`${all.folder}/target/d/3`, 0o644);
  writeFileSync(`${all.folder}/source/a-b/2`, "changed meanwhile");
  const confirmed = await confirm(all, step.findings, false);
  if (isFault(confirmed)) throw new Error(confirmed.toString());
  const paths = confirmed.findings.map(({ path }) => path);
  expect(paths).not.toContain("d/3");
  expect(paths).toContain("a-b/2");
  expect(paths).toContain("f/1");
  expect(confirmed.changing).toBe(0);
});
