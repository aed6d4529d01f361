import { describe, expect, test } from "bun:test";
import type { Send } from "../../src/core/operation.ts";
import { isForRsync, needsRsync, receiverVersion } from "../../src/target/own-sender.ts";
import { receiverCommand } from "../../src/target/rsync-command.ts";
import { defaultTransfer, type TransferOptions } from "../../src/target/transfer-options.ts";
import { entryOf } from "../helpers/model.ts";

describe("versions of rsync", () => {
  test.each([
    ["rsync  version 3.1.3  protocol version 31", false],
    ["rsync  version 3.1.13  protocol version 31", false],
    ["rsync  version 3.2.0  protocol version 31", true],
    ["rsync  version v3.2.7  protocol version 32", true],
    ["rsync  version 3.10.0  protocol version 32", true],
    ["rsync  version 4.0.0  protocol version 40", true],
    ["rsync version 3.4.1pre1 protocol version 32", true],
  ])("%s will do", (said, tellsApart) => {
    expect(receiverVersion(said)).toEqual({ tellsApart });
  });

  test.each([
    "",
    "rsync  version 3.1.2  protocol version 31",
    "rsync  version 3.0.9  protocol version 30",
    "rsync  version 2.6.9  protocol version 29",
    "rsync  version 3.2  protocol version 31",
    "openrsync: protocol version 29",
    "openrsync 1.0, rsync  version 3.2.7",
    "welcome to rsync  version 3.2.7",
    "sh: rsync: not found",
  ])("%s will not", (said) => {
    expect(receiverVersion(said)).toBeNull();
  });
});

describe("options", () => {
  test("what is on by default, and what only says how it is started, needs no rsync", () => {
    const transfer = {
      ...defaultTransfer,
      extra: ["--numeric-ids"],
      owner: false,
      perms: false,
      links: false,
    };
    expect(needsRsync(defaultTransfer)).toEqual([]);
    expect(needsRsync(transfer)).toEqual([]);
  });

  const wishes: [string, Partial<TransferOptions>][] = [
    ["--compress", { compress: true }],
    ["--checksum", { checksum: true }],
    ["--bwlimit", { bandwidth: 1 }],
    ["--partial-dir", { partialDirectory: ".p" }],
    ["--inplace", { inplace: true }],
    ["--append", { append: "verified" }],
    ["--delay-updates", { delayUpdates: true }],
    ["--sparse", { sparse: true }],
    ["--no-times", { times: false }],
    ["--acls", { acls: true }],
    ["--xattrs", { xattrs: true }],
    ["--hard-links", { hardLinks: true }],
    ["--chmod", { chmod: "u+w" }],
    ["--chown", { chown: "a" }],
    ["--copy-links", { copyLinks: true }],
    ["--copy-unsafe-links", { copyUnsafeLinks: true }],
    ["--safe-links", { safeLinks: true }],
    ["--backup", { backup: { directory: null, suffix: "~" } }],
    ["--rsync-arg", { extra: ["--numeric-ids", "--fuzzy"] }],
  ];
  test.each(wishes)("%s", (name, wish) => {
    expect(needsRsync({ ...defaultTransfer, ...wish })).toEqual([name]);
  });

  test("no option is forgotten", () => {
    const known = wishes.flatMap(([, wish]) => Object.keys(wish));
    // These the receiver takes, or they are about the programs, or about both senders alike.
    const harmless = [
      "perms",
      "owner",
      "group",
      "links",
      "program",
      "remoteProgram",
      "sender",
      "keepWarmMs",
      "silenceMaxMs",
    ];
    expect([...new Set([...known, ...harmless])].sort()).toEqual(Object.keys(defaultTransfer).sort());
  });
});

test("what is left to rsync", () => {
  const send = (kind: "file" | "directory" | "special" | "symlink", size = 0): Send => ({
    path: "a",
    entry: { ...entryOf(kind, 1), size },
    compare: "changed",
  });
  const large = 32 * 1024 * 1024;
  const left = [
    send("special"),
    send("file", large),
    send("file", large - 1),
    send("directory"),
    send("symlink"),
  ];
  expect(left.map((one) => isForRsync(one, false))).toEqual([true, true, false, false, false]);
  expect(left.map((one) => isForRsync(one, true))).toEqual([true, false, false, false, false]);
});

describe("the command of a receiver", () => {
  const directory = "/a dir/it's $(id)";
  test("for what is changed", () => {
    expect(receiverCommand(true, directory, true, defaultTransfer)).toBe(
      "'rsync' --server -lptgoIdRe.LsfxCI --modify-window=-1 --no-implied-dirs --remove-source-files --no-msgs2stderr . " +
        `'/a dir/it'\\''s $(id)/.'`,
    );
  });

  test("for what may be there, by an old rsync, with other options", () => {
    const transfer = {
      ...defaultTransfer,
      ...{ owner: false, group: false, perms: false, links: false, extra: ["--numeric-ids"] },
      remoteProgram: "sudo ~/bin/rsync",
    };
    expect(receiverCommand(false, "/d", false, transfer)).toBe(
      "'sudo' ~/'bin/rsync' --server -tdRe.LsfxCI --modify-window=-1 --no-implied-dirs --remove-source-files --numeric-ids . '/d/.'",
    );
  });
});
