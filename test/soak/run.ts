/**
 * The soak: phases in which several programs work on the source while faults happen, each followed by quiet, in
 * which all targets must become what the source is.
 */
import { runProcess } from "../helpers/process.ts";
import { Random } from "../helpers/trees.ts";
import { binary } from "../helpers/tsync.ts";
import { Chaos } from "./chaos.ts";
import { eventsLost, faultKinds } from "./faults.ts";
import type { Figures } from "./figures.ts";
import { converged, prune } from "./oracle.ts";
import { makeSite, type Site } from "./site.ts";
import { startWriters } from "./writers.ts";

export interface SoakOptions {
  readonly seed: number;
  /** It ends with the first phase that ends after this time, in ms, once each kind of fault has happened. */
  readonly durationMs: number;
  /** How long the faults of a phase go on, at least and at most, in ms. */
  readonly chaosMs: readonly [number, number];
  /** See `ChaosOptions`. */
  readonly pauseShare: number;
  /** How long the targets may take to become equal once there are no more faults, in ms. */
  readonly convergeMaxMs: number;
  /** Told what goes on. */
  readonly progress: (line: string) => void;
}

/** Runs it. After a divergence everything is kept, and nothing more is tried. */
export async function soak(options: SoakOptions): Promise<Figures> {
  const { seed, progress } = options;
  const site = await makeSite();
  const beginMs = performance.now();
  const faults = new Map<string, number>();
  const impossible = new Map<string, string>();
  for (const kind of faultKinds) {
    const why = kind.impossible?.(site) ?? null;
    if (why === null) faults.set(kind.name, 0);
    else impossible.set(kind.name, why);
  }
  const convergedMs: number[] = [];
  let operations = 0;
  let findings: string[] = [];
  const random = new Random(seed);
  const [chaosMinMs, chaosMaxMs] = options.chaosMs;
  const isOver = () =>
    performance.now() - beginMs >= options.durationMs && [...faults.values()].every((count) => count > 0);
  const chaos = new Chaos(site, random, {
    pauseShare: options.pauseShare,
    told: (name) => faults.set(name, faults.get(name)! + 1),
  });

  site.mirror.start();
  while (findings.length === 0 && !isOver()) {
    const phase = convergedMs.length + 1;
    site.mirror.note(`phase ${phase}`);
    const writers = startWriters(site.source, random, site.folder);
    await chaos.reign(chaosMinMs + random.int(chaosMaxMs - chaosMinMs));
    operations += await writers.end();
    prune(site);
    site.mirror.note("quiet");
    const result = await converged(site, options.convergeMaxMs);
    if (typeof result === "number") {
      convergedMs.push(result);
      progress(`phase ${phase}: equal after ${(result / 1000).toFixed(1)} s`);
    }
    const wrong = [...(typeof result === "number" ? [] : result), ...site.mirror.misdeeds];
    findings = wrong.map((line) => `seed ${seed}, phase ${phase}: ${line}`);
  }
  if (findings.length === 0) findings = await theEnd(site);
  else await site.mirror.kill();
  const keep = findings.length > 0;
  const figures: Figures = {
    ...{ seed, operations, faults, impossible, convergedMs, findings },
    durationMs: performance.now() - beginMs,
    overflowsTold: site.mirror.said(eventsLost),
    peakKiB: site.mirror.peakKiB,
    kept: keep ? site.folder : null,
  };
  await site.stop(keep);
  return figures;
}

/** Ends tsync; what it noted down must be what the targets have: another run has nothing to do. */
async function theEnd({ mirror, args, env }: Site): Promise<string[]> {
  await mirror.stop();
  const { code, stdout, stderr } = await runProcess([binary, "sync", ...args, "--json", "-v"], { env });
  const works = stdout.split("\n").filter((line) => line.includes('"batch"'));
  return [
    ...mirror.misdeeds,
    ...(code === 0 ? [] : [`a last tsync sync ended with ${code}: ${stderr}`]),
    ...works.map((line) => `a last tsync sync still had something to do: ${line}`),
  ];
}
