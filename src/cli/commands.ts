/** The commands, and how they are found and run. */
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from "citty";
import packageJson from "../../package.json" with { type: "json" };
import { Fault } from "../core/fault.ts";
import { type Arguments, closest, readArguments } from "./arguments.ts";
import { exitCodes, exitOk } from "./exit-codes.ts";
import { mirrorCommand } from "./mirror-command.ts";
import { commonOptions, mirrorOptions, mirrorPositionals, type OptionDef } from "./options.ts";
import { Printer } from "./printer.ts";

/** A command: what it takes, and what it does with it. */
export interface Command {
  readonly description: string;
  readonly options: Readonly<Record<string, OptionDef>>;
  readonly positionals: ArgsDef;
  /** Returns the exit code. */
  readonly run: (args: Arguments) => Promise<number>;
}

/** All commands by name. */
export const commands: Readonly<Record<string, Command>> = {
  watch: {
    description: "Bring each DEST up to date with SRC, and keep it so, live",
    options: mirrorOptions,
    positionals: mirrorPositionals,
    run: (args) => mirrorCommand(false, args),
  },
  sync: {
    description: "Bring each DEST up to date with SRC, then exit",
    options: mirrorOptions,
    positionals: mirrorPositionals,
    run: (args) => mirrorCommand(true, args),
  },
};

/** Runs the program with the arguments `argv`; returns the exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "--version" || name === "-V") {
    process.stdout.write(`tsync ${packageJson.version}\n`);
    return exitOk;
  }
  if (name === "--help" || name === "-h") return await printHelp(mainCommand);
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
  const definition = toCitty(name, command, args);
  if (args.options.has("help")) return await printHelp(definition);
  const { result } = await runCommand(definition, { rawArgs: [] });
  return result as number;
}

const mainCommand: CommandDef<ArgsDef> = defineCommand<ArgsDef>({
  meta: {
    name: "tsync",
    version: packageJson.version,
    description: packageJson.description,
  },
  args: {
    ...commonOptions,
    version: { type: "boolean", alias: "V", description: "Print the version" },
  },
  subCommands: Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, toCitty(name, command)]),
  ),
});

/** The command as citty has it. Its arguments have been checked and read already: citty lets mistakes pass. */
function toCitty(name: string, command: Command, args?: Arguments): CommandDef<ArgsDef> {
  return defineCommand<ArgsDef>({
    meta: { name, description: command.description },
    args:
      args === undefined || args.options.has("help")
        ? { ...command.positionals, ...command.options, ...commonOptions }
        : {},
    run: () => (args === undefined ? exitCodes.usage : command.run(args)),
  });
}

async function printHelp(definition: CommandDef<ArgsDef>): Promise<number> {
  const parent = definition === mainCommand ? undefined : mainCommand;
  const text = await renderUsage(definition, parent);
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  process.stdout.write(`${colour ? text : Bun.stripANSI(text)}\n`);
  return exitOk;
}

function fail(fault: Fault): number {
  new Printer({ verbose: false, quiet: false, json: false }).fault(fault);
  return exitCodes[fault.code];
}
