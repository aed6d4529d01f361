/** What the benchmark asks of a tool that mirrors a tree. */
import type { Running } from "../../helpers/process.ts";

/** Where a tool is put to work. */
export interface Site {
  source: string;
  destination: string;
  /** The destination's host as `configFile` names it. */
  host: string;
  /** For `ssh -F`. */
  configFile: string;
  /** A folder for the tool's own files. */
  dir: string;
  /** For all processes of the tool, which are found by it when they have to be stopped. */
  env: Record<string, string>;
}

export interface RunningTool {
  /** Those that only end when they are told to. */
  processes: Running[];
  /** Waits until the tool says that it has caught up, if it is one that says so. */
  ready?: () => Promise<unknown>;
  /** Asks the tool to end; what is left of it a moment later gets killed. */
  stop(): Promise<void>;
}

export interface Tool {
  name: string;
  /** What to do to have the tool, if it is missing. */
  missing(): string | undefined;
  version(): Promise<string>;
  start(site: Site): Promise<RunningTool>;
}
