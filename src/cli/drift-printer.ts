/** Prints how a target differs from its source: lines for people, and objects for programs. */
import { anyMode } from "../core/as-mirrored.ts";
import type { Finding, Trait } from "../core/drift.ts";
import { display } from "../core/path.ts";

/** `different  a/b  mode 644, should be 600`. */
export function driftLine(finding: Finding): string {
  const start = `${finding.is.padEnd(9)}  ${display(finding.path)}`;
  if (finding.is !== "different") return start;
  const differs = differencesOf(finding).map(
    ({ what, is, should }) => what + (is === undefined ? "" : ` ${is}, should be ${should}`),
  );
  return `${start}  ${differs.join("; ")}`;
}

/** The same as an object. */
export function driftObject(finding: Finding): object {
  const { is: found, path } = finding;
  const differs = finding.is === "different" ? { differs: differencesOf(finding) } : {};
  return { found, path: display(path), ...differs };
}

interface Difference {
  readonly what: Trait;
  /** What is there, and what should be, where it is known and says more than that it differs. */
  readonly is?: string;
  readonly should?: string;
}

function differencesOf({ traits, here, there }: Extract<Finding, { is: "different" }>): Difference[] {
  return traits.map((what): Difference => {
    const values = there === null ? null : valuesOf(what, there, here);
    return values === null || values[0] === values[1] ? { what } : { what, is: values[0], should: values[1] };
  });
}

interface Shown {
  readonly kind: string;
  readonly mode: number;
  readonly size: number;
}

function valuesOf(what: Trait, there: Shown, here: Shown): readonly [string, string] | null {
  if (what === "kind") return [there.kind, here.kind];
  if (what === "size") return [`${there.size}`, `${here.size}`];
  if (what !== "mode" || here.mode === anyMode) return null;
  return [there.mode.toString(8), here.mode.toString(8)];
}
