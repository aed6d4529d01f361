/** A target of the configuration file that is a command. */
import { posix } from "node:path";
import type { ExecDestination } from "./destination.ts";
import { absolutePath, type Place } from "./file-paths.ts";
import type { TomlTable } from "./toml.ts";

/** Such a target as the schema has found it to be. */
export interface ExecTable extends TomlTable {
  exec: string[];
}

/** The command that `table` names, in the file at `place`. */
export function commandAt({ exec, name, format, moves }: ExecTable, place: Place): ExecDestination {
  const [program, ...args] = exec as [string, ...string[]];
  return {
    kind: "exec",
    name: (name as string | undefined) ?? posix.basename(program),
    // A program without a slash is searched for, as the shell does it.
    argv: [program.includes("/") ? absolutePath(program, place) : program, ...args],
    format: (format as ExecDestination["format"] | undefined) ?? "json",
    moves: moves !== false,
  };
}
