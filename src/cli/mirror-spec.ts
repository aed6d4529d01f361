/** What is to be mirrored where, and how: from the command line, the environment and the configuration file. */
import { type SettingName, settingOptions } from "../config/options.ts";
import {
  environmentLayer,
  type Layer,
  type Resolved,
  resolveSettings,
  type Said,
} from "../config/settings.ts";
import { Fault, isFault } from "../core/fault.ts";
import type { Arguments } from "./arguments.ts";

/** A mirror as it was asked for. Nothing is checked yet but the options. */
export interface MirrorSpec {
  /** SRC as it was written. */
  readonly source: string;
  readonly targets: readonly TargetSpec[];
}

/** One target of a mirror. */
interface TargetSpec {
  /** DEST as it was written. */
  readonly to: string;
  readonly resolved: Resolved;
}

/** The mirrors that the arguments ask for. */
export function mirrorSpecs(
  args: Arguments,
  env: Readonly<Record<string, string | undefined>>,
): readonly MirrorSpec[] | Fault {
  const [source, ...destinations] = args.positionals;
  if (source === undefined) return new Fault("usage", "SRC and DEST are missing", "see tsync --help");
  if (destinations.length === 0) return new Fault("usage", "DEST is missing", "see tsync --help");
  const resolved = resolveSettings([commandLineLayer(args), environmentLayer(env)]);
  if (isFault(resolved)) return resolved;
  return [{ source, targets: destinations.map((to) => ({ to, resolved })) }];
}

/** What the command line says of the mirrors' options. */
function commandLineLayer(args: Arguments): Layer {
  return args.options
    .filter(({ name }) => Object.hasOwn(settingOptions, name))
    .map(({ name, value, written }): Said => ({ name: name as SettingName, value, where: written }));
}
