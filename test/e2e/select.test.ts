/** What is mirrored and what is left out, live and at a start. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { exitOk } from "../../src/cli/exit-codes.ts";
import { type Running, runProcess, waitUntil } from "../helpers/process.ts";
import { makePlace, type Place, startWatch, tsync } from "../helpers/tsync.ts";

/** Longer than tsync takes for anything here. */
const quietMs = 600;

let place: Place;
let running: Running | null = null;
beforeEach(() => {
  place = makePlace();
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
});

const from = (path: string) => join(place.source, path);
const at = (path: string) => join(place.target, path);
function put(path: string, content = path): void {
  mkdirSync(dirname(from(path)), { recursive: true });
  writeFileSync(from(path), content);
}
function putThere(path: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), path);
}
const arrives = (path: string, content = path) =>
  waitUntil(
    () => existsSync(at(path)) && readFileSync(at(path), "utf8") === content,
    10_000,
    10,
    () => path,
  );
const leaves = (path: string) =>
  waitUntil(
    () => !existsSync(at(path)),
    10_000,
    10,
    () => path,
  );
async function sync(...args: string[]): Promise<string> {
  const { code, stderr } = await tsync(place, ["sync", place.source, place.target, ...args]);
  expect([code, stderr]).toEqual([exitOk, stderr]);
  return stderr;
}
async function start(...args: string[]): Promise<void> {
  running = await startWatch(place, args);
}
/** All files on the target. */
const there = () =>
  (readdirSync(place.target, { recursive: true, encoding: "utf8" }) as string[])
    .filter((path) => !path.startsWith("."))
    .sort();

describe("sync", () => {
  test("the first rule that matches decides, whatever option it came from", async () => {
    for (const path of ["a.txt", "keep.log", "b.log", "d/c.log", "d/e.txt", "build/x", "d/build/y"])
      put(path);
    writeFileSync(join(place.folder, "rules"), "# comment\n+ keep.log\n- *.log\n");
    await sync("--filter-from", join(place.folder, "rules"), "--exclude=/build/", "--include=*.log");
    expect(there()).toEqual(["a.txt", "d", "d/build", "d/build/y", "d/e.txt", "keep.log"]);
  });

  test("--filter, --exclude-from and --include-from", async () => {
    for (const path of ["a.txt", "b.tmp", "c.bak", "keep.bak"]) put(path);
    writeFileSync(join(place.folder, "in"), "keep.*\n");
    writeFileSync(join(place.folder, "out"), "*.tmp\n");
    const files = ["--include-from", join(place.folder, "in"), "--exclude-from", join(place.folder, "out")];
    await sync(...files, "--filter", "- *.bak");
    expect(there()).toEqual(["a.txt", "keep.bak"]);
  });

  test("a rule that comes later leaves what is on the target, and forgets it", async () => {
    for (const path of ["a", "b.log", "d/c.log"]) put(path);
    await sync();
    rmSync(from("b.log"));
    await sync("--exclude=*.log");
    expect(there()).toEqual(["a", "b.log", "d", "d/c.log"]);
    rmSync(from("d"), { recursive: true });
    await sync();
    // The excluded file was left to its owner.
    expect(existsSync(at("d/c.log"))).toBe(true);
  });

  test("--delete-excluded deletes it", async () => {
    for (const path of ["a", "b.log", "d/c.log"]) put(path);
    await sync();
    await sync("--exclude=*.log", "--delete-excluded");
    expect(there()).toEqual(["a", "d"]);
  });

  test("--delete exact keeps what is excluded, and the directories that hold it", async () => {
    put("a");
    for (const path of ["x.log", "extra", "more/y.log", "more/z", "gone/z"]) putThere(path);
    await sync("--delete=exact", "--exclude=*.log");
    expect(there()).toEqual(["a", "more", "more/y.log", "x.log"]);
    await sync("--delete=exact", "--exclude=*.log", "--delete-excluded");
    expect(there()).toEqual(["a"]);
  });

  test("--max-size and --min-size", async () => {
    put("small", "1");
    put("middle", "1".repeat(2000));
    put("large", "1".repeat(5000));
    await sync("--max-size=4K", "--min-size=10");
    expect(there()).toEqual(["middle"]);
    // What grew too large stays as it was sent last.
    appendFileSync(from("middle"), "2".repeat(5000));
    await sync("--max-size=4K");
    expect(readFileSync(at("middle"), "utf8")).toHaveLength(2000);
    await sync("--max-size=4K", "--delete=exact");
    expect(there()).toEqual(["middle", "small"]);
  });

  test("--gitignore follows nested files and negation, and leaves .git out", async () => {
    for (const path of [
      "a.o",
      "b.c",
      "keep.o",
      "lib/x.o",
      "lib/special.o",
      "lib/tmp/y",
      "tmp/z",
      ".git/HEAD",
    ])
      put(path);
    put(".gitignore", "*.o\n!keep.o\n/tmp/\n");
    put("lib/.gitignore", "!special.o\n");
    await sync("--gitignore");
    expect(there()).toEqual([
      "b.c",
      "keep.o",
      "lib",
      "lib/.gitignore",
      "lib/special.o",
      "lib/tmp",
      "lib/tmp/y",
    ]);
    expect(existsSync(at(".git"))).toBe(false);
  });

  test("a restart with rules sends nothing", async () => {
    for (let i = 0; i < 50; i++) put(`d${i % 5}/f${i}.${i % 2 ? "c" : "o"}`);
    put("d1/.gitignore", "*.c\n");
    await sync("--gitignore", "--exclude=*.o");
    expect(await sync("--gitignore", "--exclude=*.o")).not.toContain("sent");
  });
});

describe("--one-file-system", () => {
  /** Needs the right to mount. */
  const canMount = process.getuid?.() === 0;

  test.if(canMount)("leaves out what is mounted, and does not delete what was there before", async () => {
    put("a");
    put("disk/before");
    await sync("-x");
    const mounted = await runProcess(["mount", "-t", "tmpfs", "none", from("disk")]);
    expect(mounted.code).toBe(0);
    try {
      put("disk/on-it");
      await sync("-x");
      expect(there()).toEqual(["a", "disk", "disk/before"]);
      await sync("-x", "--delete=exact");
      expect(there()).toEqual(["a", "disk", "disk/before"]);
    } finally {
      await runProcess(["umount", from("disk")]);
    }
    await sync("-x");
    expect(there()).toEqual(["a", "disk", "disk/before"]);
  });
});

describe("watch", () => {
  test("a rename across the border is a send or a removal", async () => {
    put("a.txt");
    put("b.log");
    mkdirSync(from("d"));
    put("d/x");
    await start("--exclude=*.log", "--exclude=hidden/");
    renameSync(from("b.log"), from("b.txt"));
    renameSync(from("a.txt"), from("a.log"));
    renameSync(from("d"), from("hidden"));
    await arrives("b.txt", "b.log");
    await leaves("a.txt");
    await leaves("d");
    put("hidden/y");
    renameSync(from("hidden"), from("shown"));
    await arrives("shown/y", "hidden/y");
    expect(there()).toEqual(["b.txt", "shown", "shown/x", "shown/y"]);
  });

  test("an excluded directory is not watched", async () => {
    for (let i = 0; i < 20; i++) put(`node_modules/m${i}/index.js`);
    put("src/a");
    await start("--exclude=node_modules/");
    const inotify = readdirSync(`/proc/${running!.pid}/fdinfo`)
      .filter((fd) => existsSync(`/proc/${running!.pid}/fdinfo/${fd}`)) // (one may be closed by now)
      .map((fd) => readFileSync(`/proc/${running!.pid}/fdinfo/${fd}`, "utf8"))
      .join("");
    const watches = inotify.match(/^inotify wd/gm)!.length;
    // The root, src, and tsync's own sentinel.
    expect(watches).toBeLessThanOrEqual(4);
    put("node_modules/m1/new.js");
    put("src/b");
    await arrives("src/b");
    await Bun.sleep(quietMs);
    expect(existsSync(at("node_modules"))).toBe(false);
  });

  test("editing a .gitignore applies it to what is there", async () => {
    put(".gitignore", "*.o\nout/\n");
    put("a.o");
    put("b.c");
    put("out/x");
    await start("--gitignore");
    expect(there()).toEqual(["b.c"]);
    put(".gitignore", "*.c\n");
    await arrives("a.o");
    await arrives("out/x");
    // No longer mirrored, but not deleted either.
    rmSync(from("b.c"));
    put("out/y");
    await arrives("out/y");
    expect(there()).toEqual(["a.o", "b.c", "out", "out/x", "out/y"]);
    rmSync(from(".gitignore"));
    put("c.c");
    await arrives("c.c");
  });

  test("a moved directory takes what is excluded on the target along, and more is asked of its new place", async () => {
    put("other/x");
    put("one/a.txt");
    put("one/b.log");
    await start("--exclude=/two/*.txt", "--exclude=*.log");
    putThere("one/own.log");
    put("one/c.bin");
    await arrives("one/c.bin");
    renameSync(from("one"), from("two"));
    await leaves("one");
    await arrives("two/own.log", "one/own.log");
    put("two/d");
    put("two/a.txt", "changed");
    await arrives("two/d");
    await Bun.sleep(quietMs);
    expect(readFileSync(at("two/a.txt"), "utf8")).toBe("one/a.txt");
    rmSync(from("two"), { recursive: true });
    await leaves("two/d");
    await Bun.sleep(quietMs);
    expect(there()).toEqual(["other", "other/x", "two", "two/a.txt", "two/own.log"]);
  });

  test("a source in which only excluded things are left is empty", async () => {
    put("a");
    put("x.log");
    await start("--exclude=*.log");
    rmSync(from("a"));
    await running!.waitFor(/is empty/, 5_000, "stderr");
    expect(existsSync(at("a"))).toBe(true);
  });
});

test("a bad rule of a later mirror is told before anything is made for the first", async () => {
  put("a");
  const config = join(place.folder, "c.toml");
  const mirror = (name: string, more: string) =>
    `[[mirror]]\nname = "${name}"\nsource = "${place.source}"\ntargets = ["${place.folder}/${name}"]\n${more}\n`;
  writeFileSync(config, mirror("one", "") + mirror("two", 'exclude = ["[a"]'));
  const { code, stderr } = await tsync(place, ["sync", "--config", config]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('the pattern "[a"')]);
  expect(existsSync(place.env.XDG_STATE_HOME!)).toBe(false);
  const checked = await tsync(place, ["check", "--config", config]);
  expect([checked.code, checked.stdout]).toEqual([2, expect.stringContaining('the pattern "[a"')]);
});

describe("bad rules", () => {
  for (const [args, says] of [
    [["--exclude=[a"], /--exclude: the pattern "\[a"/],
    [
      ["--exclude-from=/no/such/file"],
      /--exclude-from names \/no\/such\/file, which cannot be read: there is no/,
    ],
    [["--filter=dir-merge .x"], /--filter:1: the rule "dir-merge \.x" is not one that tsync knows/],
    [["--max-size=big"], /--max-size is "big", which is not a size/],
  ] as const) {
    test(args.join(" "), async () => {
      const { code, stderr } = await tsync(place, ["sync", place.source, place.target, ...args]);
      expect(code).toBe(2);
      expect(stderr).toMatch(says);
      expect(existsSync(place.target)).toBe(false);
    });
  }
});

test("a source that tsync's own files are in: they are left out, and it comes to rest", async () => {
  put("file");
  place.env.XDG_STATE_HOME = from(".local/state");
  place.env.XDG_RUNTIME_DIR = from("run");
  running = await startWatch(place, ["--include=*"]);
  put("later");
  await arrives("later");
  const { stdout } = await tsync(place, ["why", from(".local/state/tsync")]);
  expect(stdout).toContain("tsync's own folder");
  const lines = running.stderr.split("\n").length;
  await Bun.sleep(quietMs);
  expect(running.stderr.split("\n").length).toBe(lines);
  expect(readdirSync(place.target).sort()).toEqual([".local", "file", "later", "run"]);
  expect(readdirSync(at(".local/state"))).toEqual([]);
  expect(readdirSync(at("run"))).toEqual([]);
});
