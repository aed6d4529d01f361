/** Reads the value of an option, from text (command line, environment) or as the configuration file has it. */
import { type Command, type RawCommand, readCommand } from "./command.ts";
import { parseDurationMs } from "./duration.ts";
import type { OptionDef } from "./options.ts";
import { shown } from "./shown.ts";
import { parseSizeBytes } from "./size.ts";

/** A value as it is written. */
export type RawValue = string | number | boolean | readonly string[] | RawCommand;

/** A value as tsync works with it. */
export type Value = string | number | boolean | readonly string[] | Command;

/** The value of an option of kind `def`, or what is wrong with `raw`, to be put behind "NAME ". */
export function readValue(def: OptionDef, raw: RawValue): { value: Value } | { problem: string } {
  const wrong = (expected: string) => ({ problem: `is ${shown(raw)}, which is not ${expected}` });
  switch (def.type) {
    case "flag":
      if (typeof raw === "boolean") return { value: raw };
      if (raw === "true" || raw === "1" || raw === "yes") return { value: true };
      if (raw === "false" || raw === "0" || raw === "no") return { value: false };
      return wrong("true or false");
    case "text":
      return typeof raw === "string" && raw !== "" && !raw.includes("\0") ? { value: raw } : wrong("a text");
    case "list": {
      const texts = typeof raw === "string" ? [raw] : raw;
      return isTexts(texts) ? { value: texts } : wrong("a list of texts");
    }
    case "choice":
      return typeof raw === "string" && def.choices.includes(raw)
        ? { value: raw }
        : wrong(`one of ${def.choices.join(", ")}`);
    case "set": {
      const texts = typeof raw === "string" ? raw.split(",") : raw;
      if (isTexts(texts) && texts.length > 0 && texts.every((text) => def.choices.includes(text)))
        return { value: texts };
      return wrong(`some of ${def.choices.join(", ")}`);
    }
    case "duration": {
      const valueMs = isScalar(raw) ? parseDurationMs(`${raw}`) : null;
      return valueMs === null ? wrong("a time like 10ms, 2s, 5m or 1h") : { value: valueMs };
    }
    case "size": {
      const bytes = isScalar(raw) ? parseSizeBytes(`${raw}`) : null;
      return bytes === null ? wrong("a size like 500, 10K, 1.5M or 2G") : { value: bytes };
    }
    case "rate": {
      // A number alone is in KiB a second, as rsync has it.
      const text = isScalar(raw) ? `${raw}`.replace(/^\d+(\.\d+)?$/, "$&K") : "";
      const bytes = parseSizeBytes(text);
      return bytes === null || bytes < 1024
        ? wrong("a rate of 1K a second or more, like 500K or 2M")
        : { value: bytes };
    }
    case "count": {
      const count = typeof raw === "string" && /^\d{1,9}$/.test(raw) ? Number(raw) : raw;
      const fits = Number.isInteger(count) && (count as number) >= def.min && (count as number) <= def.max;
      return fits ? { value: count as number } : wrong(`a whole number from ${def.min} to ${def.max}`);
    }
    case "command":
      return readCommand(raw, def.there === true);
  }
}

function isScalar(raw: RawValue): raw is string | number {
  return typeof raw === "string" || typeof raw === "number";
}

function isTexts(raw: RawValue): raw is readonly string[] {
  return (
    Array.isArray(raw) && raw.every((text) => typeof text === "string" && text !== "" && !text.includes("\0"))
  );
}
