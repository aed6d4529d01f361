/** What people write themselves: inotifywait, and rsync of everything whenever it says something. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProcess, startProcess } from "../../helpers/process.ts";
import { versionOf } from "../machine.ts";
import { startSshMaster } from "./ssh-master.ts";
import type { Tool } from "./tool.ts";

const watchTimeoutMs = 30_000;

/** Arguments: the remote shell, the source, the destinations, which are served at once. A line on stdin is an event. */
const script = `mirror() {
  local shell=$1 source=$2 destination
  shift 2
  for destination; do rsync -a --delete -e "$shell" "$source/" "$destination/" & done
  wait
}
mirror "$@"
while IFS= read -r event; do
  while IFS= read -r -t 0.02 event; do :; done
  mirror "$@"
done
`;

export const loop: Tool = {
  name: "loop",
  missing: () =>
    Bun.which("inotifywait") === null
      ? "inotifywait is not installed: run `bash test/setup.sh bench`"
      : undefined,
  version: async () => {
    const help = await runProcess(["inotifywait", "--help"]);
    return `inotifywait ${/\d+(\.\d+)+/.exec(help.stdout + help.stderr)?.[0] ?? "unknown"}, rsync ${await versionOf(["rsync", "--version"])}`;
  },
  async start(site) {
    const { source, destinations, host } = site;
    const master = await startSshMaster(site);
    const [events, scriptFile] = [join(site.dir, "events"), join(site.dir, "loop.sh")];
    writeFileSync(scriptFile, script);
    await runProcess(["mkfifo", events]);
    const names = "close_write,create,delete,move,attrib";
    // Two processes with a fifo instead of one pipeline: so both are known, and none outlives this one.
    const watch = startProcess(
      ["bash", "-c", `exec inotifywait -m -r -e ${names} --format . "$1" > "$2"`, "-", source, events],
      { env: site.env },
    );
    const shell = `ssh -F ${master.configFile}`;
    const run = startProcess(
      [
        "bash",
        "-c",
        'events=$1; shift; exec bash "$@" < "$events"',
        "-",
        events,
        scriptFile,
        shell,
        source,
        ...destinations.map((destination) => `${host}:${destination}`),
      ],
      { env: site.env },
    );
    await watch.waitFor(/Watches established/, watchTimeoutMs);
    return { processes: [watch, run], stop: master.stop };
  },
};
