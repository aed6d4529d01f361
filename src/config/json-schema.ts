/** The JSON Schema of the configuration file, for editors. */
import { toJsonSchema } from "@valibot/to-json-schema";
import { optionSchemas, shownSchema } from "./schema.ts";

/** The text of `schema.json`. */
export function jsonSchema(): string {
  const schema = toJsonSchema(shownSchema, {
    // What a table is comes after the check that it is one.
    typeMode: "output",
    // What only code can check is left to tsync.
    ignoreActions: ["check"],
    definitions: optionSchemas,
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      valibotSchema.type === "object_with_rest" ? { ...jsonSchema, additionalProperties: false } : null,
  });
  return `${JSON.stringify({ title: "tsync configuration", ...schema }, null, 2)}\n`;
}
