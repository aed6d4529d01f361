import { describe, expect, test } from "bun:test";
import { fromText } from "../../src/core/path.ts";
import {
  destinationWord,
  fileList,
  pathArguments,
  rsyncArguments,
  rsyncEnvironment,
} from "../../src/target/rsync-arguments.ts";
import { entryOf } from "../helpers/model.ts";

const compare = "unless-equal" as const;
const paths = null;
const send = (path: string) => ({ path, entry: entryOf("file", 2), compare });

describe("rsyncArguments", () => {
  test("end with the source and a destination that rsync does not make itself", () => {
    expect(rsyncArguments({ paths, compare, localDestination: fromText("/tärget") }).slice(-2)).toEqual([
      ".",
      "/tärget/.",
    ]);
    expect(rsyncArguments({ paths, compare, localDestination: null }).at(-1)).toBe(
      `tsync:${destinationWord}`,
    );
  });

  test("never delete, never follow symlinks, never recurse", () => {
    for (const localDestination of ["/t", null]) {
      for (const check of [false, true]) {
        const args = rsyncArguments({ paths, compare, localDestination, check }).join(" ");
        expect(args).not.toMatch(/--delete|--copy|--recursive|--archive|(^| )-\w*[aLrkK]/);
      }
    }
  });

  test("compare content only for what is known to have changed", () => {
    expect(rsyncArguments({ paths, compare: "changed", localDestination: "/t" })).toContain("-I");
    expect(rsyncArguments({ paths, compare, localDestination: "/t" })).not.toContain("-I");
  });

  test("of a check transfer nothing", () => {
    expect(rsyncArguments({ paths, compare, localDestination: "/t", check: true })).toContain("-n");
    expect(rsyncArguments({ paths, compare, localDestination: "/t" })).not.toContain("-n");
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
    const args = rsyncArguments({ paths: ["./-c"], compare, localDestination: "/t" });
    expect(args.slice(args.indexOf("--"))).toEqual(["--", "./-c", "/t/."]);
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
