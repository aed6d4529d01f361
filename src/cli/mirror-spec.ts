/** What is to be mirrored where, and how: from the command line, the environment and the configuration file. */
import { findContradiction } from "../config/contradictions.ts";
import type { ExecDestination } from "../config/destination.ts";
import type { ConfigFile } from "../config/file.ts";
import { type SettingName, settingOptions } from "../config/options.ts";
import {
  environmentLayer,
  type Layer,
  type Resolved,
  resolveSettings,
  type Said,
} from "../config/settings.ts";
import { closest } from "../core/closest.ts";
import { Fault, Faults, isFault } from "../core/fault.ts";
import { type Arguments, textOf } from "./arguments.ts";
import { namedConfig, usualConfig, usualFiles } from "./config-file.ts";

/** A mirror as it was asked for. Nothing is checked yet but the options. */
export interface MirrorSpec {
  /** Its name in the configuration file; null for that of the command line. */
  readonly name: string | null;
  /** SRC as it was written; absolute from a file. */
  readonly source: string;
  readonly targets: readonly TargetSpec[];
}

/** One target of a mirror. */
export interface TargetSpec {
  /** DEST as it was written; absolute if it is a local one from a file. Or a command. */
  readonly to: string | ExecDestination;
  readonly resolved: Resolved;
}

/** What a target is called in messages. */
export function nameOf({ to }: Pick<TargetSpec, "to">): string {
  return typeof to === "string" ? to : to.name;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A mirror, with what each place says of its targets: the strongest place first. */
interface Wanted {
  readonly name: string | null;
  readonly source: string;
  readonly targets: readonly (Pick<TargetSpec, "to"> & { readonly layers: readonly Layer[] })[];
}

/** The mirrors that the arguments ask for. */
export async function mirrorSpecs(
  args: Arguments,
  env: Environment,
): Promise<readonly MirrorSpec[] | Faults> {
  const wanted = await wantedMirrors(args, env);
  if (wanted instanceof Faults) return wanted;
  const above = [commandLineLayer(args), environmentLayer(env)];
  const faults = new Map<string, Fault>();
  const specs = wanted.map(({ name, source, targets }) => ({
    name,
    source,
    targets: targets.flatMap(({ to, layers }) => {
      const resolved = resolve([...above, ...layers]);
      if (!isFault(resolved)) return [{ to, resolved }];
      // What is said for all of them is wrong for all of them.
      faults.set(resolved.toString(), resolved);
      return [];
    }),
  }));
  return faults.size > 0 ? new Faults([...faults.values()]) : specs;
}

/** What is in force of `layers`, the strongest first, or what in it cannot be. */
export function resolve(layers: readonly Layer[]): Resolved | Fault {
  const resolved = resolveSettings(layers);
  return isFault(resolved) ? resolved : (findContradiction(resolved) ?? resolved);
}

async function wantedMirrors(args: Arguments, env: Environment): Promise<readonly Wanted[] | Faults> {
  const named = textOf(args, "config");
  const [source, ...destinations] = args.positionals;
  if (named !== null) {
    const config = await namedConfig(named);
    return config instanceof Faults ? config : chosen(mirrorsOf(config), args.positionals, named);
  }
  if (source === undefined) {
    const config = await usualConfig(env);
    if (config !== null) return config instanceof Faults ? config : mirrorsOf(config);
    const files = usualFiles(env).join(" or ");
    return oneFault(
      "SRC and DEST are missing",
      `give them, or --config FILE, or write ${files}; see tsync --help`,
    );
  }
  if (destinations.length === 0) return oneFault("DEST is missing", "see tsync --help");
  return [{ name: null, source, targets: destinations.map((to) => ({ to, layers: [] })) }];
}

function mirrorsOf({ defaults, mirrors }: ConfigFile): readonly Wanted[] {
  return mirrors.map(({ name, source, targets, layer }) => ({
    name,
    source,
    targets: targets.map((target) => ({ to: target.to, layers: [target.layer, layer, defaults] })),
  }));
}

/** The mirrors that are called `names`, in the order of the file; all if there are no names. */
function chosen(
  mirrors: readonly Wanted[],
  names: readonly string[],
  file: string,
): readonly Wanted[] | Faults {
  if (names.length === 0) return mirrors;
  const known = mirrors.map(({ name }) => name!);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return mirrors.filter(({ name }) => names.includes(name!));
  return new Faults(
    unknown.map((name) => {
      const meant = closest(name, known);
      const hint = meant === null ? `there are: ${known.join(", ")}` : `did you mean ${meant}?`;
      return new Fault(
        "usage",
        `${file} has no mirror "${name}"`,
        `${hint} (with --config, only names are given)`,
      );
    }),
  );
}

function oneFault(message: string, hint: string): Faults {
  return new Faults([new Fault("usage", message, hint)]);
}

/** What the command line says of the mirrors' options. */
export function commandLineLayer(args: Arguments): Layer {
  return args.options
    .filter(({ name }) => Object.hasOwn(settingOptions, name))
    .map(({ name, value, written }): Said => ({ name: name as SettingName, value, where: written }));
}
