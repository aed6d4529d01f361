import { describe, expect, test } from "bun:test";
import { Fault } from "../../src/core/fault.ts";
import type { Send } from "../../src/core/operation.ts";
import { fromText } from "../../src/core/path.ts";
import { rsyncArguments } from "../../src/target/rsync-command.ts";
import {
  directoryFlags,
  fileList,
  fileModeFlags,
  listFlags,
  pathArguments,
  removeFlags,
  type SendRun,
  sendFlags,
} from "../../src/target/rsync-flags.ts";
import type { RsyncPlace } from "../../src/target/rsync-place.ts";
import { defaultTransfer, type TransferOptions } from "../../src/target/transfer-options.ts";
import { entryOf } from "../helpers/model.ts";

const compare = "unless-equal" as const;
const paths = null;
const limits = { silenceMaxMs: 90_000 };
const send = (path: string) => ({ path, entry: entryOf("file", 2), compare });
const flagsFor = (run: Partial<SendRun> = {}, place: RsyncPlace = { directory: "/t" }) =>
  sendFlags({ paths, compare, ...run }, defaultTransfer, place);
const local: RsyncPlace = { directory: fromText("/tärget") };
const channel = { open: async () => new Fault("connection", "closed") };

describe("flags", () => {
  test("for sending never delete, never follow symlinks, never recurse", () => {
    const all = [flagsFor(), flagsFor({ check: true }), fileModeFlags(0o644), directoryFlags({})];
    for (const flags of all)
      expect(flags.join(" ")).not.toMatch(/--delete|--force|--copy|--recursive|--archive|(^| )-\w*[aLrkK]/);
  });

  test("compare content only for what is known to have changed", () => {
    expect(flagsFor({ compare: "changed" })).toContain("-I");
    expect(flagsFor()).not.toContain("-I");
  });

  test("of a check, and of a listing, transfer and remove nothing", () => {
    const checks = [
      flagsFor({ check: true }),
      removeFlags({ check: true }),
      directoryFlags({ check: true }),
      fileModeFlags(0o644, true),
      listFlags(true),
    ];
    for (const flags of checks) expect(flags).toContain("-n");
    for (const flags of [flagsFor(), removeFlags(), directoryFlags({}), fileModeFlags(0o644)])
      expect(flags).not.toContain("-n");
  });

  test("remove full directories only where that is said", () => {
    expect(removeFlags()).not.toContain("--force");
    expect(removeFlags({ trees: true })).toContain("--force");
  });

  test("replace what is no directory only where that is said", () => {
    expect(directoryFlags({})).toContain("--ignore-existing");
    expect(directoryFlags({ replace: true })).not.toContain("--ignore-existing");
  });

  test("content decides where times do not, and where a backup would be made twice", () => {
    const args = (run: Send["compare"], transfer: Partial<TransferOptions>) =>
      sendFlags({ paths, compare: run }, { ...defaultTransfer, ...transfer }, local);
    expect(args("unless-equal", { times: false })).toContain("-c");
    expect(args("unless-equal", { checksum: true })).toContain("-c");
    expect(args("changed", { times: false, checksum: true })).not.toContain("-c");
    const kept = args("changed", { backup: { directory: null, suffix: "~" } });
    expect(kept).toContain("-c");
    expect(kept).not.toContain("-I");
  });

  test("share the bandwidth", () => {
    const args = (share: number, bandwidth = 1024 * 1024) =>
      sendFlags({ paths, compare, share }, { ...defaultTransfer, bandwidth }, channel).filter((arg) =>
        arg.startsWith("--bwlimit"),
      );
    expect(args(1)).toEqual(["--bwlimit=1024"]);
    expect(args(3)).toEqual(["--bwlimit=341"]);
    // 0 would be no limit.
    expect(args(16, 1024)).toEqual(["--bwlimit=1"]);
  });
});

describe("pathArguments", () => {
  test("are the paths as text, none read as an option or a host", () => {
    expect(pathArguments(["-c", "#a", "h:x/y", fromText("ä\n"), "*"].map(send))).toEqual([
      "./-c",
      "./#a",
      "./h:x/y",
      "./ä\n",
      "./*",
    ]);
    const args = rsyncArguments([], local, { ...limits, paths: ["./-c"] });
    expect(args.slice(args.indexOf("--"))).toEqual(["--", "./-c", "/tärget/."]);
    expect(args.join(" ")).not.toMatch(/--files-from|--from0/);
  });

  test("are none for names that are no text, directories, or more than the kernel takes", () => {
    expect(pathArguments(["a", "\xff"].map(send))).toBeNull();
    expect(pathArguments([send("a"), { ...send("d"), entry: entryOf("directory", 3) }])).toBeNull();
    const many = Array.from({ length: 1_000 }, (_, at) => send(`${"x".repeat(1_100)}${at}`));
    expect(pathArguments(many.slice(0, 900))).toHaveLength(900);
    expect(pathArguments(many)).toBeNull();
  });

  test("refuse a path that leads out of the source", () => {
    for (const path of ["../a", "/etc/passwd", "a/..", "a\0b"])
      expect(() => pathArguments([send(path)])).toThrow();
  });
});

describe("fileList", () => {
  test("has each path as its bytes, none read as a comment or an option", () => {
    const list = fileList(["#a", ";b", "-c", "d/\n", "\xff"]);
    expect(list).toEqual(Buffer.from("./#a\0./;b\0./-c\0./d/\n\0./\xff\0", "latin1"));
    expect(fileList([]).length).toBe(0);
  });

  test("refuses a path that leads out of the source", () => {
    for (const path of ["../a", "/etc/passwd", "a/..", "a\0b"]) expect(() => fileList([path])).toThrow();
  });
});
