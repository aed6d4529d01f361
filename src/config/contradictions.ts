/** Options that contradict each other. */
import { Fault } from "../core/fault.ts";
import type { SettingName, Settings } from "./options.ts";
import { mention, type Resolved } from "./settings.ts";

/** Two options that do not go together. */
interface Contradiction {
  readonly options: readonly [SettingName, SettingName];
  readonly why: string;
  /** True if they do contradict each other; without it, if both are given and none is off. */
  readonly when?: (settings: Settings) => boolean;
}

const written = "what is written in place is never kept beside the file that it replaces";

const hole = "rsync makes a hole of what was there before the end";
const shared = "what is written in place changes under all names that the file has there";

const table: readonly Contradiction[] = [
  // rsync refuses these itself; appending is a way of writing in place.
  { options: ["inplace", "delay-updates"], why: written },
  { options: ["inplace", "partial-dir"], why: written },
  { options: ["append", "delay-updates"], why: written },
  { options: ["append", "partial-dir"], why: written },
  { options: ["append-verify", "delay-updates"], why: written },
  { options: ["append-verify", "partial-dir"], why: written },
  // rsync takes these, and does not do what was asked for.
  { options: ["append", "append-verify"], why: "the one checks what was there before, the other does not" },
  { options: ["append", "sparse"], why: hole },
  { options: ["append-verify", "sparse"], why: hole },
  { options: ["inplace", "hard-links"], why: shared },
  { options: ["append", "hard-links"], why: shared },
  { options: ["append-verify", "hard-links"], why: shared },
  { options: ["copy-links", "safe-links"], why: "no link is left that could be safe" },
  { options: ["copy-unsafe-links", "safe-links"], why: "the one mirrors what the other leaves out" },
  {
    options: ["min-size", "max-size"],
    why: "no file has such a size",
    when: (settings) => settings["min-size"]! > settings["max-size"]!,
  },
  {
    options: ["delete", "delete-excluded"],
    why: "nothing is to be deleted",
    when: (settings) => settings.delete === "never" && settings["delete-excluded"] === true,
  },
  {
    options: ["perms", "acls"],
    why: "access control lists hold the permissions",
    when: (settings) => settings.perms === false && settings.acls === true,
  },
  {
    options: ["perms", "chmod"],
    why: "permissions are not mirrored",
    when: (settings) => settings.perms === false,
  },
  {
    options: ["owner", "chown"],
    why: "owners are not mirrored",
    when: (settings) => settings.owner === false && settings.chown!.split(":")[0] !== "",
  },
  {
    options: ["group", "chown"],
    why: "groups are not mirrored",
    when: (settings) => settings.group === false && (settings.chown!.split(":")[1] ?? "") !== "",
  },
  {
    options: ["backup", "backup-dir"],
    why: "the one keeps nothing",
    when: (settings) => settings.backup === false,
  },
];

/** The first contradiction in what is in force, or null. */
export function findContradiction({ settings, origins }: Resolved): Fault | null {
  const said = (name: SettingName) => mention(name, origins.get(name)!);
  for (const { options, why, when } of table) {
    const [one, other] = options;
    if (settings[one] === undefined || settings[other] === undefined) continue;
    const contradict = when?.(settings) ?? (settings[one] !== false && settings[other] !== false);
    if (contradict) return new Fault("usage", `${said(one)} and ${said(other)} contradict each other`, why);
  }
  const noBackup = settings.backup !== true && settings["backup-dir"] === undefined;
  if (settings.suffix !== undefined && noBackup)
    return new Fault("usage", `${said("suffix")} is given without backup`, "add backup, or leave it out");
  return null;
}
