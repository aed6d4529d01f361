import { beforeEach, describe, expect, test } from "bun:test";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { fromText } from "../../src/core/path.ts";
import { isUnread, SourceFiles, wholeBytesMax } from "../../src/target/source-file.ts";
import type { ListEntry } from "../../src/target/wire/file-list.ts";
import { runProcess, tempDir } from "../helpers/process.ts";
import { setTimeOf } from "../helpers/times.ts";
import { bytesOf } from "../helpers/trees.ts";

const gone = { is: "gone" };
let folder: string;
let source: SourceFiles;
beforeEach(() => {
  folder = tempDir("tsync-source-file-");
  source = new SourceFiles(fromText(folder));
});
const at = (path: string) => `${folder}/${path}`;
const entry = (path: string) => source.entry(path) as ListEntry;

describe("entries", () => {
  test("of each kind", async () => {
    writeFileSync(at("file"), "12345", { mode: 0o600 });
    mkdirSync(at("directory"), { mode: 0o700 });
    symlinkSync(bytesOf("no\xffwhere\n"), at("link"));
    await runProcess(["mkfifo", at("pipe")]);
    await runProcess(["chmod", "6754", at("file")]);
    expect(entry("file")).toMatchObject({ path: "file", kind: "file", mode: 0o6754, size: 5, link: "" });
    expect(entry("directory")).toMatchObject({ kind: "directory", mode: 0o700, size: 0 });
    expect(entry("link")).toMatchObject({ kind: "symlink", size: 0, link: "no\xffwhere\n" });
    expect(entry("")).toMatchObject({ path: "", kind: "directory" });
    expect(source.entry("pipe")).toEqual(gone as never);
    expect(entry("file")).toMatchObject({ uid: process.getuid!(), gid: process.getgid!() });
  });

  test.each([
    [0n, 0, 0],
    [1_700_000_000_123_456_789n, 1_700_000_000, 123_456_789],
    [-1n, -1, 999_999_999],
    [-1_000_000_000n, -1, 0],
    [-1_500_000_000n, -2, 500_000_000],
    [-2_000_000_000_000_000_001n, -2_000_000_001, 999_999_999],
    [4_294_967_296_000_000_001n, 4_294_967_296, 1],
  ])("with the time %d", (time, seconds, nanoseconds) => {
    writeFileSync(at("file"), "");
    symlinkSync("x", at("link"));
    for (const path of ["file", "link"]) {
      setTimeOf(at(path), time);
      expect(entry(path)).toMatchObject({ mtimeSeconds: seconds, mtimeNanoseconds: nanoseconds });
    }
  });

  test("of what is not there, or cannot be looked at", () => {
    writeFileSync(at("file"), "");
    symlinkSync("loop", at("loop"));
    expect(source.entry("nothing")).toEqual(gone as never);
    expect(source.entry("file/below")).toEqual(gone as never);
    expect(source.entry("n".repeat(256))).toMatchObject({
      is: "unreadable",
      reason: expect.stringMatching(/name/i),
    });
    expect(isUnread(source.entry("loop"))).toBe(false);
  });

  test("of the root directory", () => {
    expect(new SourceFiles("").entry("")).toMatchObject({ kind: "directory" });
    expect(new SourceFiles("").entry("tmp")).toMatchObject({ kind: "directory" });
  });
});

describe("whole files", () => {
  test.each([
    ["a usual one", 5],
    ["an empty one", 0],
    ["the largest one", wholeBytesMax],
  ])("%s", (_, size) => {
    const content = Buffer.from(Array.from({ length: size }, (_, at) => at % 251));
    writeFileSync(at("file"), content);
    const read = source.whole("file");
    expect(!isUnread(read) && read.equals(content)).toBe(true);
  });

  test("one that does not say how much there is in it", () => {
    const version = readFileSync("/proc/version");
    expect(version.length).toBeGreaterThan(0);
    expect(new SourceFiles("/proc").whole("version")).toEqual(version);
  });

  test("more than may be is not sent", () => {
    writeFileSync(at("file"), Buffer.alloc(wholeBytesMax + 1));
    expect(source.whole("file")).toEqual(gone as never);
  });

  test("nothing but files is read, and no link is followed", async () => {
    writeFileSync(at("file"), "secret");
    symlinkSync("file", at("link"));
    mkdirSync(at("directory"));
    await runProcess(["mkfifo", at("pipe")]);
    for (const path of ["directory", "pipe", "nothing", "file/below"])
      expect([path, source.whole(path)]).toEqual([path, gone as never]);
    expect(isUnread(source.whole("link"))).toBe(true);
  });

  test("no descriptor is left open", () => {
    mkdirSync(at("directory"));
    writeFileSync(at("file"), Buffer.alloc(100));
    const next = () => {
      const fd = openSync(folder, "r");
      closeSync(fd);
      return fd;
    };
    const before = next();
    for (let count = 0; count < 20; count++) {
      source.whole("directory");
      source.whole("file");
    }
    expect(next()).toBe(before);
  });
});

describe("pieces", () => {
  test("come to an end where the file does by then", async () => {
    writeFileSync(at("file"), "0123456789");
    const file = await source.open("file");
    if (isUnread(file)) throw new Error("unread");
    expect((await source.piece(file, 4)).toString()).toBe("0123");
    truncateSync(at("file"), 6);
    expect((await source.piece(file, 4)).toString()).toBe("45");
    expect(await source.piece(file, 4)).toHaveLength(0);
    await file.close();
  });

  test("what cannot be read is said", async () => {
    writeFileSync(at("file"), "0123456789");
    const file = await source.open("file");
    if (isUnread(file)) throw new Error("unread");
    await file.close();
    expect(await source.piece(file, 4)).toMatchObject({ is: "unreadable" });
  });

  test("what is no file is not opened", async () => {
    mkdirSync(at("directory"));
    symlinkSync("directory", at("link"));
    for (const path of ["directory", "nothing"]) expect(await source.open(path)).toEqual(gone as never);
    expect(isUnread((await source.open("link")) as object)).toBe(true);
  });
});
