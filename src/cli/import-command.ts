/** `tsync import`: prints the tsync.toml that does what another program's configuration does. */
import { readFileSync } from "node:fs";
import type { OptionDef } from "../config/options.ts";
import { Fault, isFault } from "../core/fault.ts";
import { importKinds } from "../import/imported.ts";
import { reasonOf } from "../system/file-error.ts";
import type { Arguments } from "./arguments.ts";
import { exitCodes, exitOk } from "./exit-codes.ts";
import { Printer } from "./printer.ts";

/** What the command takes. */
export const importOptions = {
  from: {
    type: "choice",
    choices: importKinds,
    group: "Other",
    description: "Which program the configuration is for (found out by itself if it is not given)",
  },
} as const satisfies Record<string, OptionDef>;

/** Runs `tsync import`; returns the exit code. */
export async function importCommand(args: Arguments): Promise<number> {
  // Only this command needs the parsers: nothing else waits for them to load.
  const { importFile, importWords, isImportCommand } = await import("../import/import.ts");
  const printer = new Printer({ verbose: false, quiet: false, json: false });
  const fail = (fault: Fault) => {
    printer.fault(fault);
    return exitCodes[fault.code];
  };
  const [first, ...rest] = args.positionals;
  if (first === undefined)
    return fail(new Fault("usage", "FILE is missing", "tsync import FILE, or tsync import -- COMMAND…"));
  const from = args.options.find(({ name }) => name === "from")?.value;
  const kind = importKinds.find((one) => one === from) ?? null;
  const isCommand = isImportCommand(args.positionals) && (rest.length > 0 || first.split("/").length === 1);
  if (rest.length > 0 && !isCommand)
    return fail(new Fault("usage", "only one FILE can be imported", "a command line goes behind --"));

  const bytes = isCommand ? null : readInput(first);
  if (isFault(bytes)) return fail(bytes);
  const result = bytes === null ? importWords(args.positionals) : importFile(bytes, kind);
  if (isFault(result)) {
    const name = isCommand ? first : first === "-" ? "standard input" : first;
    return fail(new Fault(result.code, `${name}: ${result.message}`, result.hint));
  }
  for (const { text, line } of result.warnings) {
    const reason = line === undefined ? text : `line ${line}: ${text}`;
    printer.report({ event: "warning", reason, hint: "it is a comment in what is printed" });
  }
  process.stdout.write(result.toml);
  return exitOk;
}

function readInput(name: string): Uint8Array | Fault {
  try {
    return readFileSync(name === "-" ? 0 : name);
  } catch (error) {
    return new Fault("usage", `${name} cannot be read: ${reasonOf(error)}`);
  }
}
