/** `tsync check`: says whether the mirrors could run, without changing anything. */
import { resolve } from "node:path";
import { parseSource, type WrittenSource } from "../config/source.ts";
import { type Fault, Faults, isFault } from "../core/fault.ts";
import { UserAsker } from "../ssh/auth/user-asker.ts";
import { Terminal } from "../system/terminal.ts";
import { type Arguments, hasFlag } from "./arguments.ts";
import { checkFiles, checkPrograms, checkWatches } from "./check-here.ts";
import { checkDestinations, checkPlaces, checkSource } from "./check-places.ts";
import { checkTarget } from "./check-target.ts";
import { exitCodes, exitOk } from "./exit-codes.ts";
import { type MirrorSpec, mirrorSpecs, nameOf } from "./mirror-spec.ts";
import { Resources, readWishes } from "./prepare.ts";
import { Printer } from "./printer.ts";

/** One thing that was checked. */
export interface Finding {
  /** What was checked: `source /home/ann/site`. */
  readonly what: string;
  readonly mirror: string | null;
  /** What is well with it, what is not, or what may become a problem. */
  readonly result: string | Fault | { readonly warning: string; readonly hint: string };
}

/** Runs `tsync check`; returns the exit code: that of the first error. */
export async function checkCommand(args: Arguments): Promise<number> {
  const json = hasFlag(args, "json");
  const specs = await mirrorSpecs(args, process.env);
  const terminal = new Terminal();
  const printer = new Printer({ verbose: false, quiet: false, json, terminal });
  if (specs instanceof Faults) return printer.faults(specs);
  const resources = new Resources({
    dryRun: true,
    asker: new UserAsker(terminal, (line) => printer.info(line), process.env),
  });
  let code = exitOk;
  const print = (finding: Finding) => {
    const { result } = finding;
    if (isFault(result) && code === exitOk) code = exitCodes[result.code];
    terminal.print(process.stdout, `${json ? jsonLine(finding) : textLine(finding)}\n`);
  };

  const sources: string[] = [];
  // All hosts are asked at the same time; what they say is printed in order.
  const asked: { finding: Omit<Finding, "result">; result: Promise<Finding["result"]> }[] = [];
  for (const spec of specs) {
    const { name: mirror } = spec;
    const written = parseSource(spec.source);
    const source = isFault(written) ? written : checkSource(written.path);
    print({ mirror, what: `source ${spec.source}`, result: isFault(source) ? source : "can be read" });
    if (!isFault(source)) sources.push(source);
    const destinations = targetsOf(spec, written, isFault(source) ? resolve(spec.source) : source);
    for (const [at, destination] of destinations.entries()) {
      const { resolved } = spec.targets[at]!;
      const finding = { mirror, what: `target ${nameOf(spec.targets[at]!)}` };
      if (isFault(destination)) print({ ...finding, result: destination });
      else {
        const wishes = readWishes(resolved, destination);
        // Programs are reported on their own.
        if (isFault(wishes) && wishes.code === "usage") print({ ...finding, result: wishes });
        else asked.push({ finding, result: checkTarget(destination, resolved.settings, resources) });
      }
    }
  }
  const places = sources.length === specs.length ? checkPlaces(specs) : [];
  if (places instanceof Faults && code === exitOk)
    for (const result of places.list) print({ mirror: null, what: "mirrors", result });
  for (const finding of [...checkPrograms(specs), ...checkFiles(specs)]) print(finding);
  for (const { finding, result } of asked) print({ ...finding, result: await result });
  if (sources.length > 0) print(await checkWatches(sources));
  await resources.close();
  return code;
}

/** Each destination of `spec`, or what is wrong with it. */
function targetsOf(spec: MirrorSpec, written: WrittenSource | Fault, source: string) {
  const virtual = isFault(written) ? { path: spec.source, below: "", isVirtual: false } : written;
  return spec.targets.map((target) => {
    const found = checkDestinations([target], virtual, source);
    return isFault(found) ? found : found[0]!;
  });
}

/** `error: www: target host:/x: …`. */
function textLine({ mirror, what, result }: Finding): string {
  const about = `${mirror === null ? "" : `${mirror}: `}${what}`;
  if (typeof result === "string") return `${"ok".padEnd(9)}${about}: ${result}`;
  if (isFault(result)) return `${"error".padEnd(9)}${about}: ${result}`;
  return `${"warning".padEnd(9)}${about}: ${result.warning}; ${result.hint}`;
}

function jsonLine({ mirror, what, result }: Finding): string {
  const of = { ...(mirror === null ? {} : { mirror }), what };
  if (typeof result === "string") return JSON.stringify({ level: "ok", ...of, text: result });
  if (isFault(result)) {
    const { code, message, hint } = result;
    return JSON.stringify({ level: "error", ...of, text: message, hint, code });
  }
  return JSON.stringify({ level: "warning", ...of, text: result.warning, hint: result.hint });
}
