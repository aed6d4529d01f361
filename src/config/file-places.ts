/** What the schema of the configuration file cannot say: names that are there twice, destinations that are none. */
import { isFault } from "../core/fault.ts";
import { parseDestination } from "./destination.ts";
import type { Problem, TomlDocument, TomlPath, TomlValue } from "./toml.ts";

/** The problems of the mirrors' names and destinations; what has the wrong type is left to the schema. */
export function problemsOfPlaces(toml: TomlDocument): Problem[] {
  const problems: Problem[] = [];
  const places = new Map<string, string>();
  for (const [at, mirror] of elementsOf(toml.root.mirror).entries()) {
    const path: TomlPath = ["mirror", at];
    const name = memberOf(mirror, "name");
    if (typeof name === "string") {
      const position = toml.positionOf([...path, "name"]);
      const first = places.get(name);
      if (first === undefined) places.set(name, position.key ?? `line ${position.line}`);
      else problems.push({ at: position, text: `the mirror "${name}" is there already, in ${first}` });
    }
    for (const [index, target] of elementsOf(memberOf(mirror, "targets")).entries()) {
      const to = typeof target === "string" ? target : memberOf(target, "to");
      if (typeof to !== "string" || to === "" || to.includes("\0")) continue;
      const parsed = parseDestination(to);
      if (isFault(parsed))
        problems.push({ at: toml.positionOf([...path, "targets", index, "to"]), text: parsed.toString() });
    }
  }
  return problems;
}

function elementsOf(value: TomlValue | undefined): readonly TomlValue[] {
  return Array.isArray(value) ? value : [];
}

function memberOf(value: TomlValue | undefined, key: string): TomlValue | undefined {
  if (typeof value !== "object" || Array.isArray(value) || value instanceof Date) return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
