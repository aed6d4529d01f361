/** What may stand in the configuration file, made from the table of options. */
import * as v from "valibot";
import { execFormats } from "./destination.ts";
import { durationPattern } from "./duration.ts";
import { type OptionDef, type SettingName, settingOptions } from "./options.ts";
import { shown } from "./shown.ts";
import { sizePattern } from "./size.ts";
import type { TomlTable } from "./toml.ts";
import { type RawValue, readValue } from "./values.ts";

/** A schema of whatever kind. */
type Schema = v.GenericSchema;

/** Each option of the table. */
export const optionSchemas = Object.fromEntries(
  Object.entries(settingOptions).map(([name, def]) => [name, optionSchema(def)]),
) as Record<SettingName, Schema>;

/** Names of mirrors stand on the command line, where a dash begins an option, and in front of messages. */
const namePattern = /^[^\x00-\x1f\x7f-][^\x00-\x1f\x7f]*$/;

const nameMax = 255;

const name = v.pipe(
  v.string(is("a text")),
  v.maxLength(nameMax, is(`a name of at most ${nameMax} letters`)),
  v.regex(namePattern, is("a name: no dash in front, no control characters")),
);

const mirrorName = v.pipe(
  name,
  v.description("Name of the mirror: in messages, and to choose it on the command line"),
);

const source = v.pipe(
  texts("a directory"),
  v.description("Directory to mirror; relative to the folder of this file, ~/ is the home directory"),
);

const destination = v.pipe(
  texts("a destination"),
  v.description("/local/path, host:path, user@host:path or [ipv6]:path"),
);

const target = v.pipe(
  table({ to: destination, ...options() }),
  v.description("A destination with options that hold for it alone"),
);

/** How many arguments a command has at most. */
const argumentsMax = 1_000;

const argumentsExpected = 'a list of texts like ["/usr/local/bin/push", "--to", "bucket"]';

const command = v.pipe(
  v.array(texts("a text"), is(argumentsExpected)),
  v.minLength(1, is(argumentsExpected)),
  v.maxLength(argumentsMax, is(`a list of at most ${argumentsMax} texts`)),
  v.description("Program and arguments; it is told what to do on its standard input, by no shell"),
);

const execTarget = v.pipe(
  table({
    exec: command,
    name: v.optional(v.pipe(name, v.description("What the target is called (default: the program's name)"))),
    format: v.optional(
      v.pipe(
        v.picklist(execFormats, is(`one of ${execFormats.join(", ")}`)),
        v.description(
          "How the command is told what to do: one JSON object, or fields with a NUL behind each",
        ),
        v.metadata({ default: "json" }),
      ),
    ),
    moves: v.optional(
      v.pipe(
        v.boolean(is("true or false")),
        v.description("False: the command can move nothing; what was moved is removed, and sent again"),
        v.metadata({ default: true }),
      ),
    ),
    ...options(),
  }),
  v.description("A command that carries out what is to be done, with options that hold for it alone"),
);

const targetsExpected = 'a list of destinations like ["host:/path", { to = "/path", delete = "never" }]';

/** The file as a whole, for editors. */
export const shownSchema = fileOf(v.union([destination, target, execTarget]));

/** The same for reading: which kind of target was meant is decided first, so that what is wrong is told of that. */
export const fileSchema = fileOf(
  v.union(
    [destination, v.lazy((input) => (isExec(input) ? execTarget : target))],
    is("a destination, or a table with to or exec"),
  ),
);

function isExec(input: unknown): boolean {
  return isTable(input) && Object.hasOwn(input as object, "exec");
}

function fileOf(targets: Schema) {
  const mirror = v.pipe(
    table({
      name: mirrorName,
      source,
      targets: v.pipe(
        v.array(targets, is(targetsExpected)),
        v.minLength(1, is(targetsExpected)),
        v.description("Where it is mirrored to"),
      ),
      ...options(),
    }),
    v.description("A directory and where it is mirrored to"),
  );
  return table({
    defaults: v.optional(v.pipe(table(options()), v.description("Options that hold for all mirrors"))),
    mirror: v.pipe(
      v.array(mirror, is("a list of tables: write [[mirror]]")),
      v.minLength(1, "there is no [[mirror]]"),
      v.description("The mirrors"),
    ),
  });
}

/** Every option of the table, none of them required. */
function options(): Record<string, Schema> {
  return Object.fromEntries(Object.entries(optionSchemas).map(([key, schema]) => [key, v.optional(schema)]));
}

/**
 * A table with `entries` and no other keys. (Not `strictObject`, which tells only the first key that is too much;
 * and to valibot an array and a date are objects as well.)
 */
function table(entries: Record<string, Schema>) {
  return v.pipe(v.custom<TomlTable>(isTable, is("a table")), v.objectWithRest(entries, v.never()));
}

function isTable(value: unknown): boolean {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Date);
}

/** An option as the file may have it. Patterns and limits also go into the JSON Schema; `readValue` decides. */
function optionSchema(def: OptionDef): Schema {
  const isReadable = (input: unknown) => "value" in readValue(def, input as RawValue);
  const message = ({ input }: { input: unknown }) => {
    const read = readValue(def, input as RawValue);
    // What the command line takes for a number or a flag is a text here.
    return "problem" in read ? read.problem : `is ${shown(input)}: write it without quotes`;
  };
  const known = { title: def.group, ...("default" in def ? { default: def.default } : {}) };
  return v.pipe(
    shapeOf(def),
    v.check(isReadable, message),
    v.description(def.description),
    v.metadata(known),
  );

  function shapeOf({ type }: OptionDef): Schema {
    const text = v.pipe(v.string(message), v.minLength(1, message));
    switch (def.type) {
      case "flag":
        return v.boolean(message);
      case "text":
        return text;
      case "list":
        return v.union([text, v.array(texts("a text"))], message);
      case "choice":
        return v.picklist(def.choices, message);
      case "set":
        return v.union(
          [
            text,
            v.pipe(
              v.array(v.picklist(def.choices, is(`one of ${def.choices.join(", ")}`))),
              v.minLength(1, message),
            ),
          ],
          message,
        );
      case "count":
        return v.pipe(
          v.number(message),
          v.integer(message),
          v.minValue(def.min, message),
          v.maxValue(def.max, message),
        );
      case "command": {
        const run = v.union([v.array(v.string()), v.string()]);
        const how = { timeout: v.optional(v.union([v.string(), v.number()])), wait: v.optional(v.boolean()) };
        const long = { run, ...(def.there ? {} : { shell: v.optional(v.boolean()) }), ...how };
        return v.union([v.array(v.string()), table(long), ...(def.there ? [v.string()] : [])], message);
      }
      default: {
        const pattern = type === "duration" ? durationPattern : sizePattern;
        const number = v.pipe(v.number(message), v.minValue(0, message));
        return v.union([v.pipe(v.string(), v.regex(pattern, message)), number], message);
      }
    }
  }
}

/** A text that says something. */
function texts(expected: string) {
  const message = is(expected);
  return v.pipe(
    v.string(message),
    v.minLength(1, message),
    v.check((text) => !text.includes("\0"), message),
  );
}

/** The message that a value is not what is `expected`, to be put behind the key. */
function is(expected: string) {
  return ({ input }: { input: unknown }) => `is ${shown(input)}, which is not ${expected}`;
}
