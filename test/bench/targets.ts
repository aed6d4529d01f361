/** What tsync is meant to reach, checked against what was measured. It tells, and fails nothing. */

import { connectionMeasure } from "./connections.ts";
import { formatRatio, formatValue } from "./format.ts";
import { singleFileBytes } from "./measures/file-changes.ts";
import type { Reading, Result, Target, Unit } from "./result.ts";

/** Below this, what goes over the link for a rename is no content: it is more than tsync's own words come to. */
const noContentBytes = singleFileBytes / 2;

/** Which reading of which tool. */
interface Of {
  rttMs: number | null;
  measure: string;
  key: string;
}

/** Every target at every round trip of the results, in a fixed order. */
export function checkTargets(results: readonly Result[]): Target[] {
  const measured = new Measured(results);
  const perRoundTrip = measured.roundTripsMs.flatMap((rttMs) => {
    const at = (measure: string, key: string): Of => ({ rttMs, measure, key });
    return [
      measured.most(at("save", "p50"), rttMs + 15),
      measured.most(at("save", "p99"), 2 * rttMs + 60),
      measured.most(at("file", "rename-p50"), rttMs + 15),
      measured.most(at("file", "bytes"), noContentBytes),
      measured.most(at("file", "removal-p50"), rttMs + 15),
      measured.most(at("directory", "time"), rttMs + 15),
      measured.most(at("directory", "bytes"), noContentBytes),
      measured.times(at("burst", "after"), 1.3, { tool: "rsync -a" }),
      measured.times(at("renames", "time"), 0.1, { tool: "lsyncd" }),
      measured.times(at("delta", "time"), 1.2, { tool: "rsync -a" }),
      measured.times(at("delta", "bytes"), 1.2, { tool: "rsync -a" }),
      measured.times(at("targets", "p50"), 1.3, { measure: "save", name: "one target" }),
    ];
  });
  const million = (key: string): Of => ({ rttMs: null, measure: "million", key });
  return [
    ...perRoundTrip,
    measured.times(million("restart"), 1.5, { tool: "find" }),
    measured.most(million("restart-memory"), 150e6),
    measured.most(million("idle"), 0),
    measured.equal(),
  ].filter((target) => target !== null);
}

/** `target met: ...`, one line for each. */
export function targetLine({ title, met, value, limit }: Target): string {
  const verdict = met === null ? "not measured" : met ? "met" : "missed";
  return `target ${`${verdict}:`.padEnd(8)} ${title}: ${value} (limit ${limit})`;
}

/** Finds readings, and compares those of tsync. */
class Measured {
  readonly #results: readonly Result[];

  constructor(results: readonly Result[]) {
    this.#results = results;
  }

  /** Round trips at which something was mirrored, in ascending order. */
  get roundTripsMs(): number[] {
    const mirrored = this.#results.filter(({ measure }) => measure !== connectionMeasure);
    const all = new Set(mirrored.map(({ rttMs }) => rttMs).filter((rttMs) => rttMs !== null));
    return [...all].sort((a, b) => a - b);
  }

  /** The value is at most `limit`; null if it was not to be measured. */
  most(of: Of, limit: number): Target | null {
    const found = this.#find(of, "tsync");
    if (found === null) return null;
    return { ...this.#value(of, found, limit), limit: formatValue(limit, found.reading?.unit ?? "ms") };
  }

  /** The value is at most `factor` times that of another tool, or of another measure; null as with `most`. */
  times(of: Of, factor: number, base: { tool: string } | { measure: string; name: string }): Target | null {
    const found = this.#find(of, "tsync");
    if (found === null) return null;
    const [other, name] =
      "tool" in base
        ? [this.#find(of, base.tool), base.tool]
        : [this.#find({ ...of, measure: base.measure }, "tsync"), base.name];
    const reading = other?.reading;
    // A tool that was given up needs even longer than it was given.
    const amount = reading?.value ?? reading?.atLeast ?? null;
    const unit: Unit = found.reading?.unit ?? "ms";
    const times = `${formatRatio(factor).replace("x", "")} times ${name}`;
    if (amount === null || reading === undefined) {
      return { ...this.#value(of, found, null), limit: `${times}, which was not measured` };
    }
    const more = reading.value === null ? "more than " : "";
    return {
      ...this.#value(of, found, factor * amount),
      limit: `${times}, ${more}${formatValue(factor * amount, unit)}`,
    };
  }

  /** At the end of every measure the destination was as the source. */
  equal(): Target | null {
    const ofTsync = this.#results.filter(({ tool, divergences }) => tool === "tsync" && divergences !== null);
    if (ofTsync.length === 0) return null;
    const different = ofTsync.filter(({ divergences }) => divergences !== 0);
    return {
      title: "the trees are equal after every measure",
      met: different.length === 0,
      value: `${ofTsync.length - different.length} of ${ofTsync.length}`,
      limit: "all",
    };
  }

  /** Null if there is no such result; without a reading if the tool failed before. */
  #find({ rttMs, measure, key }: Of, tool: string): { result: Result; reading: Reading | undefined } | null {
    const result = this.#results.find(
      (candidate) => candidate.rttMs === rttMs && candidate.measure === measure && candidate.tool === tool,
    );
    if (result === undefined) return null;
    return { result, reading: result.readings.find((reading) => reading.key === key) };
  }

  /** All but the limit in words. `limit` null: there is none to compare with. */
  #value(of: Of, { reading }: { reading: Reading | undefined }, limit: number | null): Omit<Target, "limit"> {
    const where = of.rttMs === null ? "" : `${of.rttMs} ms: `;
    const title = `${where}${reading?.title.trim() ?? `${of.measure}, ${of.key}`}`;
    const value = reading?.value ?? null;
    const text = value === null ? (reading?.text ?? "failed") : formatValue(value, reading!.unit);
    return { title, met: limit === null ? null : value !== null && value <= limit, value: text };
  }
}
