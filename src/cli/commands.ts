/** The commands, and how they are found and run. */
import { type CommandDef, defineCommand, runCommand } from "citty";
import packageJson from "../../package.json" with { type: "json" };
import {
  commonOptions,
  controlOptions,
  hostOptions,
  lookOptions,
  mirrorOptions,
  type OptionDef,
  serviceOptions,
  verifyOptions,
  watchOptions,
} from "../config/options.ts";
import { closest } from "../core/closest.ts";
import { Fault } from "../core/fault.ts";
import { suspectLedgers } from "../ledger/location.ts";
import { ledgerFault } from "../ledger/open-database.ts";
import { type Arguments, hasFlag, readArguments } from "./arguments.ts";
import { checkCommand } from "./check-command.ts";
import { completeCommand } from "./completions/complete-command.ts";
import { completionScript, shells } from "./completions/completions.ts";
import { configActions, configCommand } from "./config-command.ts";
import {
  flushCommand,
  logCommand,
  pauseCommand,
  reloadCommand,
  resumeCommand,
  statusCommand,
  stopCommand,
  whyCommand,
} from "./control-commands.ts";
import { doctorCommand } from "./doctor-command.ts";
import { examplesText } from "./examples.ts";
import { exitCodes, exitOk } from "./exit-codes.ts";
import { commandHelp, programHelp } from "./help.ts";
import { importCommand, importOptions } from "./import-command.ts";
import { manCommand } from "./man/man-command.ts";
import { mirrorCommand } from "./mirror-command.ts";
import { Printer } from "./printer.ts";
import { serviceActions, serviceCommand } from "./service-command.ts";
import { verifyCommand } from "./verify-command.ts";

/** What a command takes besides options. */
interface Positional {
  readonly hint: string;
  readonly description: string;
  /** What it can be, if it is one of a few words. */
  readonly words?: readonly string[];
  /** What it is, else, for completion: a directory here, one here or elsewhere, one on a host, a file, a running mirror. */
  readonly is?: "directory" | "place" | "remote" | "file" | "mirror";
  /** True if there may be several. */
  readonly repeats?: true;
}

const mirrorPositionals: readonly Positional[] = [
  {
    hint: "SRC",
    is: "directory",
    description: "Directory to mirror: its contents become the contents of each DEST",
  },
  {
    hint: "DEST…",
    is: "place",
    repeats: true,
    description:
      "/local/path, user@host:path, [ipv6]:path, ssh://user@host:port/path, host::module/path or rsync://host/module/path; several are served side by side",
  },
];

const mirrorNames: readonly Positional[] = [
  {
    hint: "[MIRROR…]",
    is: "mirror",
    repeats: true,
    description:
      "Name of a running mirror in its configuration file, or the path of its source (default: all)",
  },
];

/** A command: what it takes, and what it does with it. */
export interface Command {
  readonly description: string;
  readonly options: Readonly<Record<string, OptionDef>>;
  readonly positionals: readonly Positional[];
  /** Returns the exit code. */
  readonly run: (args: Arguments) => Promise<number>;
}

/** All commands by name. */
export const commands: Readonly<Record<string, Command>> = {
  watch: {
    description: "Bring each DEST up to date with SRC, and keep it so, live",
    options: watchOptions,
    positionals: mirrorPositionals,
    run: (args) => mirrorCommand(false, args),
  },
  sync: {
    description: "Bring each DEST up to date with SRC, then exit",
    options: mirrorOptions,
    positionals: mirrorPositionals,
    run: (args) => mirrorCommand(true, args),
  },
  verify: {
    description: "Say how each DEST differs from SRC, changing nothing unless told to repair it",
    options: verifyOptions,
    positionals: mirrorPositionals,
    run: verifyCommand,
  },
  status: {
    description: "Say what running mirrors are doing, one line a target",
    options: controlOptions.status,
    positionals: mirrorNames,
    run: statusCommand,
  },
  pause: {
    description: "Let mirrors rest; what changes meanwhile is kept in mind",
    options: {},
    positionals: mirrorNames,
    run: pauseCommand,
  },
  resume: {
    description: "Let mirrors go on after pause, or after a guard halted them",
    options: controlOptions.resume,
    positionals: mirrorNames,
    run: resumeCommand,
  },
  flush: {
    description: "Return once every change made before is on every target",
    options: controlOptions.flush,
    positionals: mirrorNames,
    run: flushCommand,
  },
  reload: {
    description: "Have a running tsync read its configuration file again (as SIGHUP does)",
    options: {},
    positionals: mirrorNames,
    run: reloadCommand,
  },
  stop: {
    description: "End a running tsync at its next safe point",
    options: {},
    positionals: mirrorNames,
    run: stopCommand,
  },
  why: {
    description: "Say whether a path is mirrored, by which rule it is not, and whether it fails",
    options: controlOptions.why,
    positionals: [{ hint: "PATH", is: "file", description: "File or directory below a source" }],
    run: whyCommand,
  },
  log: {
    description: "Print the changes that went out last",
    options: controlOptions.log,
    positionals: mirrorNames,
    run: logCommand,
  },
  import: {
    description:
      "Print the tsync.toml that does what a configuration of lsyncd, inosync, pylsyncd or pirsyncd does",
    options: importOptions,
    positionals: [
      {
        hint: "FILE | -- COMMAND…",
        is: "file",
        description:
          "Configuration file (- for standard input), or the command line of pylsyncd, pirsyncd or lsyncd",
      },
    ],
    run: importCommand,
  },
  examples: {
    description: "Print worked command lines for every kind of use",
    options: {},
    positionals: [],
    run: async () => print(examplesText()),
  },
  check: {
    description: "Check that SRC can be mirrored to each DEST, without changing anything",
    options: lookOptions,
    positionals: mirrorPositionals,
    run: checkCommand,
  },
  doctor: {
    description:
      "Connect to a host and say what tsync finds there, what it means, and how it could be better",
    options: hostOptions,
    positionals: [
      { hint: "HOST:PATH", is: "remote", description: "[user@]host:path or ssh://user@host:port/path" },
    ],
    run: doctorCommand,
  },
  config: {
    description:
      "Show each option in force and where it comes from, or the schema or types of the configuration",
    options: lookOptions,
    positionals: [
      {
        hint: "ACTION",
        description:
          "show: what is in force; schema, types: the JSON Schema and the TypeScript types, for editors",
        words: configActions,
      },
      ...mirrorPositionals,
    ],
    run: configCommand,
  },
  service: {
    description: "Write, install or remove the file that makes a service of it (systemd, launchd)",
    options: serviceOptions,
    positionals: [
      {
        hint: "ACTION",
        description: "print: show the file; install: write it where it belongs; uninstall: remove it there",
        words: serviceActions,
      },
      {
        hint: "SRC DEST…",
        description:
          "What it mirrors, as with watch; without it, what the configuration file says, or with --config names of its mirrors",
      },
    ],
    run: serviceCommand,
  },
  completions: {
    description: "Print the completion script for a shell",
    options: {},
    positionals: [{ hint: "SHELL", description: "bash, zsh or fish", words: shells }],
    run: printCompletions,
  },
  man: {
    description: "Show the manual page; not on a terminal, print it as it is written for man",
    options: {},
    positionals: [],
    run: manCommand,
  },
};

/** Runs the program with the arguments `argv`; returns the exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "--version" || name === "-V") {
    return print(`tsync ${packageJson.version}\n`);
  }
  // For the completion scripts alone: not in the table, so not in the help either.
  if (name === "__complete") return await completeCommand(rest);
  if (name === "--help" || name === "-h") return print(programHelp());
  if (name === undefined) return fail(new Fault("usage", "a command is missing", "see tsync --help"));
  const command = Object.hasOwn(commands, name) ? commands[name]! : null;
  if (command === null) {
    const meant = closest(name, Object.keys(commands));
    const kind = name.startsWith("-") ? "option" : "command";
    return fail(
      new Fault(
        "usage",
        `unknown ${kind} ${name}`,
        meant === null ? "see tsync --help" : `did you mean ${meant}?`,
      ),
    );
  }
  const args = readArguments(rest, { ...command.options, ...commonOptions });
  if (args instanceof Fault) return fail(args);
  if (hasFlag(args, "help")) return print(commandHelp(name, command));
  try {
    const { result } = await runCommand(toCitty(name, command, args), { rawArgs: [] });
    return result as number;
  } catch (error) {
    // The disk below the ledger may fail at any call.
    const fault = ledgerFault(error);
    if (fault === null) throw error;
    suspectLedgers();
    return fail(fault);
  }
}

/** The command as citty runs it. Its arguments have been read already, strictly: citty lets mistakes pass. */
function toCitty(name: string, command: Command, args: Arguments): CommandDef {
  return defineCommand({
    meta: { name, description: command.description },
    run: () => command.run(args),
  });
}

async function printCompletions(args: Arguments): Promise<number> {
  const shell = shells.find((name) => name === args.positionals[0]);
  if (shell === undefined || args.positionals.length > 1) {
    return fail(new Fault("usage", "which shell?", `tsync completions ${shells.join("|")}`));
  }
  return print(completionScript(shell));
}

function print(text: string): number {
  process.stdout.write(text);
  return exitOk;
}

function fail(fault: Fault): number {
  new Printer({ verbose: false, quiet: false, json: false }).fault(fault);
  return exitCodes[fault.code];
}
