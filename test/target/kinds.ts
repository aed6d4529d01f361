/** The kinds of targets that the conformance suite runs on. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromText } from "../../src/core/path.ts";
import { ConnectionPool } from "../../src/ssh/pool.ts";
import { LocalTarget } from "../../src/target/local.ts";
import { SshTarget } from "../../src/target/ssh.ts";
import type { Target } from "../../src/target/target.ts";
import { defaultTransfer, type TransferOptions } from "../../src/target/transfer-options.ts";
import { runProcess, tempDir } from "../helpers/process.ts";
import { startSshd } from "../helpers/sshd.ts";

/** Makes targets of one kind. Names of directories are plain text. */
export interface TargetKind {
  readonly open: (options: {
    directory: string;
    base: string;
    mayReplace?: boolean;
    transfer?: Partial<TransferOptions>;
  }) => Target;
  /** True if content is compared block by block, so that an edit costs less than the file. */
  readonly sendsDeltas: boolean;
  readonly stop: () => Promise<void>;
}

/** Starts what a kind needs, by its name. */
export const targetKinds: Readonly<Record<string, () => Promise<TargetKind>>> = {
  local: async () => ({
    open: ({ directory, base, mayReplace = true, transfer }) =>
      new LocalTarget(fromText(directory), fromText(base), mayReplace, { ...defaultTransfer, ...transfer }),
    sendsDeltas: false,
    stop: async () => {},
  }),
  ssh: () => sshKind([]),
  "ssh with BusyBox": async () => sshKind(await busyBoxSession()),
};

async function sshKind(extraConfig: string[]): Promise<TargetKind> {
  const sshd = await startSshd({ extraConfig });
  const pool = new ConnectionPool({ configFile: sshd.configFile });
  return {
    open: ({ directory, base, mayReplace = true, transfer }) =>
      new SshTarget(pool, {
        host: { host: sshd.host },
        directory,
        base,
        mayReplace,
        transfer: { ...defaultTransfer, ...transfer },
      }),
    sendsDeltas: true,
    stop: async () => {
      await pool.closeAll();
      await sshd.stop();
    },
  };
}

/** Settings that give sessions BusyBox's shell and programs, and rsync, as on a router or in a container. */
async function busyBoxSession(): Promise<string[]> {
  const folder = tempDir("tsync-busybox-");
  const applets = join(folder, "bin");
  mkdirSync(applets);
  const { code, stderr } = await runProcess(["busybox", "--install", "-s", applets]);
  if (code !== 0) throw new Error(`busybox: ${stderr}`);
  const rsync = Bun.which("rsync");
  if (rsync === null) throw new Error("rsync is missing");
  await runProcess(["ln", "-s", rsync, join(applets, "rsync")]);
  // tsync asks for /bin/sh by its full name: a forced command puts BusyBox's in its place.
  const session = join(folder, "session");
  const script = `#!${applets}/sh
case $SSH_ORIGINAL_COMMAND in
"exec /bin/sh") exec ${applets}/sh ;;
*) exec ${applets}/sh -c "$SSH_ORIGINAL_COMMAND" ;;
esac
`;
  writeFileSync(session, script, { mode: 0o755 });
  // The account's start-up files are left out: they may need programs that are not there.
  return [`SetEnv PATH=${applets} HOME=${folder}`, `ForceCommand ${session}`];
}
