/** Checks what mirrors need on this machine: programs, files that options name, watches. */
import { accessSync, constants, statSync } from "node:fs";
import { parseDestination } from "../config/destination.ts";
import { isLocalFile } from "../config/file-paths.ts";
import type { SettingName } from "../config/options.ts";
import { mention, type Resolved } from "../config/settings.ts";
import { Fault, isFault } from "../core/fault.ts";
import { fromText, type Path, root } from "../core/path.ts";
import { breathe } from "../system/breathe.ts";
import { reasonOf } from "../system/file-error.ts";
import { watchLimit } from "../system/watch-limit.ts";
import { mayDoWithoutRsync } from "../target/own-sender.ts";
import { Source } from "../watch/source.ts";
import { count, counted } from "./amounts.ts";
import type { Finding } from "./check-command.ts";
import type { MirrorSpec } from "./mirror-spec.ts";
import { transferOptions } from "./transfer.ts";

/** The rsync programs here. */
export function checkPrograms(specs: readonly MirrorSpec[]): Finding[] {
  const targets = specs.flatMap((spec) => spec.targets).filter(({ to }) => typeof to === "string");
  const programOf = ({ resolved }: (typeof targets)[number]) => resolved.settings.rsync ?? "rsync";
  return [...new Set(targets.map(programOf))].map((program) => {
    const what = "rsync here";
    const found = Bun.which(program);
    if (found !== null) return { mirror: null, what, result: found };
    const isNeeded = targets.some((target) => programOf(target) === program && !canBeWithout(target));
    const missing = `${program} is not installed here`;
    const hint = "install it, or name it with --rsync";
    if (isNeeded) return { mirror: null, what, result: new Fault("missing-program", missing, hint) };
    const warning = `${missing}: tsync sends to ssh targets itself, where they have rsync 3.1.3 or later`;
    return { mirror: null, what, result: { warning, hint } };
  });
}

/** True for a target that tsync's own sender may serve. */
function canBeWithout({ to, resolved }: MirrorSpec["targets"][number]): boolean {
  const destination = typeof to === "string" ? parseDestination(to) : to;
  if (isFault(destination) || destination.kind !== "ssh") return false;
  const transfer = transferOptions(resolved.settings, { ...destination, path: destination.path ?? "" });
  return !isFault(transfer) && mayDoWithoutRsync(transfer);
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
