import { describe, expect, test } from "bun:test";
import type { Send } from "../../src/core/operation.ts";
import { fromText } from "../../src/core/path.ts";
import {
  destinationWord,
  fileList,
  pathArguments,
  remoteCommand,
  rsyncArguments,
  rsyncEnvironment,
} from "../../src/target/rsync-arguments.ts";
import { defaultTransfer, type TransferOptions } from "../../src/target/transfer-options.ts";
import { entryOf } from "../helpers/model.ts";

const compare = "unless-equal" as const;
const paths = null;
const send = (path: string) => ({ path, entry: entryOf("file", 2), compare });

describe("rsyncArguments", () => {
  test("end with the source and a destination that rsync does not make itself", () => {
    expect(
      rsyncArguments({ paths, compare, localDestination: fromText("/tärget") }, defaultTransfer).slice(-2),
    ).toEqual([".", "/tärget/."]);
    expect(rsyncArguments({ paths, compare, localDestination: null }, defaultTransfer).at(-1)).toBe(
      `tsync:${destinationWord}`,
    );
  });

  test("never delete, never follow symlinks, never recurse", () => {
    for (const localDestination of ["/t", null]) {
      for (const check of [false, true]) {
        const args = rsyncArguments({ paths, compare, localDestination, check }, defaultTransfer).join(" ");
        expect(args).not.toMatch(/--delete|--copy|--recursive|--archive|(^| )-\w*[aLrkK]/);
      }
    }
  });

  test("compare content only for what is known to have changed", () => {
    expect(rsyncArguments({ paths, compare: "changed", localDestination: "/t" }, defaultTransfer)).toContain(
      "-I",
    );
    expect(rsyncArguments({ paths, compare, localDestination: "/t" }, defaultTransfer)).not.toContain("-I");
  });

  test("content decides where times do not, and where a backup would be made twice", () => {
    const local = { localDestination: "/t" } as const;
    const args = (run: Send["compare"], transfer: Partial<TransferOptions>) =>
      rsyncArguments({ ...local, paths, compare: run }, { ...defaultTransfer, ...transfer });
    expect(args("unless-equal", { times: false })).toContain("-c");
    expect(args("unless-equal", { checksum: true })).toContain("-c");
    expect(args("changed", { times: false, checksum: true })).not.toContain("-c");
    const kept = args("changed", { backup: { directory: null, suffix: "~" } });
    expect(kept).toContain("-c");
    expect(kept).not.toContain("-I");
  });

  test("share the bandwidth", () => {
    const args = (share: number, bandwidth = 1024 * 1024) =>
      rsyncArguments(
        { paths, compare, localDestination: null, share },
        { ...defaultTransfer, bandwidth },
      ).filter((arg) => arg.startsWith("--bwlimit"));
    expect(args(1)).toEqual(["--bwlimit=1024"]);
    expect(args(3)).toEqual(["--bwlimit=341"]);
    // 0 would be no limit.
    expect(args(16, 1024)).toEqual(["--bwlimit=1"]);
  });

  test("of a check transfer nothing", () => {
    expect(
      rsyncArguments({ paths, compare, localDestination: "/t", check: true }, defaultTransfer),
    ).toContain("-n");
    expect(rsyncArguments({ paths, compare, localDestination: "/t" }, defaultTransfer)).not.toContain("-n");
  });
});

describe("remoteCommand", () => {
  const place = (command: string, transfer: Partial<TransferOptions> = {}) =>
    remoteCommand(command, "/a b/it's", { ...defaultTransfer, ...transfer });

  test("has the target's own names, each as one word", () => {
    const backup = { directory: "$(x) ", suffix: " ;x" };
    const command = `rsync --server --partial-dir TSYNC-PARTIAL --backup-dir TSYNC-BACKUP --suffix=TSYNC-SUFFIX . ${destinationWord}`;
    expect(place(command, { backup, partialDirectory: "`p`" })).toBe(
      "'rsync' --server --partial-dir '`p`' --backup-dir '$(x) ' --suffix=' ;x' . '/a b/it'\\''s/.'",
    );
  });

  test("starts with the program there", () => {
    const program = (remoteProgram: string) => place("rsync --server", { remoteProgram });
    expect(program("sudo -n rsync")).toBe("'sudo' '-n' 'rsync' --server");
    expect(program("~/bin/rs;ync")).toBe("~/'bin/rs;ync' --server");
    expect(program("~bob/rsync")).toBe("~bob/'rsync' --server");
    expect(program("$HOME/rsync&")).toBe("'$HOME/rsync&' --server");
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
    const args = rsyncArguments({ paths: ["./-c"], compare, localDestination: "/t" }, defaultTransfer);
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
