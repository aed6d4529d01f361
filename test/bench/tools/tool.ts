/** What the benchmark asks of a tool that mirrors a tree. */
import type { Running } from "../../helpers/process.ts";

/** Where a tool is put to work. */
export interface Site {
  source: string;
  /** At least one. */
  destinations: readonly string[];
  /** The destinations' host as `configFile` names it. */
  host: string;
  /** For `ssh -F`. */
  configFile: string;
  /** A folder for the tool's own files. */
  dir: string;
  /** For all processes of the tool, which are found by it when they have to be stopped. */
  env: Record<string, string>;
  /** The same for processes that work for the tool on the other side. */
  otherEnv: Record<string, string>;
  /** For a tool that does not go through ssh: a port that leads to `port` over the same kind of link. */
  openLink(port: number): Promise<number>;
}

export interface RunningTool {
  /** Those that only end when they are told to. */
  processes: Running[];
  /** Waits until the tool says that it has caught up, if it is one that says so. */
  ready?: () => Promise<unknown>;
  /** Of a tool that does not watch: has it bring the destination up to date; rejects if that fails. */
  push?: () => Promise<void>;
  /** Asks the tool to end; what is left of it a moment later gets killed. */
  stop(): Promise<void>;
}

export interface Tool {
  name: string;
  /** The names of the only measures that it is for, if it is not for all. */
  measures?: readonly string[];
  /** What to do to have the tool, if it is missing. */
  missing(): string | undefined;
  version(): Promise<string>;
  start(site: Site): Promise<RunningTool>;
}
