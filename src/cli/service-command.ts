/** `tsync service`: writes, installs and removes the file that makes a service of it. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { Fault, Faults, isFault } from "../core/fault.ts";
import { launchdPlist } from "../service/launchd-plist.ts";
import { find, marked, put, remove } from "../service/own-file.ts";
import type { Service } from "../service/service.ts";
import { systemdUnit } from "../service/systemd-unit.ts";
import { type Arguments, hasFlag, textOf } from "./arguments.ts";
import { exitOk } from "./exit-codes.ts";
import { Printer } from "./printer.ts";
import { serviceArguments } from "./service-arguments.ts";

/** What `tsync service` can do. */
export const serviceActions = ["print", "install", "uninstall"] as const;

type Manager = "systemd" | "launchd";

/** The file of a service, and how it is spoken of. */
interface Place {
  readonly manager: Manager;
  readonly isSystem: boolean;
  /** Of the service, without an ending. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
}

/** What a name may be in a file name, and in the commands that are shown. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Runs `tsync service`; returns the exit code. */
export async function serviceCommand(args: Arguments): Promise<number> {
  const printer = new Printer({ verbose: false, quiet: false, json: false });
  const [action, ...positionals] = args.positionals;
  const known = serviceActions.find((name) => name === action);
  const place = known === undefined ? whichAction : placeOf(args);
  if (isFault(place)) return printer.faults(new Faults([place]));
  if (known === "uninstall") return finish(uninstall(place, positionals, hasFlag(args, "force")), printer);
  const service = await serviceOf({ ...args, positionals }, place, known === "install");
  if (service instanceof Faults) return printer.faults(service);
  const text = textFor(service, place);
  if (isFault(text)) return printer.faults(new Faults([text]));
  if (known === "install") return finish(install(text, place, hasFlag(args, "force")), printer);
  process.stdout.write(text);
  return exitOk;
}

const whichAction = new Fault(
  "usage",
  "which action?",
  "tsync service print, tsync service install or tsync service uninstall",
);

/** Tells what was done, or what was wrong. */
function finish(done: readonly string[] | Fault, printer: Printer): number {
  if (isFault(done)) return printer.faults(new Faults([done]));
  for (const line of done) printer.info(line);
  return exitOk;
}

function placeOf(args: Arguments): Place | Fault {
  if (hasFlag(args, "user") && hasFlag(args, "system"))
    return new Fault("usage", "--user and --system contradict each other");
  const isSystem = hasFlag(args, "system") || (!hasFlag(args, "user") && process.getuid?.() === 0);
  const here = process.platform === "darwin" ? "launchd" : "systemd";
  const manager = textOf(args, "manager") === null ? here : (textOf(args, "manager") as Manager);
  const given = textOf(args, "name");
  if (given !== null && !namePattern.test(given))
    return new Fault("usage", `--name is "${given}"`, "use letters, digits, and . _ - but in front");
  const name = given === null ? "tsync" : `tsync-${given}`;
  const ending = manager === "systemd" ? "service" : "plist";
  return { manager, isSystem, name, file: join(folderOf(manager, isSystem), `${name}.${ending}`) };
}

function folderOf(manager: Manager, isSystem: boolean): string {
  if (manager === "launchd")
    return isSystem ? "/Library/LaunchDaemons" : join(homedir(), "Library/LaunchAgents");
  if (isSystem) return "/etc/systemd/system";
  const named = process.env.XDG_CONFIG_HOME ?? "";
  return join(isAbsolute(named) ? named : join(homedir(), ".config"), "systemd/user");
}

/** What is to run, or what is wrong with it. */
async function serviceOf(args: Arguments, place: Place, check: boolean): Promise<Service | Faults> {
  const found = await serviceArguments(args, place.isSystem, check);
  if (found instanceof Faults) return found;
  const { name, isSystem } = place;
  return {
    name,
    isSystem,
    description: `tsync: ${found.description}`,
    program: process.execPath,
    args: found.args,
  };
}

function textFor(service: Service, { manager, isSystem, name }: Place): string | Fault {
  if (manager === "systemd") return marked(systemdUnit(service), (line) => `# ${line}`);
  const logs = isSystem ? "/var/log" : join(homedir(), "Library/Logs");
  const list = launchdPlist(service, join(logs, `${name}.log`));
  return isFault(list) ? list : marked(list, (line) => `<!-- ${line} -->`);
}

/** Writes the file; returns what to tell. */
function install(text: string, place: Place, force: boolean): string[] | Fault {
  const refused = refuse(place, force, "replaced");
  const fault = refused ?? put(place.file, text);
  if (fault !== null) return fault;
  return [`wrote ${place.file}`, ...commandsAfter(place, "install").map((command) => `now run: ${command}`)];
}

/** Removes the file; returns what to tell. */
function uninstall(place: Place, positionals: readonly string[], force: boolean): string[] | Fault {
  const { file, manager, isSystem, name } = place;
  if (positionals.length > 0)
    return new Fault("usage", "uninstall takes no SRC and DEST", "--name says which service is meant");
  if (find(file) === "absent")
    return new Fault("usage", `there is no service ${name} (${file})`, "see --name, --user and --system");
  const wants = isSystem ? "multi-user.target.wants" : "default.target.wants";
  if (manager === "systemd" && !force && existsSync(join(dirname(file), wants, `${name}.service`)))
    return new Fault(
      "usage",
      `the service ${name} is enabled`,
      `run first: ${systemctl(isSystem)} disable --now ${name}.service`,
    );
  const fault = refuse(place, force, "removed") ?? remove(file);
  if (fault !== null) return fault;
  return [`removed ${file}`, ...commandsAfter(place, "uninstall").map((command) => `now run: ${command}`)];
}

/** Why the file must not be touched; null if it may be. */
function refuse({ file }: Place, force: boolean, done: string): Fault | null {
  const found = find(file);
  if (isFault(found) || force || found === "absent" || found === "own") return isFault(found) ? found : null;
  const what = found === "foreign" ? "was not written by tsync" : "was changed since tsync wrote it";
  return new Fault("usage", `${file} ${what}`, `with --force it is ${done} nevertheless`);
}

function systemctl(isSystem: boolean): string {
  return isSystem ? "systemctl" : "systemctl --user";
}

function commandsAfter(place: Place, action: "install" | "uninstall"): string[] {
  const { manager, isSystem, name, file } = place;
  if (manager === "launchd") {
    const domain = isSystem ? "system" : `gui/${process.getuid?.()}`;
    return [
      action === "install"
        ? `launchctl bootstrap ${domain} '${file.replaceAll("'", "'\\''")}'`
        : `launchctl bootout ${domain}/${name}`,
    ];
  }
  const reload = `${systemctl(isSystem)} daemon-reload`;
  if (action === "uninstall") return [reload];
  const linger = isSystem ? [] : ["loginctl enable-linger (so that it runs while you are not logged in)"];
  return [`${reload} && ${systemctl(isSystem)} enable --now ${name}.service`, ...linger];
}
