/** Everything that a target does, with the names that are given; afterwards it must be equal to the source. */
import { expect } from "bun:test";
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isFault } from "../../src/core/fault.ts";
import type { Send, Step } from "../../src/core/operation.ts";
import type { Path } from "../../src/core/path.ts";
import type { Target } from "../../src/target/target.ts";
import { Source } from "../../src/watch/source.ts";
import { bytesOf, diffTrees, snapshot } from "./trees.ts";

/** Four names that no program gets wrong. */
const plainNames: readonly string[] = ["one", "two", "three", "four"];

/**
 * Connects `target`, whose directory is `directory` on this machine, and works on it with `names` (byte strings, at
 * least four). `source`: an empty directory, the target's base. `moves`: whether the target can move.
 */
export async function exercise(
  target: Target,
  source: string,
  directory: string,
  names: readonly string[] = plainNames,
  moves = true,
): Promise<void> {
  expect(await target.connect()).toBeNull();
  const at = (path: Path) => bytesOf(`${source}/${path}`);
  const [dirs, files] = [0, 1].map((odd) => names.filter((_, index) => index % 2 === odd)) as [
    Path[],
    Path[],
  ];
  const [first, second] = dirs as [Path, Path];

  const run = async (steps: readonly Step[]) => {
    const outcomes: string[] = [];
    const fault = await target.run(steps, (index, outcome) => {
      const is = target.isOpaque === true && outcome.is === "kept" ? "done" : outcome.is;
      outcomes[index] = outcome.is === "failed" ? outcome.reason : is;
    });
    expect(fault).toBeNull();
    expect(outcomes).toEqual(steps.map(() => "done"));
  };
  const send = async (paths: readonly Path[], compare: Send["compare"]) => {
    const from = new Source(source);
    const report = await target.send(paths.map((path) => ({ path, entry: from.look(path)!, compare })));
    if (isFault(report)) throw new Error(`send: ${report}`);
    expect([...report.failed]).toEqual([]);
    expect([...report.missed]).toEqual([]);
  };

  for (const path of dirs) mkdirSync(at(path), { mode: 0o755 });
  const from = new Source(source);
  await run(dirs.map((path): Step => ({ do: "make-directory", path, entry: from.look(path)! })));
  const inside = files.map((name) => `${first}/${name}`);
  for (const path of inside) writeFileSync(at(path), `content of ${path}`);
  await send(inside, "unless-equal");
  for (const path of inside) writeFileSync(at(path), `new content of ${path}`);
  await send(inside, "changed");

  if (moves) {
    const steps: Step[] = files.map((name) => ({ do: "move", from: `${first}/${name}`, to: name }));
    steps.push({ do: "move", from: second, to: `${first}/${second}` });
    for (const step of steps) if (step.do === "move") renameSync(at(step.from), at(step.to));
    await run(steps);
  }
  const left = [...snapshot(source).keys()];
  for (const path of left) chmodSync(at(path), 0o700);
  await run(left.map((path): Step => ({ do: "set-mode", path, mode: 0o700 })));

  if (target.isOpaque !== true) expect((await list(target)).sort()).toEqual([...left].sort());

  const gone: Step[] = [
    { do: "remove", path: moves ? files[0]! : inside[0]! },
    // What cannot be looked at is never made exact.
    ...(target.isOpaque === true ? [] : [{ do: "remove-tree", path: first } as const]),
    ...dirs.slice(2).map((path): Step => ({ do: "remove-directory", path })),
  ];
  for (const step of gone) if (step.do !== "move") rmSync(at(step.path), { recursive: true, force: true });
  await run(gone);
  // (A command need not keep all of a time.)
  const mtimes = target.isOpaque !== true;
  expect(diffTrees(source, directory, { mtimes, mtimeOfDirectories: false })).toEqual([]);
}

/** What is on the target. */
async function list(target: Target): Promise<Path[]> {
  const paths = await target.list();
  if (isFault(paths)) throw new Error(`list: ${paths}`);
  return paths;
}
