/** unison, which follows its own watcher at both ends; the source always wins. One process for each destination. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "../../helpers/process.ts";
import { versionOf } from "../machine.ts";
import { startSshMaster } from "./ssh-master.ts";
import type { Tool } from "./tool.ts";

export const unison: Tool = {
  name: "unison",
  missing() {
    if (Bun.which("unison") === null) return "unison is not installed: run `bash test/setup.sh bench`";
    if (Bun.which("unison-fsmonitor") === null) {
      return "unison cannot watch without unison-fsmonitor, which its package here does not have (Debian's 2.52)";
    }
    return undefined;
  },
  version: async () => (await versionOf(["unison", "-version"])) ?? "unknown",
  async start(site) {
    const { source, destinations, host, dir, env } = site;
    const master = await startSshMaster(site);
    const processes = destinations.map((destination, i) => {
      const own = join(dir, `unison-${i}`);
      mkdirSync(own);
      const options = [
        "-repeat",
        "watch",
        "-batch",
        "-auto",
        "-force",
        source,
        "-times",
        "-fastcheck",
        "true",
      ];
      // A lot that is gone at once is meant, too.
      options.push("-confirmbigdel=false", "-ui", "text", "-silent", "-logfile", join(own, "log"));
      const target = `ssh://${host}/${destination}`;
      return startProcess(["unison", source, target, ...options, "-sshargs", `-F ${master.configFile}`], {
        env: { ...env, UNISON: own },
      });
    });
    return { processes, stop: master.stop };
  },
};
