/** Joins mirrors of one source into one mirror with several targets. */
import {
  type ImportedMirror,
  type ImportedTarget,
  Notes,
  type Options,
  type OptionValue,
} from "./imported.ts";

/** What one target may have of its own without being worth a mirror of its own. */
const targetOptions = [
  "port",
  "identity",
  "ssh-config",
  "password-file",
  "bwlimit",
  "compress",
  "rsync-path",
];

/** `mirrors`, with those joined that differ in their targets only. */
export function joinMirrors(mirrors: readonly ImportedMirror[]): ImportedMirror[] {
  const joined: ImportedMirror[][] = [];
  for (const mirror of mirrors) {
    const group = joined.find(([first]) => belongTogether(first!, mirror));
    if (group === undefined) joined.push([mirror]);
    else group.push(mirror);
  }
  return joined.map(join);
}

function belongTogether(a: ImportedMirror, b: ImportedMirror): boolean {
  const names = new Set([...a.options.keys(), ...b.options.keys()]);
  return (
    a.source === b.source &&
    [...names].every((name) => targetOptions.includes(name) || same(a.options.get(name), b.options.get(name)))
  );
}

function same(a: OptionValue | undefined, b: OptionValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function join(group: readonly ImportedMirror[]): ImportedMirror {
  const [first] = group as readonly [ImportedMirror];
  const isCommon = ([name, value]: readonly [string, OptionValue]) =>
    group.every(({ options }) => same(options.get(name), value));
  const notes = new Notes();
  for (const mirror of group) notes.addAll(mirror.notes);
  return {
    source: first.source,
    targets: group.flatMap(({ targets, options }) => {
      const own = [...options].filter((entry) => !isCommon(entry));
      return targets.map((target): ImportedTarget => ({ to: target.to, options: over(own, target.options) }));
    }),
    options: new Map([...first.options].filter(isCommon)),
    notes: notes.list,
  };
}

function over(options: readonly (readonly [string, OptionValue])[], own: Options): Options {
  return new Map([...options, ...own]);
}
