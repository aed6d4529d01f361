/** The hooks that the settings of a target ask for: what cannot be run is found before anything is done. */
import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "../config/command.ts";
import type { Destination } from "../config/destination.ts";
import { mention, type Resolved } from "../config/settings.ts";
import { Fault, isFault } from "../core/fault.ts";
import type { HookName } from "../hooks/facts.ts";
import { reasonOf } from "../system/file-error.ts";

/** A hook as it was asked for. Its program is absolute. */
export interface WantedHook extends Command {
  readonly name: HookName;
}

const hookNames: readonly HookName[] = [
  "on-change",
  "on-synced",
  "on-synced-remote",
  "on-error",
  "on-halt",
  "on-recover",
];

/** The shell of hooks. */
const shell = "/bin/sh";

/** The hooks of the target at `destination`, or what is wrong with one of them. */
export function wantedHooks(
  { settings, origins }: Resolved,
  destination: Destination,
): readonly WantedHook[] | Fault {
  const hooks: WantedHook[] = [];
  for (const name of hookNames) {
    const command = settings[name];
    if (command === undefined || (typeof command.run !== "function" && command.run.length === 0)) continue;
    const said = mention(name, origins.get(name)!);
    const hook = name === "on-synced-remote" ? remote(command, destination, said) : local(command, said);
    if (isFault(hook)) return hook;
    hooks.push({ ...hook, name });
  }
  return hooks;
}

function remote(command: Command, { kind, name }: Destination, said: string): Command | Fault {
  if (kind === "ssh") return command;
  const what = kind === "local" ? "is a directory here" : "is an rsync daemon, which runs nothing";
  return new Fault(
    "usage",
    `${said} is for targets that are reached through ssh, and ${name} ${what}`,
    'give it to the others alone: { to = "host:/path", on-synced-remote = [...] }',
  );
}

function local(command: Command, said: string): Command | Fault {
  if (typeof command.run === "function") return command;
  if (typeof command.run === "string") return { ...command, run: [shell, "-c", command.run] };
  const [given, ...rest] = command.run as [string, ...string[]];
  const program = given.includes("/") ? resolve(given) : Bun.which(given);
  const wrong = (why: string, hint: string) => new Fault("usage", `${said}: ${given} ${why}`, hint);
  if (program === null) return wrong("is not in PATH", "install it, or give the whole path");
  try {
    if (!statSync(program).isFile()) return wrong("is not a file", "give the path of a program");
    accessSync(program, constants.X_OK);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT") return wrong("does not exist", "check the path");
    if (code === "EACCES") return wrong("must not be executed", `allow it: chmod +x ${program}`);
    return wrong(`cannot be executed: ${reasonOf(error)}`, "check the path");
  }
  return { ...command, run: [program, ...rest] };
}
