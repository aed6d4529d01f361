import { describe, expect, test } from "bun:test";
import {
  isDoubtful,
  lastMessage,
  literalBytes,
  pathsEqual,
  type RsyncResult,
  reasonFor,
  rsyncFault,
} from "../../src/target/rsync-output.ts";

const result = (code: number | null, stderr = "", signal: string | null = null): RsyncResult => {
  return { code, signal, stdout: "", stderr };
};

describe("rsyncFault", () => {
  test("is none for a run that ended, though perhaps with files that failed", () => {
    for (const code of [0, 23, 24]) expect(rsyncFault(result(code, "rsync: something failed"))).toBeNull();
  });

  test.each(["No space left on device (28)", "Disk quota exceeded (122)"])(
    "tells a full target: %s",
    (why) => {
      const other = 'rsync: [sender] link_stat "/s/b" failed: Not a directory (20)';
      const fault = rsyncFault(result(11, `${other}\nrsync: [receiver] write failed on "/t/a": ${why}\n`));
      expect(fault).toMatchObject({ code: "target", retry: true });
      expect(fault!.message).toBe(`the target is full: rsync: [receiver] write failed on "/t/a": ${why}`);
    },
  );

  test("tells a read-only target", () => {
    const stderr = 'rsync: mkstemp "/t/.a.x" failed: Read-only file system (30)';
    expect(rsyncFault(result(11, stderr))).toMatchObject({ code: "target", retry: true });
  });

  test("tells a target directory that is gone", () => {
    const stderr = 'rsync: [Receiver] mkdir "/t/." failed: No such file or directory (2)\n';
    expect(rsyncFault(result(11, stderr))).toMatchObject({
      code: "target",
      message: "the target directory is gone",
      retry: true,
    });
  });

  test.each([
    [127, ""],
    [127, "bash: line 1: rsync: command not found\n"],
    [12, "sh: 1: rsync: not found\nrsync: connection unexpectedly closed\n"],
  ])("tells that rsync is missing (%d %j)", (code, stderr) => {
    expect(rsyncFault(result(code, stderr))).toMatchObject({ code: "missing-program", retry: false });
  });

  test("takes any other end for a broken connection, worth another try", () => {
    const closed = "rsync: connection unexpectedly closed (0 bytes received so far) [sender]";
    const error = "rsync error: error in rsync protocol data stream (code 12) at io.c(232) [sender=3.2.7]";
    expect(rsyncFault(result(12, `${closed}\n${error}\n`))).toMatchObject({
      code: "connection",
      message: `rsync ended with exit code 12: ${error}`,
      retry: true,
    });
    expect(rsyncFault(result(null, "", "SIGKILL"))).toMatchObject({
      code: "connection",
      message: "rsync ended with signal SIGKILL",
      retry: true,
    });
  });
});

test("an owner that the target does not know is a fault, although rsync calls it a success", () => {
  const stderr = "Unknown --groupmap name on receiver: staff\n";
  expect(rsyncFault({ code: 0, signal: null, stdout: "", stderr })).toMatchObject({
    code: "target",
    retry: false,
    message: "the target knows no group called staff",
  });
});

test("what rsync cannot do is not tried again and again", () => {
  for (const said of ["syntax or usage error (code 1)", "requested action not supported (code 4)"]) {
    const stderr = `rsync: --acls: not supported\nrsync error: ${said} at main.c(1) [server=3.1.0]\n`;
    expect(rsyncFault({ code: 12, signal: null, stdout: "", stderr })?.retry).toBe(false);
  }
});

test("a run is in doubt if its code or its error output says anything", () => {
  expect([result(0), result(0, " \n"), result(0, "file has vanished"), result(23)].map(isDoubtful)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test("literalBytes reads the number of --stats, with its thousands", () => {
  const stats = "Total file size: 9,999 bytes\nLiteral data: 1,234,567 bytes\nMatched data: 12 bytes\n";
  expect(literalBytes(stats)).toBe(1_234_567);
  expect(literalBytes("Literal data: 0 bytes\n")).toBe(0);
  expect(literalBytes("")).toBe(0);
  expect(literalBytes("a Literal data: 5 bytes\n")).toBe(0);
});

describe("pathsEqual", () => {
  test("lists files, directories, symlinks, devices and specials without a difference", () => {
    const lines = ["same", "d/f", "d/", "l", "dev", "fifo"];
    const kinds = ["f", "f", "d", "L", "D", "S"];
    const stdout = lines.map((line, at) => `.${kinds[at]}          ${line}\n`).join("");
    expect([...pathsEqual(stdout)]).toEqual(["same", "d/f", "d", "l", "dev", "fifo"]);
  });

  test.each([
    ">f+++++++++ new",
    "<f.st...... sent",
    ".f...p..... mode",
    ".d..t...... time/",
    "cL+++++++++ link",
    "cd+++++++++ made/",
    "*deleting   gone",
    "skipping directory .",
    "",
  ])("leaves out %j", (line) => {
    expect(pathsEqual(`${line}\n`).size).toBe(0);
  });

  test("lists other names of an equal file", () => {
    expect([...pathsEqual("hf          name\nhf+++++++++ new\n")]).toEqual(["name"]);
  });

  test("reads escaped bytes, and a backslash that is escaped itself", () => {
    const stdout = ".f          n\\#012l\n.f          b\\#134#012s\n.f          \xff\\x\n";
    expect([...pathsEqual(stdout)]).toEqual(["n\nl", "b\\#012s", "\xff\\x"]);
  });
});

describe("reasonFor", () => {
  test("finds what rsync says of a path, without its own name", () => {
    const stderr = 'rsync: [sender] send_files failed to open "/src/d/f": Permission denied (13)\n';
    expect(reasonFor("d/f", stderr)).toBe('send_files failed to open "/src/d/f": Permission denied (13)');
    expect(reasonFor("d/g", stderr)).toBe("");
    expect(reasonFor("/f", stderr)).toBe("");
  });

  test("knows the temporary name of a path", () => {
    const stderr = 'rsync: [receiver] mkstemp "/t/d/.f.txt.Ab3dE9" failed: Permission denied (13)\n';
    expect(reasonFor("d/f.txt", stderr)).toContain("Permission denied");
    expect(reasonFor("d/.f.txt", stderr)).toBe("");
    const top = 'rsync: mkstemp ".f.Ab3dE9" failed: File exists (17)\n';
    expect(reasonFor("f", top)).toContain("File exists");
  });

  test("reads escaped names", () => {
    const stderr =
      'rsync: [sender] send_files failed to open "/src/a\\#012b\\#377": Permission denied (13)\n';
    expect(reasonFor("a\nb\xff", stderr)).toContain("Permission denied");
  });

  test("tells a directory that is in the way", () => {
    const stderr = "could not make way for new regular file: d/f\n";
    expect(reasonFor("d/f", stderr)).toBe("a directory that is not empty is in its place");
    expect(reasonFor("f", stderr)).toBe("");
  });

  test("finds nothing in general messages", () => {
    const stderr = "rsync error: some files/attrs were not transferred (code 23) at main.c(1338)\n";
    expect(reasonFor("f", stderr)).toBe("");
    expect(reasonFor("f", "")).toBe("");
  });
});

describe("lastMessage", () => {
  test("prefers what says why over what only counts", () => {
    const stderr = [
      "Warning: Permanently added 'web' to the list of known hosts.",
      'rsync: mkstemp "/t/.a" failed: Permission denied (13)',
      "rsync error: some files/attrs were not transferred (code 23)",
    ];
    expect(lastMessage(stderr.join("\n"))).toBe(stderr[1]!);
  });

  test("takes the last line if none says why, and is bounded", () => {
    expect(lastMessage("one\ntwo\n\n")).toBe("two");
    expect(lastMessage("")).toBe("");
    expect(lastMessage(`cannot ${"x".repeat(1_000)}`).length).toBe(300);
  });
});
