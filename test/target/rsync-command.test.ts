import { describe, expect, test } from "bun:test";
import { Fault } from "../../src/core/fault.ts";
import { fromText } from "../../src/core/path.ts";
import { remoteCommand, rsyncArguments, rsyncEnvironment } from "../../src/target/rsync-command.ts";
import { type SendRun, sendFlags } from "../../src/target/rsync-flags.ts";
import { destinationWord, type RsyncPlace } from "../../src/target/rsync-place.ts";
import { defaultTransfer, type TransferOptions } from "../../src/target/transfer-options.ts";

const compare = "unless-equal" as const;
const paths = null;
const limits = { silenceMaxMs: 90_000 };
const flagsFor = (run: Partial<SendRun> = {}, place: RsyncPlace = { directory: "/t" }) =>
  sendFlags({ paths, compare, ...run }, defaultTransfer, place);
const local: RsyncPlace = { directory: fromText("/tärget") };
const channel = { open: async () => new Fault("connection", "closed") };
const daemon: RsyncPlace = { url: "rsync://ann@host/module/.", password: "very secret" };

test("a run ends with what is copied where; rsync does not make the destination itself", () => {
  expect(rsyncArguments([], local, limits)).toEqual(["--timeout=90", ".", "/tärget/."]);
  expect(rsyncArguments([], channel, limits).slice(-2)).toEqual([".", `tsync:${destinationWord}/.`]);
  expect(rsyncArguments([], daemon, limits).slice(-2)).toEqual([".", "rsync://ann@host/module/."]);
  expect(rsyncArguments([], daemon, { ...limits, pullTo: "/here" }).slice(-2)).toEqual([
    "rsync://ann@host/module/.",
    "/here",
  ]);
});

test("times are compared exactly; rrsync is told so in the only form that it takes", () => {
  const flags = flagsFor();
  for (const place of [local, channel, daemon])
    expect(rsyncArguments(flags, place, limits)).toContain("--modify-window=-1");
  const restricted = rsyncArguments(flags, { ...channel, restricted: true }, limits);
  expect(restricted).toContain("-M--modify-window=-1");
  expect(restricted).not.toContain("--modify-window=-1");
});

describe("remoteCommand", () => {
  const place = (command: string, transfer: Partial<TransferOptions> = {}) =>
    remoteCommand(command, "/a b/it's", { ...defaultTransfer, ...transfer });

  test("has the target's own names, each as one word", () => {
    const backup = { directory: "$(x) ", suffix: " ;x" };
    const command = `rsync --server --partial-dir TSYNC-PARTIAL --backup-dir TSYNC-BACKUP --suffix=TSYNC-SUFFIX . ${destinationWord}/.`;
    expect(place(command, { backup, partialDirectory: "`p`" })).toBe(
      "'rsync' --server --partial-dir '`p`' --backup-dir '$(x) ' --suffix=' ;x' . '/a b/it'\\''s'/.",
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
  expect(rsyncArguments(flagsFor({}, daemon), daemon, limits).join(" ")).not.toContain("secret");
});
