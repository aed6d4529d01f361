/** Numbers as people read them. */

/** `1,234`. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 file`, `2 files`; `plural` where an s is not enough. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** `0 B`, `1.5 KiB`, `3 GiB`. */
export function bytes(value: number): string {
  const { amount, unit } = amountOf(value);
  return `${amount} ${unit}`;
}

/** The same in two parts. */
export function amountOf(value: number): { amount: string; unit: string } {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let amount = value;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  const rounded = unit === 0 || amount >= 100 ? Math.round(amount) : Number(amount.toFixed(1));
  return { amount: `${rounded}`, unit: units[unit]! };
}

/** `12 ms`, `3.4 s`, `5 min`, `2.5 h`, `3 days`. */
export function duration(valueMs: number): string {
  if (valueMs < 1_000) return `${Math.round(valueMs)} ms`;
  if (valueMs < 60_000) return `${Number((valueMs / 1_000).toFixed(1))} s`;
  if (valueMs < 3_600_000) return `${Number((valueMs / 60_000).toFixed(1))} min`;
  if (valueMs < 2 * 86_400_000) return `${Number((valueMs / 3_600_000).toFixed(1))} h`;
  return `${Math.round(valueMs / 86_400_000)} days`;
}

/** Time that is left or has passed, in coarse steps: `12 s`, `3 min`, `1 h 20 min`, `2 days`. */
export function timeLeft(valueMs: number): string {
  const seconds = Math.ceil(valueMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
