/** The program that all this is about. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { startProcess } from "../../helpers/process.ts";
import { versionOf } from "../machine.ts";
import type { Tool } from "./tool.ts";

const program = resolve(import.meta.dir, "../../../dist/tsync");
/** The tree is there already when this is waited for. */
const readyTimeoutMs = 15_000;
const stopTimeoutMs = 5000;

export const tsync: Tool = {
  name: "tsync",
  missing: () => (existsSync(program) ? undefined : "dist/tsync is not built: run `bun build.ts`"),
  version: async () => (await versionOf([program, "--version"])) ?? "unknown",
  async start({ source, destination, host, configFile, dir, env }) {
    const running = startProcess([program, "watch", source, `${host}:${destination}`, "-F", configFile], {
      env: { ...env, XDG_STATE_HOME: join(dir, "state") },
    });
    return {
      processes: [running],
      ready: () => running.waitFor(/in sync/, readyTimeoutMs, "stderr"),
      async stop() {
        running.signal("SIGTERM");
        await Promise.race([running.exit, Bun.sleep(stopTimeoutMs)]);
      },
    };
  },
};
