/**
 * Where a soak happens: one source, a target of each kind on a small file system, real servers behind lines that
 * can fail, and one tsync that mirrors to all of them.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Clock } from "../helpers/clock.ts";
import { removeAtExit } from "../helpers/janitor.ts";
import { type Link, startLink } from "../helpers/link.ts";
import { runProcess } from "../helpers/process.ts";
import { startRsyncd, type TestRsyncd } from "../helpers/rsyncd.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { mountVolume, type Volume } from "../helpers/volume.ts";
import { Mirror } from "./mirror.ts";

/** See above. */
export interface Site {
  readonly folder: string;
  readonly source: string;
  /** The targets' directories by their kind. */
  readonly targets: Readonly<Record<string, string>>;
  readonly mirror: Mirror;
  /** Arguments of `tsync` behind the command: source, targets and options. */
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly sshd: TestSshd;
  readonly rsyncd: TestRsyncd;
  /** The lines to the ssh server and to the rsync daemon. */
  readonly lines: readonly Link[];
  /** The file system of the targets, if it is one that can be full. */
  readonly volume: Volume | null;
  /** The clock that tsync sees, if it can be another one than everybody's. */
  readonly clock: Clock | null;
  /** Ends everything. With `keep`, folder and trees stay. */
  stop(keep: boolean): Promise<void>;
}

/** Makes one; tsync is not started. */
export async function makeSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "tsync-soak-"));
  const forgetFolder = removeAtExit(folder);
  const source = join(folder, "source");
  mkdirSync(source);
  writeFileSync(join(source, "keep"), "keep\n");
  const volume = await mountVolume(join(folder, "targets"));
  const targets = { ssh: at("ssh"), local: at("local"), daemon: at("daemon") };
  const sshd = await startSshd();
  const rsyncd = await startRsyncd({ all: { path: "/" } });
  const [sshLine, daemonLine] = [
    await startLink({ targetPort: sshd.port, rttMs: 2 }),
    await startLink({ targetPort: rsyncd.port, rttMs: 2 }),
  ];
  const args = [
    source,
    `${sshd.host}:${targets.ssh}`,
    targets.local,
    `rsync://127.0.0.1:${daemonLine.port}/all${targets.daemon}`,
    ...["-F", sshd.clientConfigFor(sshLine.port)],
  ];
  const clock = Clock.find(folder);
  const env = { XDG_STATE_HOME: join(folder, "state") };
  const watching = ["watch", ...args, "--insist", "-v"];
  const mirror = new Mirror(watching, { ...env, ...clock?.env }, join(folder, "tsync.log"));

  function at(name: string): string {
    return join(folder, "targets", name);
  }

  return {
    ...{ folder, source, targets, mirror, args, env, sshd, rsyncd, volume, clock },
    lines: [sshLine, daemonLine],
    async stop(keep) {
      await sshLine.stop();
      await daemonLine.stop();
      await sshd.stop();
      await rsyncd.stop();
      if (keep && volume !== null) {
        await runProcess(["cp", "-a", volume.folder, join(folder, "targets-kept")]);
      }
      await volume?.unmount();
      if (!keep) await runProcess(["rm", "-rf", "--", folder]);
      forgetFolder();
    },
  };
}
