/** Which attributes and links are mirrored: with the compiled program, on a local target and through ssh. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk, exitPartial } from "../../src/cli/exit-codes.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, makeTree, snapshot } from "../helpers/trees.ts";
import { binary, makePlace, type Place, tsync } from "../helpers/tsync.ts";
import { aclFor, getXattr, setXattr } from "../helpers/xattr.ts";

const isRoot = process.getuid?.() === 0;

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
  process.umask(0o022);
});
afterAll(() => sshd.stop());

describe.each(["local", "ssh"])("%s target", (kind) => {
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
  const at = (path: string) => join(place.target, path);
  const from = (path: string) => join(place.source, path);
  const past = 1_700_000_000;
  const put = (path: string, content = path, mode = 0o644) => {
    writeFileSync(from(path), content);
    chmodSync(from(path), mode);
    utimesSync(from(path), past, past);
  };
  const modeAt = (path: string) => lstatSync(at(path)).mode & 0o7777;
  const argv = (command: string, args: string[]) =>
    kind === "ssh"
      ? [command, place.source, `${sshd.host}:${place.target}`, "-F", sshd.configFile, ...args]
      : [command, place.source, place.target, ...args];
  const run = (...args: string[]) => tsync(place, argv("sync", args));
  interface Counts {
    sent: number;
    modes: number;
    contentBytes: number;
    removed: number;
    moved: number;
  }
  async function sync(...args: string[]): Promise<Counts> {
    const { code, stdout, stderr } = await run("--json", ...args);
    expect(stderr).not.toMatch(/warning|error|failing/);
    expect(code).toBe(exitOk);
    const sum: Counts = { sent: 0, modes: 0, contentBytes: 0, removed: 0, moved: 0 };
    for (const line of stdout.split("\n").filter((line) => line !== "")) {
      const event = JSON.parse(line);
      if (event.event !== "batch") continue;
      for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += event[name];
    }
    return sum;
  }
  const nothing = { sent: 0, modes: 0, contentBytes: 0, removed: 0, moved: 0 };
  async function watch(...args: string[]): Promise<void> {
    running = startProcess([binary, ...argv("watch", args)], { env: place.env });
    await running.waitFor(/in sync/, 20_000, "stderr");
  }

  test("--no-perms leaves modes to the target", async () => {
    mkdirSync(from("directory"));
    chmodSync(from("directory"), 0o777);
    mkdirSync(from("private"));
    chmodSync(from("private"), 0o700);
    put("directory/file", "file", 0o666);
    put("there", "there", 0o600);
    mkdirSync(place.target);
    writeFileSync(at("there"), "old");
    chmodSync(at("there"), 0o640);
    await sync("--no-perms");
    expect(["directory", "private", "directory/file", "there"].map(modeAt)).toEqual([
      0o755, 0o700, 0o644, 0o640,
    ]);
    for (const path of ["directory", "there"]) chmodSync(from(path), 0o711);
    expect(await sync("--no-perms")).toEqual(nothing);
    put("there", "changed", 0o600);
    await sync("--no-perms");
    expect([modeAt("there"), modeAt("directory")]).toEqual([0o640, 0o755]);
    // Once they are wanted, all of them are.
    expect((await sync()).contentBytes).toBe(0);
    expect(diffTrees(place.source, place.target)).toEqual([]);
    // And no longer.
    chmodSync(from("there"), 0o777);
    expect((await sync("--no-perms")).contentBytes).toBe(0);
    expect(modeAt("there")).toBe(0o600);
    expect(await sync("--no-perms")).toEqual(nothing);
  });

  test("--no-times leaves times to the target, and sends nothing twice", async () => {
    mkdirSync(from("directory"));
    symlinkSync("nowhere", from("link"));
    put("directory/file", "x".repeat(50_000));
    put("there", "y".repeat(50_000));
    mkdirSync(place.target);
    writeFileSync(at("there"), "y".repeat(50_000));
    writeFileSync(at("other"), "z");
    put("other", "Z");
    // What is equal there is found to be so.
    expect((await sync("--no-times")).contentBytes).toBe(50_001);
    expect(readFileSync(at("other"), "utf8")).toBe("Z");
    expect(statSync(at("directory/file")).mtimeMs).not.toBe(past * 1000);
    expect(await sync("--no-times")).toEqual(nothing);
    writeFileSync(from("directory/file"), "changed");
    expect((await sync("--no-times")).sent).toBe(1);
    // Unreadable for a moment: the check whether it arrived works without times as well.
    mkdirSync(at("bad/theirs"), { recursive: true });
    put("bad");
    const { code, stderr } = await run("--no-times");
    expect(code).toBe(exitPartial);
    expect(stderr).toMatch(/bad/);
    rmSync(at("bad"), { recursive: true });
    await sync("--no-times");
    await sync();
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test.skipIf(!isRoot)("--no-owner, --no-group and --chown", async () => {
    mkdirSync(from("directory"));
    put("directory/file");
    symlinkSync("nowhere", from("link"));
    const paths = ["directory", "directory/file", "link"];
    for (const path of paths.slice(0, 2)) chownSync(from(path), 1234, 4321);
    const owners = () => paths.map((path) => [lstatSync(at(path)).uid, lstatSync(at(path)).gid]);
    const all = (uid: number, gid: number) => paths.map(() => [uid, gid]);
    await sync("--no-owner", "--no-group");
    expect(owners()).toEqual(all(0, 0));
    chownSync(from("directory/file"), 1235, 4322);
    expect(await sync("--no-owner", "--no-group")).toEqual(nothing);
    expect((await sync("--chown", "5555:6666")).contentBytes).toBe(0);
    expect(owners()).toEqual(all(5555, 6666));
    expect(await sync("--chown", "5555:6666")).toEqual(nothing);
    await sync("--chown", "7777:6666");
    expect(owners()).toEqual(all(7777, 6666));
    mkdirSync(from("new"));
    await sync("--chown", "7777:6666");
    expect(statSync(at("new")).uid).toBe(7777);
    await sync("--chown", ":8888", "--no-owner");
    expect(owners()).toEqual(all(7777, 8888));
    await sync();
    expect(owners()).toEqual([
      [1234, 4321],
      [1235, 4322],
      [0, 0],
    ]);
    put("another");
    const { code, stderr } = await run("--chown", "no-such-user");
    expect(stderr).toMatch(/error: the target knows no user called no-such-user/);
    expect(code).toBe(exitCodes.target);
  });

  test("--chmod, for what is made, sent and changed", async () => {
    const chmod = ["--chmod", "D2750,Fgo-w,F+X"];
    mkdirSync(from("directory/inner"), { recursive: true });
    put("directory/file", "file", 0o666);
    put("program", "program", 0o755);
    await sync(...chmod);
    expect(["directory", "directory/inner", "directory/file", "program"].map(modeAt)).toEqual([
      0o2750, 0o2750, 0o644, 0o755,
    ]);
    expect(await sync(...chmod)).toEqual(nothing);
    chmodSync(from("program"), 0o722);
    expect(await sync(...chmod)).toEqual({ ...nothing, modes: 1 });
    expect(modeAt("program")).toBe(0o711);
    await sync("--chmod", "F600");
    expect(["directory", "directory/file", "program"].map(modeAt)).toEqual([0o755, 0o600, 0o600]);
  });

  test("--chmod that makes directories read-only", async () => {
    mkdirSync(from("directory"));
    put("directory/file");
    await sync("--chmod", "Da-w");
    expect(modeAt("directory")).toBe(0o555);
    put("directory/other");
    await sync("--chmod", "Da-w");
    expect(modeAt("directory")).toBe(0o555);
    expect(existsSync(at("directory/other"))).toBe(true);
  });

  describe("what no look shows", () => {
    const acl = "system.posix_acl_access";
    const user = "user.tsync";

    test("--acls and --xattrs: at first, live, and when they are turned on", async () => {
      mkdirSync(from("directory"));
      put("directory/file");
      await sync();
      setXattr(from("directory/file"), user, Buffer.from("one"));
      setXattr(from("directory/file"), acl, aclFor(1234, 6, 0o644));
      setXattr(from("directory"), acl, aclFor(1234, 7, 0o755));
      await sync();
      expect(getXattr(at("directory/file"), user)).toBeNull();
      await watch("--acls", "--xattrs");
      const equal = (path: string, name: string) =>
        getXattr(at(path), name)?.equals(getXattr(from(path), name)!) === true;
      for (const path of ["directory", "directory/file"]) expect(equal(path, acl)).toBe(true);
      expect(equal("directory/file", user)).toBe(true);
      // Neither size nor times nor mode change.
      setXattr(from("directory/file"), user, Buffer.from("two"));
      await waitUntil(() => equal("directory/file", user), 10_000);
      setXattr(from("directory/file"), acl, aclFor(4321, 6, 0o644));
      setXattr(from("directory"), acl, aclFor(4321, 7, 0o755));
      await waitUntil(() => equal("directory/file", acl) && equal("directory", acl), 10_000);
      // A change of mode that is one of the ACL.
      setXattr(from("directory/file"), acl, aclFor(4321, 4, 0o600));
      await waitUntil(() => equal("directory/file", acl), 10_000);
      await Bun.sleep(1_000);
      expect(diffTrees(place.source, place.target)).toEqual([]);
    });
  });

  test("--no-links leaves links out", async () => {
    symlinkSync("file", from("link"));
    put("file");
    await sync("--no-links");
    expect([...snapshot(place.target).keys()]).toEqual(["file"]);
    expect(await sync("--no-links")).toEqual(nothing);
    await sync();
    expect(readlinkSync(at("link"))).toBe("file");
  });

  test("--safe-links leaves out those that lead out", async () => {
    mkdirSync(from("directory"));
    symlinkSync("../file", from("directory/safe"));
    symlinkSync("../../file", from("directory/unsafe"));
    symlinkSync("/etc/passwd", from("absolute"));
    await sync("--safe-links");
    expect([...snapshot(place.target).keys()]).toEqual(["directory", "directory/safe"]);
    expect(await sync("--safe-links")).toEqual(nothing);
  });

  test("--copy-unsafe-links follows these only", async () => {
    mkdirSync(join(place.folder, "outside/deep"), { recursive: true });
    writeFileSync(join(place.folder, "outside/deep/file"), "outside");
    put("file");
    symlinkSync("file", from("safe"));
    symlinkSync("../outside", from("unsafe"));
    await sync("--copy-unsafe-links");
    expect(readlinkSync(at("safe"))).toBe("file");
    expect(lstatSync(at("unsafe")).isDirectory()).toBe(true);
    expect(readFileSync(at("unsafe/deep/file"), "utf8")).toBe("outside");
    expect(await sync("--copy-unsafe-links")).toEqual(nothing);
  });

  test("--copy-links follows all, and none in a circle", async () => {
    const outside = join(place.folder, "outside");
    mkdirSync(join(outside, "deep"), { recursive: true });
    writeFileSync(join(outside, "deep/file"), "one");
    mkdirSync(from("directory"));
    put("directory/file");
    symlinkSync("directory/file", from("to-file"));
    symlinkSync("directory", from("to-directory"));
    symlinkSync("../outside", from("outside"));
    await sync("--copy-links");
    expect(readFileSync(at("to-file"), "utf8")).toBe("directory/file");
    expect(lstatSync(at("to-file")).isFile()).toBe(true);
    expect(readFileSync(at("to-directory/file"), "utf8")).toBe("directory/file");
    expect(readFileSync(at("outside/deep/file"), "utf8")).toBe("one");
    expect(await sync("--copy-links")).toEqual(nothing);
    writeFileSync(join(outside, "deep/file"), "changed");
    expect(await sync("--copy-links")).toMatchObject({ sent: 1 });
    expect(readFileSync(at("outside/deep/file"), "utf8")).toBe("changed");
    // Another directory behind the same link.
    mkdirSync(join(place.folder, "else"));
    writeFileSync(join(place.folder, "else/other"), "other");
    rmSync(from("outside"));
    symlinkSync("../else", from("outside"));
    await sync("--copy-links");
    expect([...snapshot(at("outside")).keys()]).toEqual(["other"]);
    symlinkSync("..", from("directory/circle"));
    symlinkSync("nowhere", from("dangling"));
    const { code, stderr } = await run("--copy-links");
    expect(code).toBe(exitPartial);
    expect(stderr).toMatch(/circle.*leads back/);
    expect(stderr).toMatch(/dangling.*points to nothing/);
  });

  test("--copy-links, live: a file that is also behind a link", async () => {
    mkdirSync(from("directory"));
    put("directory/file");
    symlinkSync("directory/file", from("to-file"));
    symlinkSync("directory", from("to-directory"));
    await watch("--copy-links");
    writeFileSync(from("directory/file"), "changed");
    const paths = ["directory/file", "to-file", "to-directory/file"];
    await waitUntil(() => paths.every((path) => readFileSync(at(path), "utf8") === "changed"), 10_000);
    renameSync(from("directory/file"), from("directory/renamed"));
    await waitUntil(() => existsSync(at("directory/renamed")), 10_000);
  });

  test("--hard-links: names of one file are one file there", async () => {
    const inode = (path: string) => lstatSync(at(path)).ino;
    makeTree(place.source, { files: 100, filesPerDirectory: 100, bytes: 20_000 });
    put("a", "x".repeat(100_000));
    linkSync(from("a"), from("z"));
    await sync("--hard-links", "--parallel", "3");
    expect(inode("a")).toBe(inode("z"));
    // A new name of what is there costs nothing.
    mkdirSync(from("directory"));
    linkSync(from("a"), from("directory/0"));
    expect((await sync("--hard-links")).contentBytes).toBe(0);
    expect(inode("directory/0")).toBe(inode("a"));
    // New content is there under all names.
    writeFileSync(from("z"), "y".repeat(1_000));
    await sync("--hard-links");
    expect(readFileSync(at("a"), "utf8")).toBe("y".repeat(1_000));
    expect([inode("z"), inode("directory/0")]).toEqual([inode("a"), inode("a")]);
    // One that becomes a file of its own is one there too, even with the same content and times.
    const { atime, mtime } = statSync(from("z"));
    rmSync(from("z"));
    writeFileSync(from("z"), "y".repeat(1_000));
    utimesSync(from("z"), atime, mtime);
    await sync("--hard-links");
    expect(inode("z")).not.toBe(inode("a"));
    expect(inode("directory/0")).toBe(inode("a"));
    expect(diffTrees(place.source, place.target)).toEqual([]);
    expect(await sync("--hard-links")).toEqual(nothing);
  });

  test("--hard-links, when they are turned on", async () => {
    put("a");
    linkSync(from("a"), from("b"));
    await sync();
    expect(lstatSync(at("a")).ino).not.toBe(lstatSync(at("b")).ino);
    expect((await sync("--hard-links")).contentBytes).toBe(0);
    expect(lstatSync(at("a")).ino).toBe(lstatSync(at("b")).ino);
  });
});
