/** lsyncd with its layer for ssh, tuned: no delay, one shared connection. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "../../helpers/process.ts";
import { versionOf } from "../machine.ts";
import { startSshMaster } from "./ssh-master.ts";
import type { Site, Tool } from "./tool.ts";

export const lsyncd: Tool = {
  name: "lsyncd",
  missing: () =>
    Bun.which("lsyncd") === null ? "lsyncd is not installed: run `bash test/setup.sh bench`" : undefined,
  version: async () => (await versionOf(["lsyncd", "--version"])) ?? "unknown",
  async start(site) {
    const master = await startSshMaster(site);
    const script = join(site.dir, "lsyncd.lua");
    writeFileSync(script, settings(site, master.configFile));
    const running = startProcess(["lsyncd", "-log", "scarce", script], { env: site.env });
    return { processes: [running], stop: master.stop };
  },
};

/** `maxProcesses` is left out: this layer takes no other value than its default, 1. */
function settings({ source, destinations, host, dir }: Site, sshConfigFile: string): string {
  const syncs = destinations.map(
    (destination) => `sync {
  default.rsyncssh,
  source = "${source}",
  host = "${host}",
  targetdir = "${destination}",
  delay = 0,
  rsync = { archive = true, rsh = "ssh -F ${sshConfigFile}" },
  ssh = { _extra = { "-F", "${sshConfigFile}" } },
}
`,
  );
  return `settings {
  nodaemon = true,
  logfile = "${dir}/lsyncd.log",
  statusFile = "${dir}/lsyncd.status",
}
${syncs.join("")}`;
}
