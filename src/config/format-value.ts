/** Writes a value as it may stand in the configuration file. */
import { formatCommand } from "./command.ts";
import type { OptionDef } from "./options.ts";
import type { RawValue, Value } from "./values.ts";

const durationUnits: readonly (readonly [string, number])[] = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

const sizeUnits: readonly (readonly [string, number])[] = [
  ["T", 1024 ** 4],
  ["G", 1024 ** 3],
  ["M", 1024 ** 2],
  ["K", 1024],
];

/** A value of the option `def` in the form in which people write it: `1s`, `10M`. */
export function formatValue(def: OptionDef, value: Value): RawValue {
  if (typeof value === "object" && "run" in value)
    return formatCommand(value, def.type === "command" && def.there === true);
  if (typeof value !== "number") return value;
  if (def.type === "duration") return inUnits(value, durationUnits) ?? `${value}ms`;
  // Without a unit a size is in bytes, but a rate is not.
  if (def.type === "size") return inUnits(value, sizeUnits) ?? `${value}`;
  if (def.type === "rate") return inUnits(value, sizeUnits) ?? `${value}B`;
  return value;
}

/** In the largest unit that gives a whole number; null if none does. */
function inUnits(value: number, units: readonly (readonly [string, number])[]): string | null {
  const unit = value === 0 ? undefined : units.find(([, size]) => value % size === 0);
  return unit === undefined ? null : `${value / unit[1]}${unit[0]}`;
}
