/**
 * Compares connections: how long one takes until a first command has run, and how long a rename takes over one that is
 * open. tsync's is measured in this process (the same code as in the program); OpenSSH's as other tools use it, with a
 * process for each command and ControlMaster.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isFault } from "../../src/core/fault.ts";
import { fromText } from "../../src/core/path.ts";
import { ConnectionPool } from "../../src/ssh/pool.ts";
import { RemoteShell } from "../../src/target/remote-shell.ts";
import { runProcess } from "../helpers/process.ts";
import type { Lab } from "./lab.ts";
import type { Result } from "./result.ts";
import { makeSite } from "./site.ts";
import { percentile } from "./statistics.ts";
import type { Site } from "./tools/tool.ts";

/** Both ways to a host, by the name that the table gives them. */
export const connectionTools = ["tsync", "OpenSSH ControlMaster"] as const;

/** The name of this measure in the results. */
export const connectionMeasure = "connection";
export const connectionAbout =
  "how long a connection takes to be there, and a rename over one: tsync and OpenSSH's ControlMaster";

/** A connection that is open. */
interface Open {
  rename(from: string, to: string): Promise<void>;
  close(): Promise<void>;
}

type Opener = (site: Site) => Promise<Open>;

const openers: Record<(typeof connectionTools)[number], Opener> = {
  tsync: openTsync,
  "OpenSSH ControlMaster": openMaster,
};

/** Opens and uses connections in turn, so that both find the same machine. `rounds`: how often. */
export async function measureConnections(
  lab: Lab,
  { rttMs, rounds, place, signal }: { rttMs: number; rounds: number; place: string; signal: AbortSignal },
): Promise<Result[]> {
  await lab.setRtt(rttMs);
  const times = new Map(
    connectionTools.map((tool) => [tool, { setUp: [] as number[], rename: [] as number[] }]),
  );
  const { site, remove } = makeSite(lab, { place, targets: 1, env: {}, otherEnv: {} });
  const destination = site.destinations[0]!;
  try {
    for (let round = 0; round < rounds; round++) {
      for (const tool of connectionTools) {
        signal.throwIfAborted();
        const { setUp, rename } = times.get(tool)!;
        const [from, to] = [join(destination, "from"), join(destination, "to")];
        writeFileSync(from, "");
        const startMs = performance.now();
        const open = await openers[tool](site);
        const openMs = performance.now();
        await open.rename(from, to);
        setUp.push(openMs - startMs);
        rename.push(performance.now() - openMs);
        // Throws unless it was done.
        renameSync(to, from);
        await open.close();
      }
    }
  } finally {
    remove();
  }
  return connectionTools.map((tool) => {
    const { setUp, rename } = times.get(tool)!;
    const reading = (key: string, title: string, raw: number[]) => ({
      key,
      title,
      unit: "ms" as const,
      value: percentile(raw, 50),
      raw,
    });
    return {
      rttMs,
      tool,
      measure: connectionMeasure,
      readings: [
        reading("set-up", "connection set-up until a first command ran, p50", setUp),
        reading("rename", "a rename over the open connection, p50", rename),
      ],
      failure: null,
      firstSyncMs: null,
      divergences: null,
      differences: [],
    };
  });
}

async function openTsync({ host, configFile, destinations }: Site): Promise<Open> {
  const pool = new ConnectionPool({ configFile });
  const connection = await pool.connection({ host });
  if (isFault(connection)) throw new Error(connection.toString());
  const shell = await RemoteShell.start(connection, false);
  if (isFault(shell)) throw new Error(shell.toString());
  const destination = destinations[0]!;
  return {
    async rename(from, to) {
      const below = (path: string) => fromText(path.slice(destination.length + 1));
      const move = { do: "move", from: below(from), to: below(to) } as const;
      const fault = await shell.run(fromText(destination), [move], false, () => {});
      if (fault !== null) throw new Error(fault.toString());
    },
    async close() {
      shell.close();
      await pool.closeAll();
    },
  };
}

async function openMaster({ host, configFile, dir, env }: Site): Promise<Open> {
  const shared = ["-F", configFile, "-o", `ControlPath=${dir}/ctl`];
  const ssh = async (...args: string[]) => {
    const { code, stderr } = await runProcess(["ssh", ...shared, ...args], { env });
    if (code !== 0) throw new Error(`ssh: ${stderr}`);
  };
  // The master goes to the background once the command has run; its outputs would hold up this process.
  await ssh("-o", "ControlMaster=yes", "-o", "ControlPersist=60", "-E", "/dev/null", host, "true");
  return {
    rename: (from, to) => ssh(host, `mv -- '${from}' '${to}'`),
    close: () => ssh("-q", "-O", "exit", host),
  };
}
