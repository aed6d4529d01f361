/**
 * Not a mirror but the yardstick for a lot of work: plain rsync, started when the work in the source is done, over a
 * connection that is open already.
 */
import { runProcess } from "../../helpers/process.ts";
import { versionOf } from "../machine.ts";
import { startSshMaster } from "./ssh-master.ts";
import type { Tool } from "./tool.ts";

export const rsync: Tool = {
  name: "rsync -a",
  measures: ["burst", "delta", "large-files", "many-files"],
  missing: () => (Bun.which("rsync") === null ? "rsync is not installed" : undefined),
  version: async () => (await versionOf(["rsync", "--version"])) ?? "unknown",
  async start(site) {
    const { source, destinations, host, env } = site;
    const master = await startSshMaster(site);
    let last: Promise<void> = Promise.resolve();
    const run = async () => {
      for (const destination of destinations) {
        const argv = [
          "rsync",
          "-a",
          "-e",
          `ssh -F ${master.configFile}`,
          `${source}/`,
          `${host}:${destination}/`,
        ];
        const { code, stderr } = await runProcess(argv, { env });
        if (code !== 0) throw new Error(`rsync has failed (${code}): ${stderr}`);
      }
    };
    const push = () => {
      last = last.then(run);
      return last;
    };
    void push().catch(() => undefined);
    return { processes: [], push, ready: () => last, stop: master.stop };
  },
};
