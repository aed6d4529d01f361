/** Runs the compiled program in a test. */
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Running, runProcess, startProcess, tempDir } from "./process.ts";

/** The compiled program; `TSYNC_BINARY` names another build. */
export const binary = process.env.TSYNC_BINARY ?? resolve(import.meta.dir, "../../dist/tsync");

/** A place for one test's source, target and state. */
export interface Place {
  readonly folder: string;
  readonly source: string;
  readonly target: string;
  readonly env: Record<string, string>;
}

/** Makes empty source and state folders; the target is not made. */
export function makePlace(): Place {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run "npm run build" first`);
  const folder = tempDir("tsync-test-");
  const source = join(folder, "source");
  mkdirSync(source);
  const env = { XDG_STATE_HOME: join(folder, "state"), XDG_RUNTIME_DIR: join(folder, "run") };
  return { folder, source, target: join(folder, "target"), env };
}

/** How old a file must be so that its time stamp is not in doubt, and it is not sent a second time. */
const raceMs = 100;

/** Lets the files that were made just now grow old enough to be sent once. */
export function outliveRaces(): Promise<void> {
  return Bun.sleep(raceMs);
}

/** Runs `tsync ARGS` to its end. */
export async function tsync(place: Place, args: string[], env: Record<string, string> = {}) {
  await outliveRaces();
  return await runProcess([binary, ...args], { env: { ...place.env, ...env } });
}

/** Starts `tsync watch` and waits for the first sync; `destination` is the target's folder if not given. */
export async function startWatch(
  place: Place,
  args: string[] = [],
  destination = place.target,
): Promise<Running> {
  await outliveRaces();
  const running = startProcess([binary, "watch", place.source, destination, ...args], { env: place.env });
  await running.waitFor(/in sync/, 30_000, "stderr");
  return running;
}
