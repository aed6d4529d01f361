/** The program that all this is about. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Running, startProcess } from "../../helpers/process.ts";
import { binary } from "../../helpers/tsync.ts";
import { versionOf } from "../machine.ts";
import type { Tool } from "./tool.ts";

/** The tree is there already when this is waited for. */
const readyTimeoutMs = 15_000;
const stopTimeoutMs = 5000;

export const tsync: Tool = {
  name: "tsync",
  missing: () => (existsSync(binary) ? undefined : `${binary} is not built: run \`bun build.ts\``),
  version: async () => (await versionOf([binary, "--version"])) ?? "unknown",
  async start({ source, destinations, host, configFile, dir, env }) {
    const targets = destinations.map((destination) => `${host}:${destination}`);
    const running = startProcess([binary, "watch", source, ...targets, "-F", configFile], {
      env: { ...env, XDG_STATE_HOME: join(dir, "state"), XDG_RUNTIME_DIR: join(dir, "run") },
    });
    return {
      processes: [running],
      ready: () => running.waitFor(/in sync/, readyTimeoutMs, "stderr"),
      stop: () => stopTsync(running),
    };
  },
};

/** Tells it to end, and waits for that. */
export async function stopTsync(running: Running): Promise<void> {
  running.signal("SIGTERM");
  await Promise.race([running.exit, Bun.sleep(stopTimeoutMs)]);
}
