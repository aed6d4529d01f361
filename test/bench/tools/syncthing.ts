/**
 * syncthing, one instance for each side, tuned: changes are gathered for a second, the shortest that it takes; nothing
 * is announced, relayed or reported, and no write is waited for. Its own protocol goes over links of its own.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../helpers/port.ts";
import { type Running, runProcess, startProcess } from "../../helpers/process.ts";
import { versionOf } from "../machine.ts";
import type { Site, Tool } from "./tool.ts";

const folderId = "bench";
/** By this it knows that a folder is what it was; it has to be at both sides. */
const marker = ".stfolder";
const stopTimeoutMs = 5000;

/** One instance. */
interface Instance {
  home: string;
  device: string;
  /** What it listens on. */
  port: number;
  folder: string;
}

export const syncthing: Tool = {
  name: "syncthing",
  missing: () =>
    Bun.which("syncthing") === null
      ? "syncthing is not installed: run `bash test/setup.sh bench`"
      : undefined,
  version: async () => (await versionOf(["syncthing", "--version"])) ?? "unknown",
  async start(site) {
    const here = await makeInstance(site, "here", site.source);
    const there: Instance[] = [];
    for (const [i, destination] of site.destinations.entries()) {
      there.push(await makeInstance(site, `there-${i}`, destination));
    }
    const peers = [];
    for (const { device, port } of there) {
      peers.push({ device, address: `tcp://127.0.0.1:${await site.openLink(port)}` });
    }
    for (const instance of there) {
      writeSettings(instance, "receiveonly", [{ device: here.device, address: "dynamic" }]);
    }
    writeSettings(here, "sendonly", peers);
    const processes = [...there.map((instance) => start(instance, site.otherEnv)), start(here, site.env)];
    return {
      processes,
      async stop() {
        for (const running of processes) running.signal("SIGTERM");
        await Promise.race([Promise.all(processes.map(({ exit }) => exit)), Bun.sleep(stopTimeoutMs)]);
      },
    };
  },
};

async function makeInstance(site: Site, name: string, folder: string): Promise<Instance> {
  const home = join(site.dir, name);
  mkdirSync(join(folder, marker));
  // It makes folders in the home directory unless told not to.
  const env = { ...site.env, HOME: site.dir };
  const made = await runProcess(["syncthing", "generate", "--home", home, "--no-default-folder"], { env });
  const { stdout } = await runProcess(["syncthing", "--home", home, "--device-id"], { env });
  const device = stdout.trim();
  if (device === "") throw new Error(`syncthing generate: ${made.stderr}`);
  return { home, device, port: await freePort(), folder };
}

function start({ home }: Instance, env: Record<string, string>): Running {
  const argv = ["syncthing", "serve", "--home", home, "--no-browser", "--no-restart", "--no-upgrade"];
  return startProcess(argv, { env: { ...env, HOME: home } });
}

function writeSettings(
  { home, device, port, folder }: Instance,
  type: "sendonly" | "receiveonly",
  peers: { device: string; address: string }[],
): void {
  const everyone = [{ device, address: "dynamic" }, ...peers];
  const shared = everyone.map((peer) => `<device id="${peer.device}"/>`).join("");
  const devices = everyone
    .map((peer) => `<device id="${peer.device}" name=""><address>${peer.address}</address></device>`)
    .join("\n  ");
  writeFileSync(
    join(home, "config.xml"),
    `<configuration version="35">
  <folder id="${folderId}" path="${folder}" type="${type}" rescanIntervalS="0"
    fsWatcherEnabled="true" fsWatcherDelayS="1">
    ${shared}
    <disableFsync>true</disableFsync>
    <scanProgressIntervalS>-1</scanProgressIntervalS>
    <minDiskFree unit="%">0</minDiskFree>
  </folder>
  ${devices}
  <gui enabled="false"/>
  <options>
    <listenAddress>tcp://127.0.0.1:${port}</listenAddress>
    <globalAnnounceEnabled>false</globalAnnounceEnabled>
    <localAnnounceEnabled>false</localAnnounceEnabled>
    <relaysEnabled>false</relaysEnabled>
    <natEnabled>false</natEnabled>
    <crashReportingEnabled>false</crashReportingEnabled>
    <urAccepted>-1</urAccepted>
    <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
    <startBrowser>false</startBrowser>
    <setLowPriority>false</setLowPriority>
    <reconnectionIntervalS>1</reconnectionIntervalS>
    <minHomeDiskFree unit="%">0</minHomeDiskFree>
  </options>
</configuration>
`,
  );
}
