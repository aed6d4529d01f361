import { describe, expect, test } from "bun:test";
import { Fault } from "../../src/core/fault.ts";
import { fromText } from "../../src/core/path.ts";
import {
  destinationWord,
  directoryFlags,
  fileList,
  fileModeFlags,
  listFlags,
  type RsyncPlace,
  removeFlags,
  rsyncArguments,
  rsyncEnvironment,
  sendFlags,
} from "../../src/target/rsync-arguments.ts";

const compare = "unless-equal" as const;
const local: RsyncPlace = { directory: fromText("/tärget") };
const channel = { open: async () => new Fault("connection", "closed") };
const daemon: RsyncPlace = { url: "rsync://ann@host/module/.", password: "very secret" };

test("a run ends with what is copied where; rsync does not make the destination itself", () => {
  expect(rsyncArguments([], local)).toEqual([".", "/tärget/."]);
  expect(rsyncArguments([], channel).slice(-2)).toEqual([".", `tsync:${destinationWord}/.`]);
  expect(rsyncArguments([], daemon).slice(-2)).toEqual([".", "rsync://ann@host/module/."]);
  expect(rsyncArguments([], daemon, "/here").slice(-2)).toEqual(["rsync://ann@host/module/.", "/here"]);
});

test("times are compared exactly; rrsync is told so in the only form that it takes", () => {
  const flags = sendFlags({ compare });
  for (const place of [local, channel, daemon])
    expect(rsyncArguments(flags, place)).toContain("--modify-window=-1");
  const restricted = rsyncArguments(flags, { ...channel, restricted: true });
  expect(restricted).toContain("-M--modify-window=-1");
  expect(restricted).not.toContain("--modify-window=-1");
});

describe("flags", () => {
  test("for sending never delete, never follow symlinks, never recurse", () => {
    const all = [
      sendFlags({ compare }),
      sendFlags({ compare, check: true }),
      fileModeFlags(0o644),
      directoryFlags({}),
    ];
    for (const flags of all)
      expect(flags.join(" ")).not.toMatch(/--delete|--force|--copy|--recursive|--archive|(^| )-\w*[aLrkK]/);
  });

  test("compare content only for what is known to have changed", () => {
    expect(sendFlags({ compare: "changed" })).toContain("-I");
    expect(sendFlags({ compare })).not.toContain("-I");
  });

  test("of a check, and of a listing, transfer and remove nothing", () => {
    const checks = [
      sendFlags({ compare, check: true }),
      removeFlags({ check: true }),
      directoryFlags({ check: true }),
      fileModeFlags(0o644, true),
      listFlags(true),
    ];
    for (const flags of checks) expect(flags).toContain("-n");
    for (const flags of [sendFlags({ compare }), removeFlags(), directoryFlags({}), fileModeFlags(0o644)])
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

test("rsyncEnvironment keeps the user's settings out", () => {
  const env = {
    PATH: "/bin",
    RSYNC_RSH: "evil",
    RSYNC_PROTECT_ARGS: "1",
    RSYNC_PASSWORD: "x",
    LC_ALL: "de_DE",
  };
  expect(rsyncEnvironment({ ...env, EMPTY: undefined }, local)).toEqual({
    PATH: "/bin",
    RSYNC_PROTECT_ARGS: "0",
    LC_ALL: "C",
  });
});

test("only a daemon's run knows a password, and not on its command line", () => {
  expect(rsyncEnvironment({ RSYNC_PASSWORD: "x" }, channel)).not.toHaveProperty("RSYNC_PASSWORD");
  expect(rsyncEnvironment({ RSYNC_PASSWORD: "x" }, daemon).RSYNC_PASSWORD).toBe("very secret");
  expect(rsyncArguments(sendFlags({ compare }), daemon).join(" ")).not.toContain("secret");
});
