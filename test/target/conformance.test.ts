/** What every kind of target must do, through the `Target` interface only. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Entry } from "../../src/core/entry.ts";
import { Fault } from "../../src/core/fault.ts";
import type { Outcome, Send, Step } from "../../src/core/operation.ts";
import { type Path, root } from "../../src/core/path.ts";
import type { SendReport, Target } from "../../src/target/target.ts";
import { Source } from "../../src/watch/source.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { runProcess, tempDir } from "../helpers/process.ts";
import { bytesOf, diffTrees, namesIn, snapshot } from "../helpers/trees.ts";
import { kindsByRsyncAlone, type TargetKind, targetKinds } from "./kinds.ts";

/** Every byte that a name may have, as the first, the last and the only one; odd names; the longest names. */
const allBytes = Array.from({ length: 255 }, (_, at) => String.fromCharCode(at + 1)).filter(
  (char) => char !== "/" && char !== ".",
);
const names: readonly string[] = [
  ...new Set([
    ...allBytes,
    `x${allBytes.slice(0, 120).join("")}`,
    `${allBytes.slice(120).join("")}x`,
    "-rf",
    "#",
    ";",
    "m".repeat(255),
    "\xff".repeat(255),
    "'".repeat(255),
    "\n".repeat(255),
    ...oddNames,
  ]),
];

const directoryEntry: Entry = {
  kind: "directory",
  mode: 0o755,
  size: 0,
  mtimeMs: 0,
  uid: 0,
  gid: 0,
  dev: 0,
  ino: 1,
  birthMs: 1,
  link: "",
};
const makeDirectory = (path: Path, mode = 0o755): Step => ({
  do: "make-directory",
  path,
  entry: { ...directoryEntry, mode },
});

const reasonOf = (outcome: Outcome | undefined) =>
  outcome?.is === "failed" ? outcome.reason : `no failure, but ${outcome?.is}`;

describe.each(Object.keys(targetKinds))("target: %s", (name) => {
  const byRsyncAlone = kindsByRsyncAlone.has(name);
  /** For what a target by rsync alone has no form of. */
  const testMoves = test.skipIf(byRsyncAlone);
  let kind: TargetKind;
  let source: string;
  let directory: string;
  let target: Target;
  const opened: Target[] = [];

  beforeAll(async () => {
    kind = await targetKinds[name]!();
  });
  afterAll(() => kind.stop());
  beforeEach(async () => {
    const folder = tempDir("tsync-conformance-");
    source = `${folder}/source`;
    directory = `${folder}/target`;
    mkdirSync(source);
    target = await open();
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    rmSync(dirname(source), { recursive: true, force: true });
  });

  async function open(options: { mayReplace?: boolean; directory?: string } = {}): Promise<Target> {
    const made = kind.open({ directory, base: source, ...options });
    opened.push(made);
    expect(await made.connect()).toBeNull();
    return made;
  }

  /** What became of each step; `undefined` for those that were not reported. */
  async function run(
    steps: readonly Step[],
    on = target,
    replay = false,
  ): Promise<(Outcome["is"] | undefined)[]> {
    const outcomes = await runFully(steps, on, replay);
    return outcomes.map((outcome) => outcome?.is);
  }
  async function runFully(
    steps: readonly Step[],
    on = target,
    replay = false,
  ): Promise<(Outcome | undefined)[]> {
    const outcomes: (Outcome | undefined)[] = steps.map(() => undefined);
    const report = (index: number, outcome: Outcome) => {
      expect(outcomes[index]).toBeUndefined();
      outcomes[index] = outcome;
    };
    expect(await on.run(steps, report, replay)).toBeNull();
    return outcomes;
  }

  /** Sends `paths` as they are in the source. */
  async function send(
    paths: readonly Path[],
    compare: Send["compare"] = "unless-equal",
  ): Promise<SendReport> {
    const report = await target.send(sendsOf(paths, compare));
    if (report instanceof Fault) throw new Error(`send: ${report}`);
    return report;
  }
  function sendsOf(paths: readonly Path[], compare: Send["compare"] = "unless-equal"): Send[] {
    const from = new Source(source);
    return paths.map((path) => ({ path, entry: from.look(path) ?? directoryEntry, compare }));
  }

  const at = (path: string) => bytesOf(`${directory}/${path}`);
  const from = (path: string) => bytesOf(`${source}/${path}`);
  const contentAt = (path: string) => readFileSync(at(path), "latin1");
  const put = (path: string, content = path) => writeFileSync(at(path), content);
  const modeAt = (path: string) => lstatSync(at(path)).mode & 0o7777;

  describe("steps", () => {
    test("each does what it says", async () => {
      const renamed = byRsyncAlone ? "file" : "new/inner/renamed";
      writeFileSync(from("file"), "content");
      await send(["file"]);
      put("gone");
      mkdirSync(at("empty"));
      mkdirSync(at("tree/below"), { recursive: true });
      put("tree/below/file");
      const steps: Step[] = [
        makeDirectory("new", 0o750),
        makeDirectory("new/inner", 0o500),
        ...(byRsyncAlone ? [] : [{ do: "move", from: "file", to: "new/inner/renamed" } as const]),
        { do: "remove", path: "gone" },
        { do: "remove-directory", path: "empty" },
        { do: "remove-tree", path: "tree" },
        { do: "set-mode", path: renamed, mode: 0o4711 },
        { do: "set-mode", path: "new", mode: 0o2755 },
      ];
      expect(await run(steps)).toEqual(steps.map(() => "done"));
      expect([...snapshot(directory).keys()].sort()).toEqual(["new", "new/inner", renamed].sort());
      expect(contentAt(renamed)).toBe("content");
      expect(modeAt(renamed)).toBe(0o4711);
      expect(modeAt("new")).toBe(0o2755);
      expect(modeAt("new/inner")).toBe(0o700);
      // Also takes bits away again.
      expect(await run([{ do: "set-mode", path: "new", mode: 0o755 }])).toEqual(["done"]);
      expect(modeAt("new")).toBe(0o755);
    });

    test.skipIf(!byRsyncAlone)("a move is not possible, and ends the batch", async () => {
      put("file");
      put("other");
      expect(target.canMove).toBe(false);
      const steps: Step[] = [
        makeDirectory("new"),
        { do: "move", from: "file", to: "new/file" },
        { do: "remove", path: "other" },
      ];
      expect(await run(steps)).toEqual(["done", "occupied", undefined]);
      expect(namesIn(directory)).toEqual(["file", "new", "other"]);
      // A replay carries out everything else.
      expect(await run(steps, target, true)).toEqual(["done", "occupied", "done"]);
      expect(namesIn(directory)).toEqual(["file", "new"]);
    });

    test("an empty batch is a batch", async () => {
      expect(await run([])).toEqual([]);
    });

    testMoves("a directory moves with all that is in it", async () => {
      mkdirSync(at("a/deep"), { recursive: true });
      put("a/deep/file");
      expect(await run([{ do: "move", from: "a", to: "b" }])).toEqual(["done"]);
      expect([...snapshot(directory).keys()]).toEqual(["b", "b/deep", "b/deep/file"]);
    });

    testMoves("a move replaces a file", async () => {
      put("a", "new");
      put("b", "old");
      chmodSync(at("b"), 0o400);
      expect(await run([{ do: "move", from: "a", to: "b" }])).toEqual(["done"]);
      expect(namesIn(directory)).toEqual(["b"]);
      expect(contentAt("b")).toBe("new");
    });

    testMoves("a swap through a third name", async () => {
      put("a");
      put("b");
      const steps: Step[] = [
        { do: "move", from: "a", to: "t" },
        { do: "move", from: "b", to: "a" },
        { do: "move", from: "t", to: "b" },
      ];
      expect(await run(steps)).toEqual(["done", "done", "done"]);
      expect([contentAt("a"), contentAt("b")]).toEqual(["b", "a"]);
    });

    test.each([
      ["a file, full directory", "file", "full"],
      ["a file, empty directory", "file", "empty"],
      ["a directory, full directory", "directory", "full"],
      ["a directory, empty directory", "directory", "empty"],
      ["a directory, file", "directory", "other"],
      ["a directory, link to a directory", "directory", "link"],
      ["a link to a directory, empty directory", "link", "empty"],
    ])("a move onto what it must not replace: %s", async (_, move, to) => {
      put("file");
      put("other");
      mkdirSync(at("directory"));
      put("directory/mine");
      mkdirSync(at("full"));
      put("full/theirs");
      mkdirSync(at("empty"));
      symlinkSync("full", at("link"));
      const before = snapshot(directory);
      const steps: Step[] = [
        { do: "move", from: move, to },
        { do: "remove", path: "other" },
      ];
      // What comes after may build on it: it is not tried.
      expect(await run(steps)).toEqual(["occupied", undefined]);
      expect(diffTrees(before, directory)).toEqual([]);
    });

    testMoves.each(["full", "nowhere", "file"])(
      "a move over a symlink to %s replaces the link",
      async (to) => {
        put("a", "moved");
        put("file");
        mkdirSync(at("full"));
        put("full/theirs");
        symlinkSync(to, at("link"));
        expect(await run([{ do: "move", from: "a", to: "link" }])).toEqual(["done"]);
        expect(lstatSync(at("link")).isFile()).toBe(true);
        expect(contentAt("link")).toBe("moved");
        expect(namesIn(`${directory}/full`)).toEqual(["theirs"]);
        expect(contentAt("file")).toBe("file");
      },
    );

    testMoves("a symlink itself moves, not what it points to", async () => {
      mkdirSync(at("full"));
      put("full/theirs");
      symlinkSync("full", at("link"));
      symlinkSync("nowhere", at("dangling"));
      put("old");
      const steps: Step[] = [
        { do: "move", from: "link", to: "old" },
        { do: "move", from: "dangling", to: "full/dangling" },
      ];
      expect(await run(steps)).toEqual(["done", "done"]);
      expect(readlinkSync(at("old"), "latin1")).toBe("full");
      expect(readlinkSync(at("full/dangling"), "latin1")).toBe("nowhere");
      expect(namesIn(directory)).toEqual(["full", "old"]);
    });

    testMoves("many moves, one of which cannot be: those before it are done, and none after it", async () => {
      const count = 250;
      for (let at = 0; at < count; at++) put(`f${at}`, `${at}`);
      mkdirSync(at("new'dir\n"));
      symlinkSync("new'dir\n", at("link"));
      mkdirSync(at("d120"));
      const steps = Array.from({ length: count }, (_, at): Step => {
        const to = at === 120 ? "d120" : at === 70 ? "link" : `new'dir\n/g \xff${at}`;
        return { do: "move", from: `f${at}`, to };
      });
      const outcomes = await run(steps);
      expect(outcomes.slice(0, 122)).toEqual([...Array(120).fill("done"), "occupied", undefined]);
      expect(contentAt("link")).toBe("70");
      expect(contentAt("f120")).toBe("120");
      for (let at = 0; at < 120; at++) {
        if (at !== 70) expect(contentAt(`new'dir\n/g \xff${at}`)).toBe(`${at}`);
      }
      rmdirSync(at("d120"));
      const replayed = await run(steps, target, true);
      expect(replayed.slice(0, 120)).toEqual(Array(120).fill("already"));
      expect(replayed.slice(120)).toEqual(Array(130).fill("done"));
      expect(namesIn(`${directory}/new'dir\n`)).toHaveLength(248);
    });

    testMoves("a move whose source is gone", async () => {
      put("b");
      symlinkSync("nowhere", at("dangling"));
      mkdirSync(at("directory"));
      const steps: Step[] = [
        { do: "move", from: "a", to: "b" },
        { do: "move", from: "a", to: "dangling" },
        { do: "move", from: "a", to: "directory" },
        { do: "move", from: "a", to: "c" },
        { do: "move", from: "file-in/no-directory", to: "no-directory/either" },
        { do: "remove", path: "b" },
      ];
      const outcomes = await run(steps, target, true);
      // A replay carries out everything, whatever became of the steps before.
      expect(outcomes).toEqual(["already", "already", "already", "missing", "missing", "done"]);
      put("b");
      for (const [index, step] of steps.entries()) {
        // Not a replay: somebody else took it away. What comes after may build on it.
        const expected = [outcomes[index], undefined].slice(0, index < 5 ? 2 : 1);
        expect(await run([step, steps[5]!].slice(0, expected.length))).toEqual(expected);
      }
    });

    testMoves("a move into a directory that is not there fails, says why, and ends the batch", async () => {
      put("a");
      put("b");
      const [outcome, next] = await runFully([
        { do: "move", from: "a", to: "missing/a" },
        { do: "remove", path: "b" },
      ]);
      expect(reasonOf(outcome)).toMatch(/no such file|not exist/i);
      expect(next).toBeUndefined();
      expect(namesIn(directory)).toEqual(["a", "b"]);
    });

    test("remove-directory removes empty directories only", async () => {
      mkdirSync(at("empty"));
      mkdirSync(at("full"));
      put("full/file");
      mkdirSync(at("hidden"));
      put("hidden/\n");
      put("file");
      symlinkSync("empty", at("link"));
      const paths = ["full", "hidden", "file", "link", "empty", "missing", "missing/below"];
      const steps = paths.map((path): Step => ({ do: "remove-directory", path }));
      expect(await run(steps)).toEqual(["kept", "kept", "kept", "kept", "done", "done", "done"]);
      expect(namesIn(directory)).toEqual(["file", "full", "hidden", "link"]);
    });

    test("remove removes one entry, whatever it is, and never a full directory", async () => {
      put("file");
      chmodSync(at("file"), 0);
      mkdirSync(at("empty"));
      mkdirSync(at("full"));
      put("full/file");
      symlinkSync("full", at("link"));
      expect((await runProcess(["mkfifo", `${directory}/fifo`])).code).toBe(0);
      const paths = ["file", "full", "link", "empty", "missing", "missing/below", "fifo"];
      const outcomes = await runFully(paths.map((path): Step => ({ do: "remove", path })));
      // What tsync did not put there stays, and does not keep the others from being removed.
      expect(outcomes.map((outcome) => outcome?.is)).toEqual([
        "done",
        "kept",
        "done",
        "done",
        "done",
        "done",
        "done",
      ]);
      expect([...snapshot(directory).keys()]).toEqual(["full", "full/file"]);
    });

    test("remove-tree does not follow links", async () => {
      mkdirSync(at("tree"));
      mkdirSync(at("outside"));
      put("outside/file");
      symlinkSync("../outside", at("tree/link"));
      symlinkSync("outside", at("link"));
      put("file");
      const paths = ["tree", "link", "file", "missing", "missing/below"];
      expect(await run(paths.map((path): Step => ({ do: "remove-tree", path })))).toEqual(
        paths.map(() => "done"),
      );
      expect([...snapshot(directory).keys()]).toEqual(["outside", "outside/file"]);
    });

    test("make-directory keeps a directory and sets its mode", async () => {
      mkdirSync(at("there"), { mode: 0o700 });
      put("there/file");
      expect(await run([makeDirectory("there", 0o2755), makeDirectory("there", 0o755)])).toEqual([
        "done",
        "done",
      ]);
      expect(modeAt("there")).toBe(0o755);
      expect(namesIn(`${directory}/there`)).toEqual(["file"]);
    });

    test.each(["file", "link", "dangling"])("make-directory over a %s", async (path) => {
      const careful = await open({ mayReplace: false });
      put("file");
      mkdirSync(at("full"));
      put("full/theirs");
      symlinkSync("full", at("link"));
      symlinkSync("nowhere", at("dangling"));
      const steps = [makeDirectory("before"), makeDirectory(path), makeDirectory("after")];
      const before = snapshot(directory);
      const [first, occupied, next] = await run(steps, careful);
      expect([first, occupied]).toEqual(["done", "occupied"]);
      // What is not reported was not done, and the other way round.
      expect(next).toBe(existsSync(at("after")) ? "done" : undefined);
      for (const made of ["before", "after"]) rmSync(at(made), { recursive: true, force: true });
      expect(diffTrees(before, directory)).toEqual([]);
      expect(await run(steps)).toEqual(["done", "done", "done"]);
      expect(lstatSync(at(path)).isDirectory()).toBe(true);
      expect(namesIn(`${directory}/${path}`)).toEqual([]);
      expect(namesIn(`${directory}/full`)).toEqual(["theirs"]);
      expect(existsSync(at("nowhere"))).toBe(false);
    });

    test("make-directory without a parent fails and ends the batch, or makes it", async () => {
      const [outcome, next] = await runFully([makeDirectory("missing/below"), makeDirectory("other")]);
      // rsync makes what is missing above.
      if (byRsyncAlone) {
        expect(outcome).toEqual({ is: "done" });
        return;
      }
      expect(reasonOf(outcome)).toMatch(/no such file/i);
      expect(next?.is).toBe(existsSync(at("other")) ? "done" : undefined);
      expect(existsSync(at("missing"))).toBe(false);
    });

    test("set-mode of what is not there fails, and the others go on", async () => {
      writeFileSync(from("file"), "file");
      await send(["file"]);
      const outcomes = await runFully([
        { do: "set-mode", path: "missing", mode: 0o600 },
        { do: "set-mode", path: "file", mode: 0o600 },
      ]);
      expect(outcomes[1]).toEqual({ is: "done" });
      expect(reasonOf(outcomes[0])).toMatch(/no such file/i);
      expect(modeAt("file")).toBe(0o600);
    });

    test("replaying any step is harmless", async () => {
      put("file");
      put("gone");
      mkdirSync(at("empty"));
      mkdirSync(at("tree/below"), { recursive: true });
      mkdirSync(at("kept"));
      put("kept/file");
      mkdirSync(at("directory"));
      put("directory/file");
      const moves: Step[] = [
        { do: "move", from: "file", to: "new/file" },
        { do: "move", from: "directory", to: "new/directory" },
      ];
      const steps: Step[] = [
        makeDirectory("new", 0o750),
        ...(byRsyncAlone ? [] : moves),
        { do: "remove", path: "gone" },
        { do: "remove-directory", path: "empty" },
        { do: "remove-directory", path: "kept" },
        { do: "remove-tree", path: "tree" },
        { do: "set-mode", path: "new", mode: 0o701 },
      ];
      for (const step of steps) {
        const [first] = await run([step]);
        expect(["done", "kept"]).toContain(first!);
        const after = snapshot(directory);
        expect(await run([step, step], target, true)).toEqual(
          Array(2).fill(step.do === "move" ? "already" : first),
        );
        expect(diffTrees(after, directory, { mtimeOfDirectories: step.do !== "make-directory" })).toEqual([]);
      }
      expect([...snapshot(directory).keys()].sort()).toEqual(
        (byRsyncAlone
          ? ["directory", "directory/file", "file", "kept", "kept/file", "new"]
          : ["kept", "kept/file", "new", "new/directory", "new/directory/file", "new/file"]
        ).sort(),
      );
    });

    test("closed in the middle of a plan: the rest is a fault, or done", async () => {
      await target.close();
      const fault = await target.run([makeDirectory("d")], () => {});
      if (fault !== null) expect(fault).toMatchObject({ code: "connection", retry: true });
      expect(await target.connect()).toBeNull();
      expect(await run([makeDirectory("d")])).toEqual(["done"]);
    });

    test("a batch of many steps", async () => {
      const steps: Step[] = [];
      for (let n = 0; n < 450; n++) steps.push(makeDirectory(`d${n}`, n % 2 === 0 ? 0o755 : 0o700));
      for (let n = 0; n < 30; n++) {
        if (byRsyncAlone) steps.push({ do: "remove-directory", path: `d${n}` });
        else steps.push({ do: "move", from: `d${n}`, to: `d${n + 40}/moved` });
      }
      for (let n = 80; n < 450; n++) steps.push({ do: "remove-directory", path: `d${n}` });
      expect(await run(steps)).toEqual(steps.map(() => "done"));
      expect(namesIn(directory)).toHaveLength(50);
    });
  });

  describe("names of all bytes", () => {
    test("a line break alone is a name: a target with nothing else is not empty", async () => {
      expect(target.isEmpty).toBe(true);
      writeFileSync(`${directory}/\n`, "");
      expect((await open()).isEmpty).toBe(false);
    });

    test("through every step, send and list", async () => {
      mkdirSync(from("files"));
      mkdirSync(from("directories"));
      for (const name of names) {
        writeFileSync(from(`files/${name}`), name, "latin1");
        mkdirSync(from(`directories/${name}`));
      }
      expect(
        await run([
          makeDirectory("files"),
          makeDirectory("directories"),
          ...names.map((name) => makeDirectory(`directories/${name}`)),
        ]),
      ).not.toContain("failed");
      const report = await send(names.map((name) => `files/${name}`));
      expect([...report.failed]).toEqual([]);
      await send(["files", "directories", ...names.map((name) => `directories/${name}`)]);
      expect(diffTrees(source, directory)).toEqual([]);

      const listed = await target.list();
      expect([...(listed as Path[])].sort()).toEqual([...snapshot(directory).keys()].sort());

      const everywhere = async (steps: Step[]) => {
        const outcomes = await run(steps);
        expect(names.filter((_, index) => outcomes[index] !== "done")).toEqual([]);
      };
      const moveAll = async () => {
        expect(await run([makeDirectory("moved")])).toEqual(["done"]);
        await everywhere(names.map((name) => ({ do: "move", from: `files/${name}`, to: `moved/${name}` })));
        expect(namesIn(`${directory}/moved`)).toEqual([...names].sort());
        expect(names.filter((name) => contentAt(`moved/${name}`) !== name)).toEqual([]);
        expect(namesIn(`${directory}/files`)).toEqual([]);
        const occupied: Path[] = [];
        for (const name of names) {
          const [outcome] = await run([{ do: "move", from: `moved/${name}`, to: `directories/${name}` }]);
          if (outcome === "occupied") occupied.push(name);
        }
        expect(occupied).toEqual([...names]);
      };
      await everywhere(names.map((name) => ({ do: "set-mode", path: `files/${name}`, mode: 0o640 })));
      expect(names.filter((name) => modeAt(`files/${name}`) !== 0o640)).toEqual([]);
      await everywhere(names.map((name) => ({ do: "set-mode", path: `directories/${name}`, mode: 0o710 })));
      expect(names.filter((name) => modeAt(`directories/${name}`) !== 0o710)).toEqual([]);
      if (!byRsyncAlone) await moveAll();
      await everywhere(names.map((name) => ({ do: "remove-directory", path: `directories/${name}` })));
      expect(namesIn(`${directory}/directories`)).toEqual([]);
      const place = byRsyncAlone ? "files" : "moved";
      const half = Math.ceil(names.length / 2);
      await run(names.slice(0, half).map((name): Step => ({ do: "remove", path: `${place}/${name}` })));
      await run(names.slice(half).map((name): Step => ({ do: "remove-tree", path: `${place}/${name}` })));
      expect(namesIn(`${directory}/${place}`)).toEqual([]);
    });

    test("a failed transfer names exactly those that failed", async () => {
      const good = names.map((_, index) => `good${index}`);
      for (const name of names) {
        writeFileSync(from(name), "new");
        mkdirSync(at(name));
        put(`${name}/occupied`);
      }
      for (const name of good) writeFileSync(from(name), "new");
      const { failed } = await send([...names, ...good]);
      expect(names.filter((name) => !failed.has(name))).toEqual([]);
      expect(good.filter((name) => failed.has(name))).toEqual([]);
      expect(good.filter((name) => !existsSync(at(name)))).toEqual([]);
    });

    test("the target's own name is no pattern for another directory's", async () => {
      const folder = dirname(source);
      for (const [name, decoy] of [
        ["a[b]", "ab"],
        ["c*", "cc"],
        ["d?", "dd"],
        ["e\\*", "e*"],
      ] as const) {
        mkdirSync(`${folder}/${decoy}`);
        put(`../${decoy}/theirs`);
        const made = kind.open({ directory: `${folder}/${name}`, base: source });
        opened.push(made);
        const fault = await made.connect();
        // Where there is no safe way to name it, nothing is done at all.
        expect(fault === null).toBe(!kind.isRestricted);
        if (fault === null) {
          writeFileSync(from("file"), "content");
          expect(await run([makeDirectory("inner"), { do: "remove-tree", path: "theirs" }], made)).toEqual([
            "done",
            "done",
          ]);
          expect(await made.send(sendsOf(["file"]))).toMatchObject({ failed: new Map() });
          expect(await made.list()).toEqual(expect.arrayContaining(["file", "inner"]));
          expect(namesIn(`${folder}/${name}`)).toEqual(["file", "inner"]);
        }
        expect(namesIn(`${folder}/${decoy}`)).toEqual(["theirs"]);
      }
    });

    test("the target's own name may be odd", async () => {
      const patterns = "it's a $(touch x) `name`\n*";
      if (kind.isRestricted) {
        const refused = kind.open({ directory: `${dirname(source)}/${patterns}`, base: source });
        expect((await refused.connect())?.message).toContain("cannot be used without a shell");
      }
      const first = kind.isRestricted ? "it's a $(touch x) `name`" : patterns;
      for (const name of [first, "-rf", "é#;&\\'\"", "host:path"]) {
        const odd = `${dirname(source)}/${name}`;
        target = await open({ directory: odd });
        directory = Buffer.from(odd, "utf8").toString("latin1");
        writeFileSync(from("file"), "content");
        expect(await run([makeDirectory("inner")])).toEqual(["done"]);
        expect([...(await send(["file"])).failed]).toEqual([]);
        expect(await target.list()).toEqual(expect.arrayContaining(["file", "inner"]));
        expect(namesIn(directory)).toEqual(["file", "inner"]);
      }
    });
  });

  describe("send", () => {
    const second = 1_700_000_000;
    /** Sets the time of `path` in the source: the nanoseconds within a fixed second. */
    const touch = async (path: string, nanoseconds: number) => {
      const time = `@${second}.${String(nanoseconds).padStart(9, "0")}`;
      expect(await runProcess(["touch", "-h", "-d", time, `${source}/${path}`])).toMatchObject({ code: 0 });
    };
    const equal = () => expect(diffTrees(source, directory)).toEqual([]);

    test("content, modes, times, links, specials", async () => {
      mkdirSync(from("directory"));
      writeFileSync(from("directory/content"), Buffer.alloc(300_000, "0123456789\0"));
      writeFileSync(from("empty"), "");
      writeFileSync(from("set-id"), "x");
      chmodSync(from("set-id"), 0o6751);
      writeFileSync(from("locked"), "x");
      chmodSync(from("locked"), 0);
      symlinkSync("directory", from("link"));
      symlinkSync("not\nthere\xff", from("dangling"));
      symlinkSync("/absolute/../path", from("absolute"));
      expect((await runProcess(["mkfifo", "-m", "0620", `${source}/fifo`])).code).toBe(0);
      const paths = [...snapshot(source).keys()];
      for (const [index, path] of paths.entries()) await touch(path, 100_000_001 + index);
      expect(await run([makeDirectory("directory")])).toEqual(["done"]);
      const report = await send(paths.filter((path) => path !== "directory"));
      expect([...report.failed.keys()]).toEqual(kind.isRestricted ? ["fifo"] : []);
      if (kind.isRestricted) {
        expect(report.failed.get("fifo")).toContain("no devices");
        rmSync(from("fifo"));
        paths.splice(paths.indexOf("fifo"), 1);
      }
      expect(report.contentBytes).toBe(300_002);
      // A directory is sent once nothing in it changes any more.
      expect((await send(["directory"])).contentBytes).toBe(0);
      equal();
      expect((await send(paths)).contentBytes).toBe(0);
      equal();
    });

    test.skipIf(process.getuid?.() !== 0)("owners", async () => {
      writeFileSync(from("file"), "x");
      symlinkSync("nowhere", from("link"));
      chownSync(from("file"), 51_234, 51_235);
      await runProcess(["chown", "-h", "51236:51237", `${source}/link`]);
      await send(["file", "link"]);
      expect(lstatSync(at("file"))).toMatchObject({ uid: 51_234, gid: 51_235 });
      expect(lstatSync(at("link"))).toMatchObject({ uid: 51_236, gid: 51_237 });
    });

    test("times of files, links and directories that change within the same second", async () => {
      writeFileSync(from("file"), "content");
      symlinkSync("nowhere", from("link"));
      mkdirSync(from("directory"));
      await run([makeDirectory("directory")]);
      for (const nanoseconds of [1, 999_999_999, 500_000_000]) {
        for (const path of ["file", "link", "directory"]) await touch(path, nanoseconds);
        expect((await send(["file", "link", "directory"])).failed.size).toBe(0);
        equal();
      }
    });

    test.each(["unless-equal", "changed"] as const)(
      "an edit of the same size and second: %s",
      async (how) => {
        writeFileSync(from("file"), "before");
        await touch("file", 100);
        await send(["file"]);
        writeFileSync(from("file"), "after!");
        await touch("file", 200);
        expect((await send(["file"], how)).contentBytes).toBeGreaterThan(0);
        equal();
      },
    );

    test("an edit that the times do not show", async () => {
      writeFileSync(from("file"), "before");
      await touch("file", 100);
      await send(["file"]);
      writeFileSync(from("file"), "after!");
      await touch("file", 100);
      await send(["file"], "changed");
      equal();
    });

    test("an attribute costs no content", async () => {
      const content = Buffer.alloc(200_000, "x");
      writeFileSync(from("file"), content);
      await touch("file", 100);
      expect((await send(["file"])).contentBytes).toBe(content.length);
      chmodSync(from("file"), 0o4755);
      expect((await send(["file"])).contentBytes).toBe(0);
      expect(modeAt("file")).toBe(0o4755);
      equal();
    });

    test("an edit in a large file costs a part of it, where the network is used", async () => {
      const content = Buffer.alloc(2_000_000);
      for (let n = 0; n < content.length; n++) content[n] = (n * n) >> 7;
      writeFileSync(from("file"), content);
      await send(["file"]);
      content.fill(1, 1_000_000, 1_000_100);
      writeFileSync(from("file"), content);
      const { contentBytes } = await send(["file"], "changed");
      equal();
      if (kind.sendsDeltas) expect(contentBytes).toBeLessThan(50_000);
    });

    test("a file takes the place of a link and of another file, not what a link points to", async () => {
      for (const path of ["a", "b", "c"]) writeFileSync(from(path), `new ${path}`);
      symlinkSync("to", from("link"));
      put("a", "old");
      chmodSync(at("a"), 0o400);
      mkdirSync(at("outside"));
      symlinkSync("outside", at("b"));
      put("kept", "kept");
      symlinkSync("kept", at("c"));
      put("link", "a file");
      expect([...(await send(["a", "b", "c", "link"])).failed]).toEqual([]);
      expect(namesIn(`${directory}/outside`)).toEqual([]);
      expect(contentAt("kept")).toBe("kept");
      rmSync(at("outside"), { recursive: true });
      rmSync(at("kept"));
      equal();
    });

    test.each(["unless-equal", "changed"] as const)("each path's fate: %s", async (how) => {
      for (const path of ["one", "two", "three"]) writeFileSync(from(path), "content");
      mkdirSync(from("file"));
      writeFileSync(from("file/below"), "content");
      put("file");
      mkdirSync(at("two"));
      put("two/theirs");
      const { failed } = await send(["one", "two", "three", "file/below"], how);
      expect([...failed.keys()].sort()).toEqual(["file/below", "two"]);
      expect(failed.get("two")).toMatch(/directory/i);
      expect(failed.get("file/below")).toMatch(/not a directory|exists/i);
      expect([contentAt("one"), contentAt("three")]).toEqual(["content", "content"]);
      expect(contentAt("two/theirs")).toBe("two/theirs");
      expect(lstatSync(at("one")).mtimeMs).toBe(lstatSync(from("one")).mtimeMs);
    });

    test("what vanished before it could be sent is nobody's failure", async () => {
      for (const path of ["one", "two", "three"]) writeFileSync(from(path), "content");
      mkdirSync(from("directory"));
      await run([makeDirectory("directory")]);
      const sends = sendsOf(["one", "two", "directory", "three"], "changed");
      rmSync(from("two"));
      rmSync(from("directory"), { recursive: true });
      const report = await target.send(sends);
      expect(report).not.toBeInstanceOf(Fault);
      expect([...(report as SendReport).failed]).toEqual([]);
      expect(namesIn(directory)).toEqual(["directory", "one", "three"]);
    });

    test.each(["unless-equal", "changed"] as const)(
      "more files than fit into one buffer: %s",
      async (how) => {
        const paths: Path[] = [];
        for (let n = 0; n < 3_000; n++) {
          paths.push(`${n % 30}-${"long ".repeat(10)}${n}`);
          writeFileSync(from(paths[n]!), `content ${n}`);
        }
        expect((await send(paths, how)).failed.size).toBe(0);
        equal();
      },
    );

    test("nothing to send", async () => {
      expect(await send([])).toMatchObject({ failed: new Map(), missed: new Set(), contentBytes: 0 });
    });
  });

  describe("list", () => {
    test("temporary files of transfers are found, where they can be, and only those", async () => {
      for (const one of ["a", "a/deep", "b's"]) mkdirSync(`${directory}/${one}`, { recursive: true });
      const names = [".top.abcdef", "a/.x y.ABC123", "b's/.n\nl.zzzzzz"];
      for (const path of [...names, ".short.abc", "a/plain.abcdef", "a/deep/.not.abcdef"])
        writeFileSync(`${directory}/${path}`, "");
      symlinkSync("x", `${directory}/.link.abcdef`);
      mkdirSync(`${directory}/.folder.abcdef`);
      const found = await target.temporaries([root, "a", "b's", "gone"]);
      if (found instanceof Fault) throw new Error(found.message);
      expect(found.sort()).toEqual(byRsyncAlone ? [] : names.sort());
      expect(await target.temporaries(["gone"])).toEqual([]);
    });

    test("an empty target", async () => {
      expect(await target.list()).toEqual([]);
    });

    test("parents come first; links are not followed", async () => {
      mkdirSync(at("b/c/d"), { recursive: true });
      mkdirSync(at("a"));
      put("b/file");
      put("a-file");
      symlinkSync("b", at("link"));
      symlinkSync("../..", at("b/c/up"));
      const listed = (await target.list()) as Path[];
      expect([...listed].sort()).toEqual([...snapshot(directory).keys()].sort());
      for (const [index, path] of listed.entries()) {
        const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : null;
        if (parent !== null) expect(listed.slice(0, index)).toContain(parent);
      }
    });
  });

  describe("connect", () => {
    test("makes the directory and those above it, and is harmless when repeated", async () => {
      const deep = `${dirname(source)}/x y/z/target`;
      const made = await open({ directory: deep });
      expect(lstatSync(deep).isDirectory()).toBe(true);
      writeFileSync(`${deep}/theirs`, "theirs");
      expect(await made.connect()).toBeNull();
      expect(namesIn(deep)).toEqual(["theirs"]);
      await made.close();
      expect(await made.connect()).toBeNull();
      expect(await run([makeDirectory("new")], made)).toEqual(["done"]);
      expect(namesIn(deep)).toEqual(["new", "theirs"]);
    });

    test("a directory that is a link to one is followed", async () => {
      mkdirSync(`${dirname(source)}/elsewhere`);
      symlinkSync("elsewhere", `${dirname(source)}/link`);
      const made = await open({ directory: `${dirname(source)}/link` });
      expect(await run([makeDirectory("new")], made)).toEqual(["done"]);
      expect(await made.list()).toEqual(["new"]);
      expect(namesIn(`${dirname(source)}/elsewhere`)).toEqual(["new"]);
    });

    test.each(["file", "file/below/it", "dangling"])("%s cannot be the target", async (place) => {
      const folder = dirname(source);
      writeFileSync(`${folder}/file`, "");
      symlinkSync("file/nowhere", `${folder}/dangling`);
      const made = kind.open({ directory: `${folder}/${place}`, base: source });
      opened.push(made);
      const fault = await made.connect();
      expect(fault).toBeInstanceOf(Fault);
      expect(fault!.code).toBe("target");
      const name = `${folder}/${place}`;
      expect(fault!.message).toContain(kind.nameOf?.(name) ?? name);
      expect(fault!.hint).not.toBe("");
      expect(fault!.message).toMatch(/not a directory|exists/i);
      expect(fault!.toString()).not.toContain("\n");
    });

    test("after the target directory was removed", async () => {
      expect(await run([makeDirectory("before")])).toEqual(["done"]);
      rmSync(directory, { recursive: true });
      const reported: number[] = [];
      const steps = [makeDirectory("new"), { do: "remove", path: "before" } as const];
      const fault = await target.run(steps, (index) => reported.push(index));
      expect(fault!.message).toContain("gone");
      expect(fault!.retry).toBe(true);
      expect(reported).toEqual([]);
      expect(existsSync(directory)).toBe(false);
      await target.close();
      expect(await target.connect()).toBeNull();
      expect(await run(steps)).toEqual(["done", "done"]);
      expect(namesIn(directory)).toEqual(["new"]);
    });

    test("after the target directory was removed, a transfer does not bring back a part of it", async () => {
      rmSync(directory, { recursive: true });
      writeFileSync(from("file"), "content");
      const report = await target.send(sendsOf(["file"]));
      expect(report).toBeInstanceOf(Fault);
      expect(report).toMatchObject({ retry: true });
      expect(existsSync(directory)).toBe(false);
    });
  });
});
