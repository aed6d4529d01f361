/** Whatever is given, the import ends with a tsync.toml that can be read, or with a message. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Fault } from "../../src/core/fault.ts";
import { importFile } from "../../src/import/import.ts";
import { importKinds } from "../../src/import/imported.ts";
import { refusal, take } from "./taken.ts";

/** Pieces from which files of each kind can come about. */
const pieces = fc.constantFrom(
  ...[
    "sync{",
    "settings{",
    "default.rsync",
    "source",
    "=",
    '"/a"',
    "'h:/b'",
    "target",
    ",",
    "}",
    "{",
    "rsync",
    "\n",
  ],
  ...[
    "for i, t in ipairs(x) do ",
    " end ",
    "..",
    "local x ",
    "delete",
    "true",
    "false",
    "3",
    "(",
    ")",
    "-- c\n",
  ],
  ...[
    "wpaths",
    "rpaths",
    "rnodes",
    "rexcludes",
    "extra",
    "[",
    "]",
    ":",
    "+",
    "%",
    '"""',
    "# c\n",
    "-a --delete",
  ],
  ...[
    "pylsyncd ",
    "pirsyncd ",
    "lsyncd -rsync ",
    "-s ",
    "--host ",
    "/a ",
    "h: ",
    "-- ",
    "$X ",
    "| x",
    "\\\n",
  ],
);
const file = fc.oneof(
  fc.array(pieces, { maxLength: 40 }).map((list) => list.join(" ")),
  fc.string({ unit: "binary" }),
);

describe("importFile", () => {
  test("ends with a file that can be read or with a fault, whatever it is given", () => {
    const kind = fc.constantFrom(null, ...importKinds);
    fc.assert(
      fc.property(file, kind, (text, from) => {
        const result = importFile(new TextEncoder().encode(text), from);
        if (result instanceof Fault) expect(result.code).toBe("usage");
        else expect(Bun.TOML.parse(result.toml)).toHaveProperty("mirror");
      }),
      { numRuns: 3_000 },
    );
  });

  test("finds out what it has", () => {
    const lua = "-- wpaths\nsettings {\n insist = true }\nsync {default.rsync,source='/a',target='/b'}";
    const python = "# will sync (and delete)\nwpath='/a/'\nrnodes=['/b']";
    for (const [text, kind] of [
      [lua, "lsyncd"],
      [lua.replaceAll("\n", "\r\n"), "lsyncd"],
      [python, "inosync"],
      ["# sync (all)\npylsyncd /a/./ b:", "pylsyncd"],
      ["pirsyncd -f", "pirsyncd"],
      ["lsyncd -rsync /a /b", "lsyncd"],
    ] as const)
      expect(take(text).toml).toStartWith(`# Taken over from ${kind} `);
  });

  test("files that are too large, too deep or not text are refused", () => {
    expect(refusal(" ".repeat(1024 * 1024 + 1))).toContain("too large");
    expect(refusal(`x = ${"[".repeat(100_000)}`, "inosync")).toMatch(/nested too deeply|nothing to mirror/);
    expect(refusal(`x = ${"{".repeat(100_000)}`, "lsyncd")).toMatch(/nested too deeply|not valid Lua/);
    const latin1 = Buffer.from(`sync{ default.rsync, source="/\xff", target="/b" }`, "latin1");
    const result = importFile(latin1, null);
    expect(String(result)).toContain("source is a string that is not UTF-8");
  });

  test("a large file is read in reasonable time", () => {
    const started = performance.now();
    take(`wpath='/a/'\nrnodes=['/b']\n${"x = ['y', 'z']\nfoo()\n".repeat(20_000)}`);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
