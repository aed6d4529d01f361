/** What came of a soak, and how it is told. */

export interface Figures {
  readonly seed: number;
  readonly durationMs: number;
  /** What the writers did. */
  readonly operations: number;
  /** How often each fault happened, and why others could not be made. */
  readonly faults: ReadonlyMap<string, number>;
  readonly impossible: ReadonlyMap<string, string>;
  /** How often tsync said that events were lost. */
  readonly overflowsTold: number;
  /** For each phase how long it took until all targets were equal, in ms. */
  readonly convergedMs: readonly number[];
  /** The most memory that a tsync process had, in KiB. */
  readonly peakKiB: number;
  /** What was wrong; empty: nothing. */
  readonly findings: readonly string[];
  /** Where trees and logs are kept, if something was wrong. */
  readonly kept: string | null;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** The figures as a person reads them. */
export function told(figures: Figures): string {
  const { convergedMs, faults, impossible, findings, kept } = figures;
  const sorted = convergedMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return [
    `seed ${figures.seed}: ${(figures.durationMs / 60_000).toFixed(1)} minutes, ${sorted.length} phases`,
    `operations: ${figures.operations}`,
    "faults:",
    ...[...faults].map(([name, count]) => `  ${name}: ${count}`),
    ...[...impossible].map(([name, why]) => `  ${name}: left out, ${why}`),
    `lost events noticed: ${figures.overflowsTold}`,
    `divergences: ${findings.length === 0 ? 0 : 1}`,
    `time until equal: ${seconds(median)} (median), ${seconds(sorted.at(-1) ?? 0)} (worst)`,
    `memory of tsync: at most ${Math.round(figures.peakKiB / 1024)} MiB`,
    ...findings,
    ...(kept === null ? [] : [`kept for looking at: ${kept} (trees, tsync.log, writer-N.log, state)`]),
  ].join("\n");
}
