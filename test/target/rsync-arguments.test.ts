import { describe, expect, test } from "bun:test";
import { fromText } from "../../src/core/path.ts";
import {
  destinationWord,
  fileList,
  rsyncArguments,
  rsyncEnvironment,
} from "../../src/target/rsync-arguments.ts";
import { defaultTransfer } from "../../src/target/transfer-options.ts";
import { entryOf } from "../helpers/model.ts";

const compare = "unless-equal" as const;
const send = (path: string) => ({ path, entry: entryOf("file", 2), compare });

describe("rsyncArguments", () => {
  test("end with the source and a destination that rsync does not make itself", () => {
    expect(
      rsyncArguments({ compare, localDestination: fromText("/tärget") }, defaultTransfer).slice(-2),
    ).toEqual([".", "/tärget/."]);
    expect(rsyncArguments({ compare, localDestination: null }, defaultTransfer).at(-1)).toBe(
      `tsync:${destinationWord}`,
    );
  });

  test("never delete, never follow symlinks, never recurse", () => {
    for (const localDestination of ["/t", null]) {
      for (const check of [false, true]) {
        const args = rsyncArguments({ compare, localDestination, check }, defaultTransfer).join(" ");
        expect(args).not.toMatch(/--delete|--copy|--recursive|--archive|(^| )-\w*[aLrkK]/);
      }
    }
  });

  test("compare content only for what is known to have changed", () => {
    expect(rsyncArguments({ compare: "changed", localDestination: "/t" }, defaultTransfer)).toContain("-I");
    expect(rsyncArguments({ compare, localDestination: "/t" }, defaultTransfer)).not.toContain("-I");
  });

  test("of a check transfer nothing", () => {
    expect(rsyncArguments({ compare, localDestination: "/t", check: true }, defaultTransfer)).toContain("-n");
    expect(rsyncArguments({ compare, localDestination: "/t" }, defaultTransfer)).not.toContain("-n");
  });
});

describe("fileList", () => {
  test("has each path as its bytes, none read as a comment or an option", () => {
    const list = fileList(["#a", ";b", "-c", "d/\n", "\xff"].map(send));
    expect(list).toEqual(Buffer.from("./#a\0./;b\0./-c\0./d/\n\0./\xff\0", "latin1"));
    expect(fileList([]).length).toBe(0);
  });

  test("refuses a path that leads out of the source", () => {
    for (const path of ["../a", "/etc/passwd", "a/..", "a\0b"])
      expect(() => fileList([send(path)])).toThrow();
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
  expect(rsyncEnvironment({ ...env, EMPTY: undefined })).toEqual({
    PATH: "/bin",
    RSYNC_PROTECT_ARGS: "0",
    LC_ALL: "C",
  });
});
