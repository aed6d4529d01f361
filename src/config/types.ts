/** The types of a configuration that is a program, for editors: made from the table of options. Pure. */
import { execFormats } from "./destination.ts";
import { type OptionDef, settingOptions } from "./options.ts";

/** The text of `tsync.d.ts`. */
export function configTypes(): string {
  return `${header}
declare module "tsync" {
  /** What a filter is told of an entry of the source. */
  export interface PathInfo {
    kind: "file" | "directory" | "symlink" | "special";
    /** Bytes for a file, 0 for the others. */
    size: number;
    /** Permission bits. */
    mode: number;
    /** Milliseconds since 1970. */
    mtimeMs: number;
  }

  /**
   * True if the entry at \`path\` (below the source, without a slash in front) is mirrored, as far as this goes: the rules
   * have to agree. What is refused is left out, a directory with all that is in it. It must answer at once, and
   * the same for the same entry.
   */
  export type Filter = (path: string, info: PathInfo) => boolean;

  /**
   * Called when something happened, with the facts that a program is given as JSON. What it gives is waited for, until
   * the signal is aborted: its time is over, or tsync ends.
   */
  export type Hook = (facts: Record<string, any>, signal: AbortSignal) => unknown;

  /** A hook, and how it is run. */
  export interface HookCommand {
    /** A program and its arguments, a function, or with \`shell: true\` (and on the target's host) a line for a shell. */
    run: readonly string[] | string | Hook;
    shell?: boolean;
    /** How long it may take (default: "60s"). */
    timeout?: string | number;
    /** True: the next batch of the target waits for its end. */
    wait?: boolean;
  }

  /** Options of a mirror: those of the command line, under their long names. */
  export interface Options {
${Object.entries(settingOptions)
  .map(([name, def]) => member(name, def))
  .join("\n")}
  }

  /** A destination with options that hold for it alone. */
  export interface PlaceTarget extends Options {
    /** /local/path, host:path, user@host:path or [ipv6]:path */
    to: string;
  }

  /** A command that carries out what is to be done, with options that hold for it alone. */
  export interface ExecTarget extends Options {
    /** Program and arguments; it is told what to do on its standard input, by no shell. */
    exec: readonly [string, ...string[]];
    /** What the target is called (default: the program's name). */
    name?: string;
    /** How the command is told what to do (default: "json"). */
    format?: ${execFormats.map((format) => JSON.stringify(format)).join(" | ")};
    /** False: the command can move nothing; what was moved is removed, and sent again. */
    moves?: boolean;
  }

  /** A directory and where it is mirrored to. */
  export interface Mirror extends Options {
    /** In messages, and to choose it on the command line. */
    name: string;
    /** Relative to the folder of the configuration; ~/ is the home directory. */
    source: string;
    targets: readonly (string | PlaceTarget | ExecTarget)[];
  }

  /** The whole. */
  export interface Config {
    /** Options that hold for all mirrors. */
    defaults?: Options;
    mirror: readonly Mirror[];
  }

  /** What may be exported as default. */
  export type Exported = Config | Promise<Config> | (() => Config | Promise<Config>);

  /** Gives back what it gets; it is here so that the editor knows what that has to be. */
  export function defineConfig(config: Exported): Exported;
}
`;
}

const header = `// The types of tsync.config.ts, printed by tsync config types. Keep it beside the configuration as tsync.d.ts, and
// write /// <reference path="./tsync.d.ts" /> in the first line there.`;

function member(name: string, def: OptionDef): string {
  const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
  return `    /** ${sentence(def)} */\n    ${key}?: ${typeOf(name, def)};`;
}

/** The description, and what holds without the option. */
function sentence(def: OptionDef): string {
  const text = def.description.replaceAll("*/", "*\\/");
  return "default" in def && def.default !== undefined ? `${text} (default: ${def.default})` : text;
}

function typeOf(name: string, def: OptionDef): string {
  // Functions stand among the rules.
  if (name === "filter") return "string | Filter | readonly (string | Filter)[]";
  switch (def.type) {
    case "command":
      return def.there === true
        ? "string | readonly string[] | HookCommand"
        : "readonly string[] | Hook | HookCommand";
    case "flag":
      return "boolean";
    case "text":
      return "string";
    case "list":
      return "string | readonly string[]";
    case "choice":
      return literals(def.choices);
    case "set":
      return `readonly (${literals(def.choices)})[] | string`;
    case "count":
      return "number";
    default:
      return "string | number";
  }
}

function literals(choices: readonly string[]): string {
  return choices.map((choice) => JSON.stringify(choice)).join(" | ");
}
