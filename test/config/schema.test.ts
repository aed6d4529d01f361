/** The schema of the configuration file: made from the table of options, and committed for editors. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { safeParse } from "valibot";
import { jsonSchema } from "../../src/config/json-schema.ts";
import { type SettingName, settingOptions } from "../../src/config/options.ts";
import { optionSchemas } from "../../src/config/schema.ts";
import { type RawValue, readValue } from "../../src/config/values.ts";

test("src/config/schema.json is current", () => {
  const committed = readFileSync(join(import.meta.dir, "../../src/config/schema.json"), "utf8");
  // If this fails: npm run generate
  expect(committed).toBe(jsonSchema());
});

test("it describes every option, wherever options may stand, and refuses all else", () => {
  const { properties, $defs, required } = JSON.parse(jsonSchema());
  expect(required).toEqual(["mirror"]);
  const mirror = properties.mirror.items;
  const target = mirror.properties.targets.items.anyOf[1];
  for (const table of [properties.defaults, mirror, target]) {
    expect(table.additionalProperties).toBe(false);
    for (const name of Object.keys(settingOptions))
      expect(table.properties[name]).toEqual({ $ref: `#/$defs/${name}` });
  }
  for (const [name, { description }] of Object.entries(settingOptions))
    expect($defs[name].description).toBe(description);
  expect($defs.delete).toMatchObject({ enum: settingOptions.delete.choices, default: "tracked" });
  expect($defs.port).toMatchObject({ type: "integer", minimum: 1, maximum: 65_535 });
  expect($defs.settle.anyOf[0].pattern).toContain("ms");
  expect(mirror.required).toEqual(["name", "source", "targets"]);
});

test("it takes nothing that the table does not take", () => {
  const value = fc.oneof(
    fc.constantFrom("tracked", "create", "10ms", "1.5h", "10K", "3GiB", "1kb", "12", "", "a\0b", "-1", "yes"),
    fc.string({ maxLength: 4 }),
    fc.double({ min: -10, max: 100_000 }),
    fc.integer({ min: -10, max: 100_000 }),
    fc.boolean(),
    fc.array(fc.constantFrom("create", "move", "", "x"), { maxLength: 2 }),
    fc.record(
      {
        run: fc.constantFrom<unknown>("x", ["x"], [""], 3),
        shell: fc.constantFrom<unknown>(true, false, "yes"),
        timeout: fc.constantFrom<unknown>("2s", 2, 0, true),
        wait: fc.constantFrom<unknown>(true, 1),
        more: fc.boolean(),
      },
      { requiredKeys: ["run"], noNullPrototype: true },
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...(Object.keys(settingOptions) as SettingName[])), value, (name, raw) => {
      const accepted = safeParse(optionSchemas[name], raw).success;
      const def = settingOptions[name];
      const readable = "value" in readValue(def, raw as RawValue);
      // Numbers and flags are written as such in the file.
      const isQuoted = typeof raw === "string" && (def.type === "flag" || def.type === "count");
      expect(accepted).toBe(readable && !isQuoted);
    }),
    { numRuns: 3000 },
  );
});
