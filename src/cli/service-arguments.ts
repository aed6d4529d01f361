/** From the arguments of `tsync service` to those of the `tsync watch` that it is to start, wherever that is started. */
import { join, resolve } from "node:path";
import { parseDestination } from "../config/destination.ts";
import { isLocalFile } from "../config/file-paths.ts";
import { monitorOptions, type SettingName, settingOptions } from "../config/options.ts";
import { Faults, isFault } from "../core/fault.ts";
import { type Arguments, textOf } from "./arguments.ts";
import { usualFiles } from "./config-file.ts";
import { mirrorSpecs } from "./mirror-spec.ts";
import { monitorWishes } from "./monitor.ts";

/** What `tsync watch` gets, and what that is in words. */
export interface ServiceArguments {
  readonly args: readonly string[];
  readonly description: string;
}

/** `check`: also a configuration file must be there, and right. */
export async function serviceArguments(
  args: Arguments,
  isSystem: boolean,
  check: boolean,
): Promise<ServiceArguments | Faults> {
  const wishes = monitorWishes(args);
  if (wishes instanceof Faults) return wishes;
  const named = textOf(args, "config");
  const [source, ...destinations] = args.positionals;
  const usesFile = named !== null || source === undefined;
  const config = usesFile ? resolve(named ?? usualFile(isSystem)) : null;
  if (!usesFile || check) {
    const settings = args.options.filter(({ name }) => Object.hasOwn(settingOptions, name));
    const options =
      config === null ? settings : [...settings, { name: "config", value: config, written: "--config" }];
    // The service has another environment.
    const specs = await mirrorSpecs({ ...args, options }, {});
    if (specs instanceof Faults) return specs;
  }
  const given = args.options.flatMap(({ name, value }) => spelled(name, value));
  if (config !== null) {
    const names = args.positionals;
    const of = names.length === 0 ? "" : `${names.join(", ")} of `;
    return {
      args: ["watch", `--config=${config}`, ...given, ...(names.length === 0 ? [] : ["--", ...names])],
      description: `mirrors ${of}${config}`,
    };
  }
  const places = [absolute(source!), ...destinations.map(destinationFromAnywhere)];
  return {
    args: ["watch", ...given, "--", ...places],
    description: `mirrors ${places[0]} to ${places.slice(1).join(", ")}`,
  };
}

/** Of the files that tsync looks for: that of the user, or that of the machine. */
function usualFile(isSystem: boolean): string {
  const [ofUser, ofMachine] = usualFiles(process.env);
  return (isSystem ? ofMachine : ofUser)!;
}

/** An option of a mirror, or of what is shown of it, as `tsync watch` takes it; nothing for the others. */
function spelled(name: string, value: Arguments["options"][number]["value"]): string[] {
  if (Object.hasOwn(monitorOptions, name)) return [`--${name}=${value}`];
  if (!Object.hasOwn(settingOptions, name)) return [];
  if (typeof value === "boolean") return [value ? `--${name}` : `--no-${name}`];
  const isPath = isLocalFile(name as SettingName, value);
  return [`--${name}=${isPath ? resolve(`${value}`) : value}`];
}

/** (Not `resolve`: a `/./` in it has a meaning.) */
function absolute(path: string): string {
  return path.startsWith("/") ? path : `${join(process.cwd(), "/")}${path}`;
}

function destinationFromAnywhere(text: string): string {
  const parsed = parseDestination(text);
  return !isFault(parsed) && parsed.kind === "local" ? absolute(text) : text;
}
