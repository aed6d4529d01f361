/** The files that Include names. */
import { readdirSync, statSync } from "node:fs";

/** The paths that match `pattern` (absolute), as glob(3) gives them: sorted, without those that begin with a dot. */
export function findFiles(pattern: string): string[] {
  let paths = [""];
  for (const part of pattern.split("/").filter(Boolean)) {
    paths = paths.flatMap((path) =>
      /[*?[]/.test(part)
        ? matching(path === "" ? "/" : path, part).map((name) => `${path}/${name}`)
        : [`${path}/${part.replace(/\\(.)/g, "$1")}`],
    );
  }
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
}

function matching(directory: string, part: string): string[] {
  // glob(3) knows no braces, and `**` is no more than `*`.
  const glob = new Bun.Glob(part.replace(/[{}]/g, "\\$&").replace(/\*+/g, "*"));
  try {
    return readdirSync(directory)
      .filter((name) => glob.match(name) && (part.startsWith(".") || !name.startsWith(".")))
      .sort();
  } catch {
    return [];
  }
}
