/** Reads durations like `10ms`, `2s`, `1.5m`, `1h`. */

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What a duration looks like. */
export const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;

/** The duration in milliseconds; a number without a unit is in seconds. Null if it is not a duration. */
export function parseDurationMs(text: string): number | null {
  const match = durationPattern.exec(text);
  return match === null ? null : Number(match[1]) * unitsMs[match[2] ?? "s"]!;
}
