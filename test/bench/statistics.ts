/** Numbers that stand for many. */

/** The nearest-rank percentile: the smallest value that `percent` % (above 0, to 100) of `values` do not exceed. */
export function percentile(values: readonly number[], percent: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? null;
}

/** How many times as much as `base` a `value` is; null where that says nothing. */
export function ratio(value: number | null, base: number | null): number | null {
  return value === null || base === null || base <= 0 ? null : value / base;
}
