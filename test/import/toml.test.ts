import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ImportedMirror, OptionValue } from "../../src/import/imported.ts";
import { joinMirrors } from "../../src/import/join-mirrors.ts";
import { tomlString, writeToml } from "../../src/import/toml.ts";

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.string());
const value = fc.oneof<fc.Arbitrary<OptionValue>[]>(
  anyText,
  fc.boolean(),
  fc.integer({ min: 0, max: 1e9 }),
  fc.array(anyText, { maxLength: 20 }),
);
const options = fc
  .dictionary(fc.stringMatching(/^[a-z]{2,8}-x$/), value)
  .map((one) => new Map(Object.entries(one)));
const note = fc.record({ text: anyText, line: fc.nat(), warning: fc.boolean() });
const mirror = fc.record({
  source: anyText,
  targets: fc.array(fc.record({ to: anyText, options }), { minLength: 1, maxLength: 6 }),
  options,
  notes: fc.array(note),
});

describe("tomlString", () => {
  test("any text comes back as it was", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect((Bun.TOML.parse(`a = ${tomlString(text)}`) as { a: string }).a).toBe(text.toWellFormed());
      }),
      { numRuns: 2_000 },
    );
  });

  test("control characters, quotes and backslashes are escaped", () => {
    expect(tomlString('a"b\\c\n\t\x00\x1b\x7fé')).toBe('"a\\"b\\\\c\\n\\t\\u0000\\u001b\\u007fé"');
  });
});

describe("writeToml", () => {
  test("what is written is what is read, whatever stands in it, comments too", () => {
    fc.assert(
      fc.property(fc.array(mirror, { maxLength: 4 }), options, fc.array(note), (mirrors, defaults, notes) => {
        const toml = writeToml({ kind: "lsyncd", defaults, mirrors, notes }, ["heading"]);
        const read = Bun.TOML.parse(toml) as { defaults?: object; mirror?: Record<string, unknown>[] };
        expect(read.defaults ?? {}).toEqual(plain(Object.fromEntries(defaults)));
        const expected = mirrors.map(({ source, targets, options: own }) => ({
          source,
          targets: targets.map(({ to, options: over }) =>
            over.size === 0 ? to : { to, ...Object.fromEntries(over) },
          ),
          ...Object.fromEntries(own),
        }));
        expect((read.mirror ?? []).map(({ name: _, ...rest }) => rest)).toEqual(plain(expected));
        const names = (read.mirror ?? []).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  test("a mirror is named after its source, and each has a name of its own", () => {
    const sources = ["/var/www/", "/srv/www", "/", "./www", "."];
    const mirrors = sources.map(
      (source): ImportedMirror => ({
        source,
        targets: [{ to: "h:", options: new Map() }],
        options: new Map(),
        notes: [],
      }),
    );
    const read = Bun.TOML.parse(writeToml({ kind: "lsyncd", defaults: new Map(), mirrors, notes: [] }, []));
    expect((read as { mirror: { name: string }[] }).mirror.map(({ name }) => name)).toEqual([
      "www",
      "www-2",
      "mirror",
      "www-3",
      "mirror-2",
    ]);
  });
});

/** Without the maps' null prototype, and as TOML holds texts. */
function plain<T>(given: T): T {
  return JSON.parse(JSON.stringify(given), (_, one) => (typeof one === "string" ? one.toWellFormed() : one));
}

describe("joinMirrors", () => {
  const one = (to: string, own: Record<string, OptionValue>, source = "/a"): ImportedMirror => ({
    source,
    targets: [{ to, options: new Map() }],
    options: new Map(Object.entries(own)),
    notes: [{ text: "same", warning: false }],
  });

  test("targets of one source become one mirror; ports and rates are the target's own", () => {
    const joined = joinMirrors([
      one("h1:", { perms: false, port: 1 }),
      one("h2:", { perms: false, bwlimit: "1M" }),
    ]);
    expect(joined).toEqual([
      {
        source: "/a",
        targets: [
          { to: "h1:", options: new Map([["port", 1]]) },
          { to: "h2:", options: new Map([["bwlimit", "1M"]]) },
        ],
        options: new Map([["perms", false]]),
        notes: [{ text: "same", warning: false }],
      },
    ]);
  });

  test("what differs otherwise stays a mirror of its own", () => {
    expect(joinMirrors([one("h1:", { delete: "exact" }), one("h2:", { delete: "never" })])).toHaveLength(2);
    expect(joinMirrors([one("h1:", {}), one("h2:", {}, "/b")])).toHaveLength(2);
    expect(joinMirrors([one("h1:", { exclude: ["a"] }), one("h2:", {})])).toHaveLength(2);
  });
});
