/** Filter functions of the configuration, as a selection asks them. */
import type { FilterFunction } from "../config/filter-function.ts";
import type { Resolved } from "../config/settings.ts";
import { type Path, toText } from "../core/path.ts";
import type { PathFilter } from "../watch/selection.ts";

/** How many different things that went wrong in a function are told. */
const reasonsMax = 10;

/**
 * The functions in `filters`. What one of them throws at, or gives no answer to, is left out: it is neither sent nor
 * deleted; and `warn` is told why, once.
 */
export function pathFilters(
  { filters }: Pick<Resolved, "filters">,
  warn: (reason: string, hint: string) => void,
): PathFilter[] {
  return filters.map(({ call, where }) => {
    const told = new Set<string>();
    return (path, entry) => {
      const answer = ask(call, path, entry);
      if (typeof answer === "boolean") return answer;
      if (told.size < reasonsMax && !told.has(answer.wrong)) {
        told.add(answer.wrong);
        const hint = "what it has no answer to is left out: neither sent nor deleted";
        warn(`filter (${where}) ${answer.wrong} for ${JSON.stringify(toText(path))}`, hint);
      }
      return false;
    };
  });
}

function ask(
  call: FilterFunction,
  path: Path,
  { kind, size, mode, mtimeMs }: Parameters<PathFilter>[1],
): boolean | { wrong: string } {
  // Only what can be read is asked about.
  if (kind === "problem") return true;
  let answer: unknown;
  try {
    answer = call(toText(path), { kind, size: kind === "file" ? size : 0, mode, mtimeMs });
  } catch (error) {
    return { wrong: `threw ${error}` };
  }
  if (typeof answer === "boolean") return answer;
  // Whoever keeps that promise must not end tsync by breaking it.
  if (answer instanceof Promise) answer.catch(() => {});
  return {
    wrong: `gave ${answer instanceof Promise ? "a promise" : String(answer)} in place of true or false`,
  };
}
