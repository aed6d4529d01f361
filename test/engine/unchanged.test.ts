/** A restart looks at sums of directories instead of entries: it must notice exactly what a comparison entry by entry does. */
import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { difference } from "../../src/core/diff.ts";
import { isFault } from "../../src/core/fault.ts";
import { fromText, join, type Path, parentOf, root, toFs } from "../../src/core/path.ts";
import { Look } from "../../src/engine/look.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { Source } from "../../src/watch/source.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { tempDir } from "../helpers/process.ts";

/** Names that are bytes, among them some that are no text, which a process cannot enter by name. */
const names = ["a", "b.txt", "\xff\xfe", "\xc3\xa4", ...oddNames];

/** A source with a ledger that holds all of it. */
class Mirror {
  readonly source = new Source(fromText(tempDir("tsync-unchanged-")));
  readonly ledger = open();
  readonly directories: Path[] = [root];
  readonly files: Path[] = [];
  readonly links: Path[] = [];

  at(path: Path): string | Buffer {
    return toFs(this.source.absolute(path));
  }

  /** Makes a tree as the numbers say: a directory, a link or a file below one of the directories so far. */
  fill(numbers: readonly number[]): void {
    for (const number of numbers) {
      const above = this.directories[number % this.directories.length]!;
      const path = join(above, names[(number >> 4) % names.length]!);
      if (this.source.look(path) !== null) continue;
      if (number % 3 === 0) {
        mkdirSync(this.at(path));
        this.directories.push(path);
      } else if (number % 7 === 0) {
        symlinkSync("nowhere", this.at(path));
        this.links.push(path);
      } else {
        writeFileSync(this.at(path), `${number}`);
        this.files.push(path);
      }
    }
    for (const path of [...this.files, ...this.directories.slice(1).reverse()])
      utimesSync(this.at(path), 1_600_000_000, 1_600_000_000.25);
  }

  /** Records all that is there as held by the target. */
  hold(path: Path = root): void {
    this.ledger.put(path, { ...this.source.look(path)!, doubt: "none" });
    const listed = this.source.list(path);
    if (this.source.look(path)!.kind !== "directory" || !Array.isArray(listed)) return;
    for (const name of listed) this.hold(join(path, name));
  }

  /** What a look at the whole tree finds to differ. */
  async looked(): Promise<Path[]> {
    const found: Path[] = [];
    const takeNew = async (seen: ReadonlyMap<Path, unknown>) => {
      found.push(...seen.keys());
      return true;
    };
    const look = new Look(this.source, this.ledger, takeNew, () => false, { fresh: false, canMove: true });
    await look.at(new Map([[root, "tree"]]));
    return [...found, ...look.finish().keys()].sort();
  }

  /** What a comparison entry by entry finds to differ. */
  compared(path: Path = root): Path[] {
    const found: Path[] = [];
    const listed = this.source.list(path) as string[];
    const held = this.ledger.children(path);
    for (const name of held.keys()) if (!listed.includes(name)) found.push(join(path, name));
    for (const name of listed) {
      const [child, before] = [join(path, name), held.get(name) ?? null];
      const entry = this.source.look(child)!;
      if (difference(before, entry) !== "same") found.push(child);
      if (entry.kind !== "directory") continue;
      // A directory that was moved here is not looked into: its move goes out first.
      const moved = this.ledger.find(entry).some((other) => other !== child);
      if (!moved) found.push(...this.compared(child));
    }
    return found.sort();
  }
}

function open(): Ledger {
  const ledger = Ledger.open(":memory:");
  if (isFault(ledger)) throw new Error(ledger.message);
  return ledger;
}

/** Replaces the file by another one of the same attributes. */
function replace(mirror: Mirror, path: Path): void {
  const { atime, mtime } = lstatSync(mirror.at(path));
  writeFileSync(mirror.at(`${path}~`), "x".repeat(lstatSync(mirror.at(path)).size));
  renameSync(mirror.at(`${path}~`), mirror.at(path));
  utimesSync(mirror.at(path), atime, mtime);
}

/** Every kind of change, of a file, a link or a directory; each changes at least one path. */
const fileChanges: Record<string, (mirror: Mirror, path: Path) => void> = {
  "content of another size": (mirror, path) => appendFileSync(mirror.at(path), "x"),
  "content of the same size": (mirror, path) =>
    writeFileSync(mirror.at(path), "x".repeat(lstatSync(mirror.at(path)).size)),
  "a size alone": (mirror, path) => {
    appendFileSync(mirror.at(path), "x");
    utimesSync(mirror.at(path), 1_600_000_000, 1_600_000_000.25);
  },
  mode: (mirror, path) => chmodSync(mirror.at(path), 0o601),
  "set-id bits": (mirror, path) => chmodSync(mirror.at(path), 0o4644),
  "a time, by a microsecond": (mirror, path) =>
    utimesSync(mirror.at(path), 1_600_000_000, 1_600_000_000.250001),
  "another inode": replace,
  removal: (mirror, path) => unlinkSync(mirror.at(path)),
  "a new name": (mirror, path) => renameSync(mirror.at(path), mirror.at(`${path}2`)),
  "a second name": (mirror, path) => linkSync(mirror.at(path), mirror.at(`${path}2`)),
  "a new file beside it": (mirror, path) => writeFileSync(mirror.at(`${path}2`), ""),
  "a directory in its place": (mirror, path) => {
    unlinkSync(mirror.at(path));
    mkdirSync(mirror.at(path));
    writeFileSync(mirror.at(`${path}/inner`), "");
  },
  "a link in its place": (mirror, path) => {
    unlinkSync(mirror.at(path));
    symlinkSync("x", mirror.at(path));
  },
};
const linkChanges: Record<string, (mirror: Mirror, path: Path) => void> = {
  "where it points": (mirror, path) => {
    unlinkSync(mirror.at(path));
    symlinkSync("nowhera", mirror.at(path));
    lutimesSync(mirror.at(path), 1_600_000_000, 1_600_000_000.25);
  },
  "the time of a link": (mirror, path) => lutimesSync(mirror.at(path), 1, 2),
};
const directoryChanges: Record<string, (mirror: Mirror, path: Path) => void> = {
  "mode of a directory": (mirror, path) => chmodSync(mirror.at(path), 0o711),
  "time of a directory": (mirror, path) => utimesSync(mirror.at(path), 1, 2),
  "removal of a directory": (mirror, path) => rmSync(mirror.at(path), { recursive: true }),
  "a new name of a directory": (mirror, path) => renameSync(mirror.at(path), mirror.at(`${path}2`)),
  "a new directory in it": (mirror, path) => mkdirSync(mirror.at(`${path}/new`)),
  "an equal directory in its place": (mirror, path) => {
    renameSync(mirror.at(path), mirror.at("away"));
    mkdirSync(mirror.at(path));
    rmSync(mirror.at("away"), { recursive: true });
  },
};
if (process.getuid?.() === 0) {
  fileChanges.owner = (mirror, path) => chownSync(mirror.at(path), 12345, 0);
  fileChanges.group = (mirror, path) => chownSync(mirror.at(path), 0, 12345);
  linkChanges["owner of a link"] = (mirror, path) => lchownSync(mirror.at(path), 12345, 0);
  directoryChanges["owner of a directory"] = (mirror, path) => chownSync(mirror.at(path), 12345, 0);
}

const numbers = fc.array(fc.nat(10_000), { minLength: 10, maxLength: 40, size: "max" });

describe("a look at a tree that is held", () => {
  test("finds nothing if nothing changed, and stays in its working directory", async () => {
    const before = process.cwd();
    await fc.assert(
      fc.asyncProperty(numbers, async (list) => {
        const mirror = new Mirror();
        mirror.fill(list);
        mirror.hold();
        expect(await mirror.looked()).toEqual([]);
        for (const path of mirror.directories)
          expect([path, mirror.source.survey(path)!.tally.equals(mirror.ledger.tally(path))]).toEqual([
            path,
            true,
          ]);
      }),
      { numRuns: 15 },
    );
    expect(process.cwd()).toBe(before);
  });

  const kinds = { files: fileChanges, links: linkChanges, directories: directoryChanges };
  for (const [kind, changes] of Object.entries(kinds) as [keyof typeof kinds, typeof fileChanges][]) {
    test.each(Object.keys(changes))(`notices ${kind}: %s`, async (name) => {
      await fc.assert(
        fc.asyncProperty(numbers, fc.nat(), async (list, which) => {
          const mirror = new Mirror();
          mirror.fill([3, 5, 35, ...list]);
          mirror.hold();
          const paths = mirror[kind].filter((path) => path !== root);
          const path = paths[which % paths.length]!;
          changes[name]!(mirror, path);
          const compared = mirror.compared();
          expect(compared.length).toBeGreaterThan(0);
          expect(await mirror.looked()).toEqual(compared);
        }),
        { numRuns: 6 },
      );
    });
  }

  test("notices what is in doubt", async () => {
    const mirror = new Mirror();
    mirror.fill([1, 2, 3, 4, 5, 6, 7, 8]);
    mirror.hold();
    for (const doubt of ["racy", "transfer", "first-transfer"] as const) {
      const path = mirror.files[0]!;
      mirror.ledger.put(path, { ...mirror.ledger.get(path)!, doubt });
      expect(await mirror.looked()).toEqual([path]);
    }
  });

  test("notices that what is in doubt is gone", async () => {
    for (const doubt of ["racy", "transfer", "first-transfer"] as const) {
      const mirror = new Mirror();
      mirror.fill([1, 2, 3, 4, 5, 6, 7, 8]);
      mirror.hold();
      const path = mirror.files[0]!;
      const parent = parentOf(path);
      unlinkSync(mirror.at(path));
      // As if the directory's own time had been seen after that.
      mirror.ledger.put(path, { ...mirror.ledger.get(path)!, doubt });
      if (parent !== root) mirror.ledger.put(parent, { ...mirror.source.look(parent)!, doubt: "none" });
      expect(await mirror.looked()).toEqual([path]);
    }
  });

  test("leaves a directory that vanished to a closer look", () => {
    expect(new Mirror().source.survey("not there")).toBeNull();
  });
});
