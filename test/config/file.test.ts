/** The configuration file: what is read from it, and how mistakes are told. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readConfigFile } from "../../src/config/file.ts";
import { settingOptions } from "../../src/config/options.ts";
import { resolveSettings } from "../../src/config/settings.ts";
import { Faults, isFault } from "../../src/core/fault.ts";

const place = { file: "tsync.toml", folder: "/etc/tsync", home: "/home/ann" };

function read(text: string) {
  const config = readConfigFile(text, place);
  if (config instanceof Faults) throw new Error(config.list.join("\n"));
  return config;
}

/** What is wrong with `text`, without the file's name. */
function problems(text: string): string[] {
  const config = readConfigFile(text, place);
  if (!(config instanceof Faults)) throw new Error("nothing was wrong");
  expect(config.list.every(({ code }) => code === "usage")).toBe(true);
  return config.list.map((fault) => fault.toString().replace(/^tsync\.toml:/, ""));
}

/** A file whose first mirror has `lines`, from line 5 on. */
const withMirror = (...lines: string[]) =>
  ["[[mirror]]", 'name = "www"', 'source = "/www"', 'targets = ["host:/www"]', ...lines].join("\n");

describe("a valid file", () => {
  test("gives defaults, mirrors and targets with their options, and where each stands", () => {
    const config = read(`
[defaults]
exclude = ["*.tmp"]
compress = true
[[mirror]]
name = "www"
source = "/var/www"
targets = ["user@host:/var/www", { to = "host2:path", bwlimit = "1M" }]
delete = "exact"
[[mirror]]
name = "db"
source = "/db"
targets = ["/backup"]`);
    const at = (line: number) => `tsync.toml:${line}`;
    expect(config).toEqual({
      defaults: [
        { name: "exclude", value: "*.tmp", where: at(3) },
        { name: "compress", value: true, where: at(4) },
      ],
      mirrors: [
        {
          name: "www",
          source: "/var/www",
          targets: [
            { to: "user@host:/var/www", layer: [] },
            { to: "host2:path", layer: [{ name: "bwlimit", value: "1M", where: at(8) }] },
          ],
          layer: [{ name: "delete", value: "exact", where: at(9) }],
        },
        { name: "db", source: "/db", targets: [{ to: "/backup", layer: [] }], layer: [] },
      ],
    });
  });

  test("keeps the order of the rules, each with its own line", () => {
    const { layer } = read(withMirror('include = "keep"', "exclude = [", ' "a",', ' "b",', "]")).mirrors[0]!;
    expect(layer).toEqual([
      { name: "include", value: "keep", where: "tsync.toml:5" },
      { name: "exclude", value: "a", where: "tsync.toml:7" },
      { name: "exclude", value: "b", where: "tsync.toml:8" },
    ]);
  });

  test("has paths relative to its folder, and ~/ as the home directory", () => {
    const config = read(`
[defaults]
exclude-from = ["rules", "~/rules", "/rules"]
ssh-config = "../ssh"
identity = "~/.ssh/key"
rsync = "bin/rsync"
rsync-path = "bin/rsync"
partial-dir = ".parts"
[[mirror]]
name = "a"
source = "~"
targets = ["../x", "~/y:z", "host:~/x", { to = "./a:b", rsync = "rsync3" }]`);
    expect(config.defaults.map(({ value }) => value)).toEqual([
      "/etc/tsync/rules",
      "/home/ann/rules",
      "/rules",
      "/etc/ssh",
      "/home/ann/.ssh/key",
      "/etc/tsync/bin/rsync",
      "bin/rsync",
      ".parts",
    ]);
    const [mirror] = config.mirrors;
    expect(mirror!.source).toBe("/home/ann");
    expect(mirror!.targets.map(({ to }) => to)).toEqual([
      "/etc/x",
      "/home/ann/y:z",
      "host:~/x",
      "/etc/tsync/a:b",
    ]);
    expect(mirror!.targets[3]!.layer[0]!.value).toBe("rsync3");
  });

  test("may be written with tables of targets and dotted keys", () => {
    const config = read(
      'defaults.settle = 2\n[[mirror]]\nname = "a"\nsource = "/a"\n[[mirror.targets]]\nto = "/b"\nport = 22\n',
    );
    expect(config.defaults).toEqual([{ name: "settle", value: 2, where: "tsync.toml:1" }]);
    expect(config.mirrors[0]!.targets).toEqual([
      { to: "/b", layer: [{ name: "port", value: 22, where: "tsync.toml:7" }] },
    ]);
  });

  test("may have every kind of value", () => {
    const { layer } = read(
      withMirror(
        "backup = false",
        'suffix = "~"',
        'rsync-arg = ["-x", "-y"]',
        'delete = "never"',
        'only = ["create", "move"]',
        'delay = "1.5s"',
        "settle = 0.5",
        "max-size = 1000",
        'min-size = "1K"',
        "bwlimit = 100",
        "port = 65535",
        "identity = []",
      ),
    ).mirrors[0]!;
    const resolved = resolveSettings([layer]);
    if (isFault(resolved)) throw new Error(resolved.toString());
    expect(resolved.settings).toEqual({
      backup: false,
      suffix: "~",
      "rsync-arg": ["-x", "-y"],
      delete: "never",
      only: ["create", "move"],
      delay: 1500,
      settle: 500,
      "max-size": 1000,
      "min-size": 1024,
      bwlimit: 102_400,
      port: 65_535,
      identity: [],
    });
  });

  test("is stronger in a target than in its mirror, and there than in the defaults", () => {
    const config = read(`
[defaults]
settle = "1s"
delay = "1s"
timeout = "1s"
exclude = ["defaults"]
[[mirror]]
name = "a"
source = "/a"
targets = [{ to = "/b", settle = "3s", exclude = ["target"] }]
settle = "2s"
delay = "2s"
exclude = ["mirror"]`);
    const [mirror] = config.mirrors;
    const resolved = resolveSettings([mirror!.targets[0]!.layer, mirror!.layer, config.defaults]);
    if (isFault(resolved)) throw new Error(resolved.toString());
    expect(resolved.settings).toEqual({ settle: 3000, delay: 2000, timeout: 1000 });
    expect(resolved.rules.map(({ text }) => text)).toEqual(["target", "mirror", "defaults"]);
    expect(resolved.origins.get("delay")).toBe("tsync.toml:12");
  });
});

describe("a mistake", () => {
  const mistakes: Record<string, { text: string; says: string }> = {
    "no TOML": { text: "a = ", says: "1:5: this is not valid TOML: Unspecified values are invalid" },
    "a key twice": {
      text: withMirror('delete = "exact"', 'delete = "never"'),
      says: "6:1: this is not valid TOML: Defining a key multiple times is invalid",
    },
    "nothing at all": { text: "", says: "1:1: the file has no [[mirror]]" },
    "no mirror": { text: "mirror = []", says: "1:1: there is no [[mirror]]" },
    "mirror as one table": {
      text: '[mirror]\nname = "x"',
      says: '1:1: mirror is {"name":"x"}, which is not a list of tables: write [[mirror]]',
    },
    "unknown key": {
      text: withMirror('exlude = ["a"]'),
      says: '5:1: unknown key "exlude" in [[mirror]] "www"; did you mean exclude?',
    },
    "unknown key in the defaults": {
      text: `${withMirror()}\n[defaults]\n  max_delay = 1`,
      says: '6:3: unknown key "max_delay" in [defaults]; did you mean max-delay?',
    },
    "unknown key of a target": {
      text: withMirror().replace('["host:/www"]', '["host:/www", { to = "/x", souce = 1 }]'),
      says: '4:38: unknown key "souce" in a target of [[mirror]] "www"',
    },
    "unknown key at the top": {
      text: `mirrors = 1\n${withMirror()}`,
      says: '1:1: unknown key "mirrors"; did you mean mirror?',
    },
    "option at the top": {
      text: `settle = 1\n${withMirror()}`,
      says: '1:1: unknown key "settle"; options stand in [defaults] or [[mirror]]',
    },
    "option of the command line": {
      text: withMirror("dry-run = true"),
      says: '5:1: --dry-run belongs to the command line, it cannot stand in [[mirror]] "www"',
    },
    "key that every object has": {
      text: withMirror("toString = 1"),
      says: '5:1: unknown key "toString" in [[mirror]] "www"',
    },
    "key that is the constructor": {
      text: withMirror("constructor = 1"),
      says: '5:1: unknown key "constructor"',
    },
    "key that is the prototype": { text: withMirror("__proto__ = {}"), says: '5:1: unknown key "__proto__"' },
    "no name": { text: withMirror().replace(/name.*/, ""), says: '1:1: [[mirror]] number 1 has no "name"' },
    "no source": {
      text: withMirror().replace(/source.*/, ""),
      says: '1:1: [[mirror]] "www" has no "source"',
    },
    "no targets": {
      text: withMirror().replace(/targets.*/, ""),
      says: '1:1: [[mirror]] "www" has no "targets"',
    },
    "empty source": {
      text: withMirror().replace('"/www"', '""'),
      says: '3:1: source is "", which is not a directory',
    },
    "NUL in the source": {
      text: withMirror().replace('"/www"', '"a\\u0000"'),
      says: '3:1: source is "a\\u0000", which is not a directory',
    },
    "odd name": {
      text: withMirror().replace('"www"', '"-n"'),
      says: '2:1: name is "-n", which is not a name: no dash in front, no control characters',
    },
    "the same name twice": {
      text: `${withMirror()}\n${withMirror()}`,
      says: '6:1: the mirror "www" is there already, in line 2',
    },
    "empty targets": {
      text: withMirror().replace('["host:/www"]', "[]"),
      says: '4:1: targets is [], which is not a list of destinations like ["host:/path", { to = "/path", delete = "never" }]',
    },
    "targets no list": {
      text: withMirror().replace('["host:/www"]', '"/x"'),
      says: '4:1: targets is "/x", which is not a list of destinations like ["host:/path", { to = "/path", delete = "never" }]',
    },
    "target of another type": {
      text: withMirror().replace('["host:/www"]', '["/x", 3]'),
      says: "4:18: targets is 3, which is not a destination, or a table with to",
    },
    "target without to": {
      text: withMirror().replace('["host:/www"]', "[{ settle = 1 }]"),
      says: '4:12: a target of [[mirror]] "www" has no "to"',
    },
    "wrong destination": {
      text: withMirror().replace('["host:/www"]', '[\n  { to = "@host:/x" }]'),
      says: '5:5: the destination "@host:/x" has an empty user name',
    },
    "defaults no table": {
      text: `defaults = []\n${withMirror()}`,
      says: "1:1: defaults is [], which is not a table",
    },
    "defaults a date": { text: `defaults = 2020-01-01\n${withMirror()}`, says: "1:1: defaults is " },
    "wrong choice": {
      text: withMirror('delete = "trakced"'),
      says: '5:1: delete is "trakced", which is not one of tracked, exact, never, startup, live',
    },
    "wrong time": {
      text: withMirror('settle = "soon"'),
      says: '5:1: settle is "soon", which is not a time like 10ms, 2s, 5m or 1h',
    },
    "negative time": { text: withMirror("settle = -1"), says: "5:1: settle is -1, which is not a time" },
    "wrong size": {
      text: withMirror('max-size = "big"'),
      says: '5:1: max-size is "big", which is not a size',
    },
    "wrong rate": { text: withMirror('bwlimit = "10B"'), says: '5:1: bwlimit is "10B", which is not a rate' },
    "rate that is a table": { text: withMirror("bwlimit = { toString = 1 }"), says: "5:1: bwlimit is {" },
    "count out of range": {
      text: withMirror("port = 65536"),
      says: "5:1: port is 65536, which is not a whole number",
    },
    "count not whole": {
      text: withMirror("port = 1.5"),
      says: "5:1: port is 1.5, which is not a whole number",
    },
    "count not a number": {
      text: withMirror("port = nan"),
      says: "5:1: port is NaN, which is not a whole number",
    },
    "number as a text": {
      text: withMirror('port = "22"'),
      says: '5:1: port is "22": write it without quotes',
    },
    "flag as a text": {
      text: withMirror('backup = "yes"'),
      says: '5:1: backup is "yes": write it without quotes',
    },
    "wrong element of a list": {
      text: withMirror("exclude = [", '  "a",', "  1]"),
      says: "7:3: exclude is 1, which is not a text",
    },
    "wrong element of a set": {
      text: withMirror('only = ["create", "destroy"]'),
      says: '5:19: only is "destroy", which is not one of create, change, delete, move, attributes',
    },
    "empty set": { text: withMirror("only = []"), says: "5:1: only is [], which is not some of" },
    "deep nesting": {
      text: withMirror(`exclude = ${"[".repeat(50)}${"]".repeat(50)}`),
      says: "5:29: values are nested too deeply",
    },
    "very deep nesting": {
      text: `a = ${"[".repeat(200_000)}${"]".repeat(200_000)}`,
      says: "1:1: values are nested too deeply",
    },
  };

  test.each(Object.keys(mistakes))("%s", (name) => {
    const { text, says } = mistakes[name]!;
    expect(problems(text)[0]).toStartWith(says);
  });

  test("does not hide another one; they come in the order of the file", () => {
    const text = `${withMirror('delete = "all"', "exlude = 1", "settle = true")}\n[defaults]\nport = 0`;
    const found = problems(text);
    expect(found.map((one) => one.split(" ")[0])).toEqual(["5:1:", "6:1:", "7:1:", "9:1:"]);
  });

  test("is told once, however many rules it breaks", () => {
    expect(problems(withMirror("port = -0.5"))).toHaveLength(1);
    expect(problems(withMirror("settle = -1e30"))).toHaveLength(1);
  });

  test("is one of at most twenty that are told", () => {
    const found = problems(withMirror(...Array.from({ length: 30 }, (_, at) => `no-such-option-${at} = 1`)));
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toBe(" 10 more problems; correct these first");
  });
});

test("whatever the text is, reading it ends with a value or with faults", () => {
  const names = [...Object.keys(settingOptions), "name", "source", "targets", "to", "mirror", "defaults"];
  const key = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...names) },
    fc.constantFrom("toString", "__proto__", "valueOf", "constructor", "hasOwnProperty"),
    fc.string({ maxLength: 5 }).map((text) => JSON.stringify(text)),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(
        "1",
        "-0.5",
        "nan",
        "inf",
        "true",
        "2020-01-01",
        "10:00:00",
        "99999999999999999999",
        "'x'",
        '""',
      ),
      fc.string({ maxLength: 8, unit: "grapheme" }).map((text) => JSON.stringify(text)),
      fc.array(tie("value"), { maxLength: 3 }).map((values) => `[${values.join(", ")}]`),
      fc
        .array(fc.tuple(key, tie("value")), { maxLength: 3 })
        .map((pairs) => `{${pairs.map((pair) => pair.join(" = ")).join(", ")}}`),
    ),
  }));
  const line = fc.oneof(
    fc.constantFrom(
      "[[mirror]]",
      "[defaults]",
      "[[mirror.targets]]",
      "[mirror]",
      "[[defaults]]",
      "[mirror.targets]",
    ),
    { weight: 4, arbitrary: fc.tuple(key, value).map((pair) => pair.join(" = ")) },
    fc.string({ maxLength: 20 }),
  );
  const option = fc
    .tuple(fc.constantFrom(...Object.keys(settingOptions)), value)
    .map((pair) => pair.join(" = "));
  let valid = 0;
  const text = fc.oneof(
    { weight: 5, arbitrary: fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n")) },
    { weight: 5, arbitrary: fc.array(option, { maxLength: 2 }).map((lines) => withMirror(...lines)) },
    fc.string({ unit: "binary", maxLength: 60 }),
  );
  fc.assert(
    fc.property(text, (content) => {
      const config = readConfigFile(content, place);
      if (config instanceof Faults) {
        expect(config.list.length).toBeGreaterThan(0);
        for (const fault of config.list) expect(fault.message).toMatch(/^tsync\.toml:/);
        return;
      }
      // What was found to be right can be used.
      valid++;
      for (const { layer, targets } of config.mirrors) {
        for (const target of targets)
          expect(isFault(resolveSettings([target.layer, layer, config.defaults]))).toBe(false);
      }
    }),
    { numRuns: 2000 },
  );
  expect(valid).toBeGreaterThan(100);
});

describe("hooks", () => {
  test("a program with a slash is where the file says, one without is searched for", () => {
    const lines = [
      'on-change = ["./hooks/done", "./x"]',
      'on-synced = { run = ["~/bin/x"], wait = true }',
      'on-error = ["mail", "ann"]',
      'on-halt = { run = "./x; y", shell = true }',
      'on-synced-remote = ["./reload"]',
    ];
    const [mirror] = read(withMirror(...lines)).mirrors;
    expect(mirror!.layer.map(({ value }) => value)).toEqual([
      ["/etc/tsync/hooks/done", "./x"],
      { run: ["/home/ann/bin/x"], wait: true },
      ["mail", "ann"],
      { run: "./x; y", shell: true },
      ["./reload"],
    ]);
  });

  test("what is wrong in one is told with its name and place", () => {
    expect(problems(withMirror('on-change = "make it"'))).toEqual([
      expect.stringMatching(/^5:1: on-change is "make it", which is not an array .* write \["make", "it"\]/),
    ]);
    expect(problems(withMirror("[mirror.on-error]", 'run = ["x"]', "tiemout = 3"))).toEqual([
      '5:1: on-error is a table with the unknown key "tiemout"; did you mean timeout?',
    ]);
    expect(problems(withMirror("on_change = []"))).toEqual([
      expect.stringContaining("did you mean on-change?"),
    ]);
    expect(
      problems('[[mirror]]\nname = "a"\nsource = "/a"\ntargets = [{ to = "h:b", on-halt = 3 }]'),
    ).toEqual([expect.stringMatching(/^4:\d+: on-halt is 3, which/)]);
  });

  test("a stronger place replaces one, or takes it away", () => {
    const file = read(
      `[defaults]\non-change = ["a"]\non-halt = ["h"]\n${withMirror('on-change = ["b", "c"]', "on-halt = []")}`,
    );
    const resolved = resolveSettings([file.mirrors[0]!.layer, file.defaults]);
    if (isFault(resolved)) throw new Error(`${resolved}`);
    expect(resolved.settings["on-change"]!.run).toEqual(["b", "c"]);
    expect(resolved.settings["on-halt"]!.run).toEqual([]);
  });
});
