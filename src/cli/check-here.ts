/** Checks what mirrors need on this machine: programs, files that options name, watches. */
import { accessSync, constants, statSync } from "node:fs";
import { isLocalFile } from "../config/file-paths.ts";
import type { SettingName } from "../config/options.ts";
import { mention, type Resolved } from "../config/settings.ts";
import { Fault } from "../core/fault.ts";
import { fromText, type Path, root } from "../core/path.ts";
import { breathe } from "../system/breathe.ts";
import { reasonOf } from "../system/file-error.ts";
import { watchLimit } from "../system/watch-limit.ts";
import { Source } from "../watch/source.ts";
import { count, counted } from "./amounts.ts";
import type { Finding } from "./check-command.ts";
import type { MirrorSpec } from "./mirror-spec.ts";

/** The rsync programs here. */
export function checkPrograms(specs: readonly MirrorSpec[]): Finding[] {
  const targets = specs.flatMap((spec) => spec.targets).filter(({ to }) => typeof to === "string");
  const programs = new Set(targets.map(({ resolved: { settings } }) => settings.rsync ?? "rsync"));
  return [...programs].map((program) => {
    const result =
      Bun.which(program) ??
      new Fault("missing-program", `${program} is not installed here`, "install it, or name it with --rsync");
    return { mirror: null, what: "rsync here", result };
  });
}

/** The files that options name. */
export function checkFiles(specs: readonly MirrorSpec[]): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { settings, origins, rules } of resolvedOf(specs)) {
    const named = (Object.keys(settings) as SettingName[]).flatMap((name) =>
      [settings[name]].flat().map((value) => ({ name, value, where: origins.get(name)! })),
    );
    const ofRules = rules.map(({ option, text, where }) => ({ name: option, value: text, where }));
    for (const { name, value, where } of [...named, ...ofRules]) {
      // The program has its own check.
      if (name === "rsync" || value === undefined || !isLocalFile(name, value)) continue;
      const what = `file ${value}`;
      findings.set(what, { mirror: null, what, result: checkFile(value, mention(name, where)) });
    }
  }
  return [...findings.values()];
}

function checkFile(path: string, said: string): string | Fault {
  try {
    accessSync(path, constants.R_OK);
    if (!statSync(path).isDirectory()) return "can be read";
    return new Fault("usage", `${said} names a directory, not a file`);
  } catch (error) {
    return new Fault("usage", `${said} names a file that cannot be read: ${reasonOf(error)}`);
  }
}

/** Whether all directories of `sources` (real paths) can be watched. */
export async function checkWatches(sources: readonly string[]): Promise<Finding> {
  const limit = watchLimit();
  const what = "directories to watch";
  let needed = 0;
  for (const source of new Set(sources)) needed += await countDirectories(source, (limit ?? 0) - needed);
  if (limit === null) return { mirror: null, what, result: `${count(needed)}, the limit is not known` };
  if (needed <= limit)
    return { mirror: null, what, result: `${count(needed)} of at most ${count(limit)} for this user` };
  return {
    mirror: null,
    what,
    result: {
      warning: `there are more than ${counted(limit, "inotify watch", "inotify watches")}; the others are looked at once a minute`,
      hint: `raise the limit: sysctl fs.inotify.max_user_watches=${limit * 2}`,
    },
  };
}

/** Directories in the tree at `path`, itself included; counted no further than one more than `most`, if positive. */
async function countDirectories(path: string, most: number): Promise<number> {
  const source = new Source(fromText(path === "/" ? "" : path));
  const todo: Path[] = [root];
  for (let at = 0; at < todo.length; at++) {
    const below = todo[at]!;
    for (const name of source.listDirectories(below)?.keys() ?? [])
      todo.push(below === root ? name : `${below}/${name}`);
    if (most > 0 && todo.length > most) break;
    await breathe();
  }
  return todo.length;
}

function resolvedOf(specs: readonly MirrorSpec[]): readonly Resolved[] {
  return specs.flatMap(({ targets }) => targets.map(({ resolved }) => resolved));
}
