/** The kinds of targets that the conformance suite runs on. */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromText } from "../../src/core/path.ts";
import { ConnectionPool } from "../../src/ssh/pool.ts";
import { daemonTarget } from "../../src/target/daemon.ts";
import { LocalTarget } from "../../src/target/local.ts";
import { SshTarget } from "../../src/target/ssh.ts";
import type { Target } from "../../src/target/target.ts";
import { defaultTransfer, type TransferOptions } from "../../src/target/transfer-options.ts";
import { startDropbear, type TestDropbear } from "../helpers/dropbear.ts";
import { runProcess, tempDir } from "../helpers/process.ts";
import { daemonPassword, daemonUser, startRsyncd, withPassword } from "../helpers/rsyncd.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";

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
  /** True if FIFOs and devices do not get there, and the target's directory must have a plain name. */
  readonly isRestricted?: boolean;
  /** What messages call a directory, if not by its path. */
  readonly nameOf?: (directory: string) => string;
  readonly stop: () => Promise<void>;
}

/** Kinds that work by rsync alone: they move nothing, and make the directories that are missing above others. */
export const kindsByRsyncAlone: ReadonlySet<string> = new Set(["rsync daemon", "restricted ssh"]);

/** Starts what a kind needs, by its name. */
export const targetKinds: Readonly<Record<string, () => Promise<TargetKind>>> = {
  local: async () => ({
    open: ({ directory, base, mayReplace = true, transfer }) =>
      new LocalTarget(fromText(directory), fromText(base), mayReplace, { ...defaultTransfer, ...transfer }),
    sendsDeltas: false,
    stop: async () => {},
  }),
  ssh: async () => sshKind(await startSshd()),
  "ssh by dropbear": async () => sshKind(await startDropbear()),
  "ssh with BusyBox": async () => sshKind(await startSshd({ extraConfig: await busyBoxSession() })),
  "rsync daemon": daemonKind,
  "restricted ssh": restrictedKind,
};

/** A daemon that gives all there is, with a password. */
async function daemonKind(): Promise<TargetKind> {
  const rsyncd = await startRsyncd({ all: { path: "/", ...withPassword } });
  const where = {
    host: "127.0.0.1",
    port: rsyncd.port,
    module: "all",
    user: daemonUser,
    password: daemonPassword,
  };
  return {
    open: ({ directory, base, mayReplace = true }) =>
      daemonTarget({ ...where, directory: directory.slice(1), base, mayReplace, mustList: false }),
    sendsDeltas: true,
    stop: () => rsyncd.stop(),
  };
}

/** An account whose key runs rrsync, which takes paths as below its directory. */
async function restrictedKind(): Promise<TargetKind> {
  const folder = tmpdir();
  const nameOf = (directory: string) => directory.slice(folder.length + 1);
  // Other tests have rrsync work in that folder at the same time.
  const sshd = await startSshd({ keyOptions: `command="rrsync -no-lock ${folder}",restrict` });
  const pool = new ConnectionPool({ configFile: sshd.configFile });
  return {
    open: ({ directory, base, mayReplace = true }) => {
      if (!directory.startsWith(`${folder}/`)) throw new Error(`${directory} is not in ${folder}`);
      return new SshTarget(pool, {
        host: { host: sshd.host },
        directory: nameOf(directory),
        base,
        mayReplace,
        mustList: false,
      });
    },
    sendsDeltas: true,
    nameOf,
    // rrsync reads patterns and keeps FIFOs out.
    isRestricted: true,
    stop: async () => {
      await pool.closeAll();
      await sshd.stop();
    },
  };
}

async function sshKind(server: TestSshd | TestDropbear): Promise<TargetKind> {
  const pool = new ConnectionPool({ configFile: server.configFile });
  return {
    open: ({ directory, base, mayReplace = true, transfer }) =>
      new SshTarget(pool, {
        host: { host: server.host },
        directory,
        base,
        mayReplace,
        mustList: false,
        transfer: { ...defaultTransfer, ...transfer },
      }),
    sendsDeltas: true,
    stop: async () => {
      await pool.closeAll();
      await server.stop();
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
eval "exec ${applets}/sh \${SSH_ORIGINAL_COMMAND#exec /bin/sh}"
`;
  writeFileSync(session, script, { mode: 0o755 });
  // The account's start-up files are left out: they may need programs that are not there.
  return [`SetEnv PATH=${applets} HOME=${folder}`, `ForceCommand ${session}`];
}
