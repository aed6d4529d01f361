/** What cannot be asked of a target that a command keeps. */
import type { SettingName, Settings } from "../config/options.ts";
import { mention, type Resolved } from "../config/settings.ts";
import { Fault } from "../core/fault.ts";

/** An option, when it asks for something that a command cannot be asked for, and what to write instead. */
interface Refusal {
  readonly option: SettingName;
  readonly why: string;
  readonly instead: string;
  /** Without it, if the option is given and not off. */
  readonly when?: (settings: Settings) => boolean;
}

const unseen = "tsync cannot look at what the command holds";
const untold = "the command is not told of it";

const refusals: readonly Refusal[] = [
  {
    option: "delete",
    why: unseen,
    instead: 'write delete = "tracked", "live" or "never" for it',
    when: (settings) => settings.delete === "exact" || settings.delete === "startup",
  },
  {
    option: "verify-every",
    why: unseen,
    instead: 'write verify-every = "0s" for it',
    when: (settings) => settings["verify-every"] !== 0,
  },
  { option: "backup", why: untold, instead: "write backup = false for it" },
  { option: "backup-dir", why: untold, instead: "give it to the other targets alone" },
  { option: "acls", why: untold, instead: "write acls = false for it" },
  { option: "xattrs", why: untold, instead: "write xattrs = false for it" },
  { option: "hard-links", why: untold, instead: "write hard-links = false for it" },
  { option: "chown", why: untold, instead: "give it to the other targets alone" },
];

/** The first thing that `resolved` asks of the command called `target` and cannot; null if there is none. */
export function findRefusal({ settings, origins }: Resolved, target: string): Fault | null {
  for (const { option, why, instead, when } of refusals) {
    const value = settings[option];
    if (value === undefined || value === false || when?.(settings) === false) continue;
    const said = mention(option, origins.get(option)!);
    return new Fault("usage", `${said} cannot be had of ${target}, which is a command: ${why}`, instead);
  }
  return null;
}
