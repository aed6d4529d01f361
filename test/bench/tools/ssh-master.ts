/** One shared connection for all ssh processes of a tool, as people tune such tools. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProcess, startProcess, waitUntil } from "../../helpers/process.ts";
import type { Site } from "./tool.ts";

const startTimeoutMs = 10_000;

export interface SshMaster {
  /** For `ssh -F`: as the site's, with the shared connection. */
  configFile: string;
  stop(): Promise<void>;
}

/**
 * Opens the connection and keeps it open: so a tool finds it ready. Should it break, the next ssh makes a new
 * one, which stays.
 */
export async function startSshMaster(site: Site): Promise<SshMaster> {
  const configFile = join(site.dir, "ssh_config");
  const shared = [
    "ControlMaster auto",
    `ControlPath "${site.dir}/ctl"`,
    "ControlPersist 600",
    "BatchMode yes",
  ];
  writeFileSync(configFile, `Host *\n  ${shared.join("\n  ")}\n${readFileSync(site.configFile, "utf8")}`);

  const ask = (question: string) =>
    runProcess(["ssh", "-F", configFile, "-O", question, site.host], { env: site.env });
  // In the foreground, so that its end is known.
  const argv = ["ssh", "-F", configFile, "-M", "-N", "-o", "ControlPersist=no", site.host];
  const master = startProcess(argv, { env: site.env });
  let ended = false;
  void master.exit.then(() => {
    ended = true;
  });
  const established = async () => {
    if (ended) throw new Error(`ssh has ended: ${master.stderr}`);
    return (await ask("check")).code === 0;
  };
  await waitUntil(established, startTimeoutMs, 20, () => master.stderr);
  return {
    configFile,
    async stop() {
      await ask("exit");
    },
  };
}
