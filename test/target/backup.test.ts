/** Backups on every kind of target: what is replaced or removed is kept. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { Fault } from "../../src/core/fault.ts";
import type { Outcome, Step } from "../../src/core/operation.ts";
import type { Path } from "../../src/core/path.ts";
import type { Target } from "../../src/target/target.ts";
import type { BackupOptions } from "../../src/target/transfer-options.ts";
import { Source } from "../../src/watch/source.ts";
import { entryOf } from "../helpers/model.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { tempDir } from "../helpers/process.ts";
import { bytesOf, snapshot } from "../helpers/trees.ts";
import { kindsByRsyncAlone, type TargetKind, targetKinds } from "./kinds.ts";

const inDirectory: BackupOptions = { directory: "old copies/it's", suffix: "" };
const besides: BackupOptions = { directory: null, suffix: "~" };

const kinds = Object.keys(targetKinds).filter((name) => !kindsByRsyncAlone.has(name));

describe.each(kinds)("target: %s", (name) => {
  let kind: TargetKind;
  let source: string;
  let directory: string;
  let target: Target;

  beforeAll(async () => {
    kind = await targetKinds[name]!();
  });
  afterAll(() => kind.stop());
  beforeEach(() => {
    const folder = tempDir("tsync-backup-");
    source = `${folder}/source`;
    directory = `${folder}/target`;
    mkdirSync(source);
    mkdirSync(directory);
  });
  afterEach(async () => {
    await target.close();
    rmSync(dirname(source), { recursive: true, force: true });
  });

  async function open(backup: BackupOptions): Promise<void> {
    target = kind.open({ directory, base: source, transfer: { backup } });
    expect(await target.connect()).toBeNull();
  }
  async function run(...steps: Step[]): Promise<Outcome["is"][]> {
    const outcomes: Outcome["is"][] = [];
    const report = (index: number, outcome: Outcome) => {
      outcomes[index] = outcome.is;
      if (outcome.is === "failed") outcomes[index] = outcome.reason as "failed";
    };
    expect(await target.run(steps, report)).toBeNull();
    return outcomes;
  }
  async function send(path: Path, content: string): Promise<void> {
    writeFileSync(bytesOf(`${source}/${path}`), content);
    const entry = new Source(source).look(path)!;
    const report = await target.send([{ path, entry, compare: "changed" }]);
    if (report instanceof Fault) throw new Error(`${report}`);
    expect([...report.failed]).toEqual([]);
  }
  const at = (path: string) => bytesOf(`${directory}/${path}`);
  const put = (path: string, content = path) => {
    mkdirSync(bytesOf(dirname(`${directory}/${path}`)), { recursive: true });
    writeFileSync(at(path), content, "latin1");
  };
  const files = () =>
    Object.fromEntries(
      [...snapshot(directory)]
        .filter(([, line]) => line.startsWith("file"))
        .map(([path]) => [path, readFileSync(at(path), "latin1")]),
    );

  test("what tsync did not put in the place of a file stays", async () => {
    await open(inDirectory);
    put("full/theirs");
    mkdirSync(at("empty"));
    expect(await run({ do: "remove", path: "full" }, { do: "remove", path: "empty" })).toEqual([
      "kept",
      "done",
    ]);
    expect([...snapshot(directory).keys()]).toEqual(["full", "full/theirs"]);
  });

  test("overwritten by content", async () => {
    await open(inDirectory);
    put("a/file", "old");
    mkdirSync(`${source}/a`);
    await send("a/file", "new");
    expect(files()).toEqual({ "a/file": "new", "old copies/it's/a/file": "old" });
  });

  test("what is sent once more, in doubt, does not replace the backup", async () => {
    await open(inDirectory);
    put("file", "old");
    await send("file", "new");
    await send("file", "new");
    expect(files()).toEqual({ file: "new", "old copies/it's/file": "old" });
    await send("file", "sum");
    expect(files()).toEqual({ file: "sum", "old copies/it's/file": "new" });
  });

  test("overwritten by content, with a suffix", async () => {
    await open({ directory: null, suffix: " of 'it'" });
    put("file", "old");
    await send("file", "new");
    expect(files()).toEqual({ file: "new", "file of 'it'": "old" });
  });

  test("a directory and a suffix, the directory elsewhere", async () => {
    const elsewhere = `${dirname(directory)}/else where`;
    await open({ directory: elsewhere, suffix: ".bak" });
    put("a/file", "old");
    put("b/file", "gone");
    mkdirSync(`${source}/a`);
    await send("a/file", "new");
    expect(await run({ do: "remove", path: "b/file" })).toEqual(["done"]);
    expect(files()).toEqual({ "a/file": "new" });
    expect(readFileSync(`${elsewhere}/a/file.bak`, "utf8")).toBe("old");
    expect(readFileSync(`${elsewhere}/b/file.bak`, "utf8")).toBe("gone");
  });

  test.each([
    ["in a directory", inDirectory, (path: string) => `old copies/it's/${path}`],
    ["besides", besides, (path: string) => `${path}~`],
  ] as const)("each step keeps what it removes: %s", async (_, backup, place) => {
    await open(backup);
    for (const path of ["one", "moved", "there", "made", "tree/a", "tree/deep/b", "tree/deep/.c"]) put(path);
    mkdirSync(at("empty"));
    symlinkSync("nowhere", at("link"));
    symlinkSync("tree", at("tree/deep/link"));
    expect(
      await run(
        { do: "remove", path: "one" },
        { do: "remove", path: "missing" },
        { do: "remove", path: "empty" },
        { do: "remove", path: "link" },
        { do: "move", from: "moved", to: "there" },
        { do: "make-directory", path: "made", entry: entryOf("directory", 9) },
        { do: "remove-tree", path: "tree" },
        { do: "remove-tree", path: "missing" },
      ),
    ).toEqual(Array(8).fill("done"));
    expect(files()).toEqual({
      there: "moved",
      [place("there")]: "there",
      [place("one")]: "one",
      [place("made")]: "made",
      [place("tree/a")]: "tree/a",
      [place("tree/deep/b")]: "tree/deep/b",
      [place("tree/deep/.c")]: "tree/deep/.c",
    });
    expect(readlinkSync(at(place("link")), "utf8")).toBe("nowhere");
    expect(readlinkSync(at(place("tree/deep/link")), "utf8")).toBe("tree");
    expect(lstatSync(at("made")).isDirectory()).toBe(true);
    expect(existsSync(at("empty"))).toBe(false);
    expect(existsSync(at("tree"))).toBe(backup === besides);
    const listed = (await target.list()) as Path[];
    expect(listed).toEqual(expect.arrayContaining(["made", "there"]));
    expect(listed).toHaveLength(2);
  });

  test("names of all kinds", async () => {
    await open(inDirectory);
    const names = oddNames.filter((one) => one.length < 250);
    for (const one of names) put(`d/${one}`, one);
    for (const one of names) put(`tree/${one}/file`, one);
    const removes = names.map((one): Step => ({ do: "remove", path: `d/${one}` }));
    expect(new Set(await run(...removes, { do: "remove-tree", path: "tree" }))).toEqual(new Set(["done"]));
    const expected: Record<string, string> = {};
    for (const one of names) {
      expected[`old copies/it's/d/${one}`] = one;
      expected[`old copies/it's/tree/${one}/file`] = one;
    }
    expect(files()).toEqual(expected);
    expect(existsSync(at("tree"))).toBe(false);
  });

  test("older backups make way, whatever they are; nothing else does", async () => {
    await open(inDirectory);
    const remove = async (path: string) => expect(await run({ do: "remove", path })).toEqual(["done"]);
    for (const content of ["first", "second"]) {
      put("file", content);
      await remove("file");
    }
    put("file/below", "third");
    await remove("file/below");
    rmSync(at("file"), { recursive: true });
    put("file", "fourth");
    await remove("file");
    symlinkSync("/tmp", at("file"));
    await remove("file");
    put("file", "fifth");
    await remove("file");
    expect(files()).toEqual({ "old copies/it's/file": "fifth" });
    // What is in the way of the directory itself is not tsync's.
    rmSync(at("old copies"), { recursive: true });
    put("old copies", "theirs");
    put("file", "sixth");
    expect((await run({ do: "remove", path: "file" }))[0]).toMatch(/not a directory|exists/i);
    expect(files()).toEqual({ file: "sixth", "old copies": "theirs" });
  });

  test("a tree with the backups in it is removed around them", async () => {
    await open({ directory: "tree/deep/backups", suffix: "" });
    put("tree/a");
    put("tree/deep/b");
    expect(await run({ do: "remove", path: "tree/a" })).toEqual(["done"]);
    expect(await run({ do: "remove-tree", path: "tree" })).toEqual(["done"]);
    expect(files()).toEqual({
      "tree/deep/backups/tree/a": "tree/a",
      "tree/deep/backups/tree/deep/b": "tree/deep/b",
    });
  });

  test("another file system", async () => {
    const elsewhere = `/dev/shm/tsync-backup-${process.pid}-${Math.random()}`;
    await open({ directory: elsewhere, suffix: "" });
    put("a/fi'le\xff", "content");
    utimesSync(at("a/fi'le\xff"), 1, 1);
    expect(await run({ do: "remove", path: "a/fi'le\xff" })).toEqual(["done"]);
    const kept = bytesOf(`${elsewhere}/a/fi'le\xff`);
    expect(readFileSync(kept, "utf8")).toBe("content");
    expect(lstatSync(kept).mtimeMs).toBe(1_000);
    rmSync(elsewhere, { recursive: true });
  });
});
