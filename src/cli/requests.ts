/** From arguments to mirrors that are checked, and to their parts. Everything is checked, of all mirrors, before anything is made for one. */
import type { Settings } from "../config/options.ts";
import { Faults, isFault } from "../core/fault.ts";
import { lowerPriority, type Priority } from "../system/priority.ts";
import type { Arguments } from "./arguments.ts";
import { checkPlaces, type Places } from "./check-places.ts";
import { type MirrorSpec, mirrorSpecs } from "./mirror-spec.ts";
import { type Prepared, prepare, type Resources, readWishes, type Wishes } from "./prepare.ts";
import type { Printer } from "./printer.ts";

/** A mirror that was asked for, and can be. */
export interface MirrorRequest {
  readonly spec: MirrorSpec;
  readonly places: Places;
  /** Of its targets, in order. */
  readonly wishes: readonly Wishes[];
}

/** Reads what `args` ask for. Nothing is made. */
export async function readRequests(args: Arguments): Promise<readonly MirrorRequest[] | Faults> {
  const specs = await mirrorSpecs(args, process.env);
  if (specs instanceof Faults) return specs;
  const places = checkPlaces(specs);
  if (places instanceof Faults) return places;
  const requests: MirrorRequest[] = [];
  for (const [at, spec] of specs.entries()) {
    const read = spec.targets.map(({ resolved }, to) => readWishes(resolved, places[at]!.destinations[to]!));
    const faults = read.filter(isFault);
    if (faults.length > 0) return new Faults(faults);
    requests.push({ spec, places: places[at]!, wishes: read.filter((one): one is Wishes => !isFault(one)) });
  }
  return requests;
}

/** Makes the parts of all mirrors that `args` ask for. */
export async function readMirrors(
  args: Arguments,
  resources: Resources,
  printer: Printer,
): Promise<readonly Prepared[] | Faults> {
  const requests = await readRequests(args);
  if (requests instanceof Faults) return requests;
  takePriority(requests, printer);
  return await prepareAll(requests, resources);
}

/** Makes the parts of `requests`. */
export async function prepareAll(
  requests: readonly MirrorRequest[],
  resources: Resources,
): Promise<readonly Prepared[] | Faults> {
  const mirrors: Prepared[] = [];
  for (const { spec, places, wishes } of requests) {
    const prepared = await prepare(spec, places, wishes, resources);
    if (isFault(prepared)) return new Faults([prepared]);
    mirrors.push(prepared);
  }
  return mirrors;
}

/** One process serves all mirrors: the lowest priority that any of them asks for. */
export function takePriority(requests: readonly MirrorRequest[], printer: Printer): void {
  const settings = requests.flatMap(({ spec }) => spec.targets.map(({ resolved }) => resolved.settings));
  for (const reason of lowerPriority(lowestPriority(settings)))
    printer.report({ event: "warning", reason, hint: "going on without it" });
}

function lowestPriority(settings: readonly Settings[]): Priority {
  const nices = settings.flatMap(({ nice }) => (nice === undefined ? [] : [nice]));
  const disks = settings.map(({ ionice }) => ionice);
  return {
    nice: nices.length === 0 ? null : Math.max(...nices),
    disk: disks.includes("idle") ? "idle" : disks.includes("best-effort") ? "best-effort" : null,
  };
}
