/** Configurations that are programs (tsync.config.ts), through the compiled program. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { type Running, runProcess, startProcess, waitUntil } from "../helpers/process.ts";
import { namesIn } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place } from "../helpers/tsync.ts";

let place: Place;
let running: Running | null = null;
beforeEach(() => {
  place = makePlace();
  put("a.txt");
  put("b.log");
  mkdirSync(from("d"));
  put("d/c.log");
  put("d/e.txt");
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
});

const at = (name: string) => join(place.folder, name);
const from = (path: string) => join(place.source, path);
const put = (path: string, content = path) => writeFileSync(from(path), content);
const write = (text: string, name = "tsync.config.ts") => writeFileSync(at(name), text);

/** A configuration with one mirror that says `more` as well. */
const simple = (more = "") =>
  `import { defineConfig } from "tsync";
export default defineConfig({
  mirror: [{ name: "www", source: "source", targets: ["target"], ${more} }],
});`;

async function run(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  await outliveRaces();
  return runProcess([binary, ...args], {
    cwd: options.cwd ?? place.folder,
    env: { ...place.env, ...options.env },
  });
}
const sync = (...args: string[]) => run(["sync", "--config", "tsync.config.ts", ...args]);

describe("it", () => {
  test("computes mirrors, with types, imports and promises", async () => {
    write("export const names: readonly string[] = ['one', 'two'];", "names.ts");
    write(`import { hostname } from "node:os";
import { defineConfig, type Config } from "tsync";
import { names } from "./names";
export default defineConfig(async (): Promise<Config> => {
  await new Promise((done) => setTimeout(done, 10));
  return {
    defaults: { settle: 5, exclude: hostname() === "" ? [] : ["*.log"], delete: undefined },
    mirror: names.map((name) => ({ name, source: "source", targets: [{ to: \`out/\${name}\`, chmod: "F600" }] })),
  };
});`);
    const { code, stderr } = await sync();
    expect({ code, stderr }).toEqual({ code: exitOk, stderr });
    for (const name of ["one", "two"]) expect(namesIn(at(`out/${name}`))).toEqual(["a.txt", "d"]);
    const shown = await run(["config", "show", "--config", "tsync.config.ts", "two"]);
    expect(shown.stdout).toContain(`mirror two: ${place.source} -> ${at("out/two")}`);
    expect(shown.stdout).toMatch(
      /exclude +"\\*\\.log" +tsync\.config\.ts: defaults\.exclude\[0\]|exclude +"\*\.log"/,
    );
    expect(shown.stdout).toMatch(/chmod +"F600" +tsync\.config\.ts: mirror\[1\]\.targets\[0\]\.chmod/);
  });

  test.each(["tsync.config.js", "c.mjs", "c.mts"])("may be called %s", async (name) => {
    write('export default { mirror: [{ name: "www", source: "source", targets: ["target"] }] };', name);
    expect((await run(["sync", "--config", name])).code).toBe(exitOk);
    expect(namesIn(place.target)).toEqual(["a.txt", "b.log", "d"]);
  });

  test("has commands as targets", async () => {
    write(simple().replace('["target"]', '[{ exec: ["./push"], name: "bucket" }]'));
    write("#!/bin/sh\ncat >>told", "push");
    chmodSync(at("push"), 0o755);
    expect((await sync()).code).toBe(exitOk);
    expect(readFileSync(from("told"), "utf8")).toContain('"target":"bucket"');
  });

  test("is run from the file that is named alone: nothing around it, or in the source, is", async () => {
    const canary = `require("node:fs").writeFileSync(${JSON.stringify(at("canary"))}, "")`;
    for (const folder of [place.folder, place.source]) {
      writeFileSync(join(folder, "bunfig.toml"), 'preload = ["./preload.ts"]');
      writeFileSync(join(folder, "preload.ts"), canary);
      writeFileSync(join(folder, ".env"), "TSYNC_DELETE=exact");
      writeFileSync(
        join(folder, "tsconfig.json"),
        '{"compilerOptions":{"paths":{"tsync":["./preload.ts"]}}}',
      );
      mkdirSync(join(folder, "node_modules/tsync"), { recursive: true });
      writeFileSync(join(folder, "node_modules/tsync/index.js"), canary);
    }
    writeFileSync(from("tsync.config.ts"), canary);
    write(simple());
    expect((await run(["sync", "--config", at("tsync.config.ts")], { cwd: place.source })).code).toBe(exitOk);
    // Not even where configurations are searched for.
    mkdirSync(at("config/tsync"), { recursive: true });
    for (const name of ["tsync.config.ts", "config.ts"]) write(canary, `config/tsync/${name}`);
    const env = { XDG_CONFIG_HOME: at("config") };
    expect((await run(["sync"], { cwd: place.source, env })).code).toBe(exitCodes.usage);
    expect(existsSync(at("canary"))).toBe(false);
  });
});

describe("a filter function", () => {
  test("leaves out what it says no to, beside the rules, live", async () => {
    write(
      simple(
        'filter: ["- a.*", (path, info) => info.kind === "directory" ? path !== "no" : info.size < 100]',
      ),
    );
    mkdirSync(from("no/deep"), { recursive: true });
    put("no/deep/file");
    running = startProcess([binary, "watch", "--config", at("tsync.config.ts")], { env: place.env });
    await running.waitFor(/in sync/, 30_000, "stderr");
    expect(namesIn(place.target)).toEqual(["b.log", "d"]);
    put("large", "x".repeat(100));
    put("no/deep/other");
    put("small");
    await waitUntil(() => existsSync(join(place.target, "small")), 10_000);
    expect(namesIn(place.target)).toEqual(["b.log", "d", "small"]);
    // What is left out now stays as it is there; what is gone goes.
    put("small", "y".repeat(200));
    rmSync(from("b.log"));
    renameSync(from("no/deep/file"), from("moved"));
    await waitUntil(() => namesIn(place.target).join() === "d,moved,small", 10_000);
    expect(readFileSync(join(place.target, "small"), "utf8")).toBe("small");
  });

  test("holds for what is on the target too: what it leaves out is not deleted, unless that is asked for", async () => {
    const filter = 'filter: (path) => !path.startsWith("d"), delete: "exact"';
    mkdirSync(join(place.target, "d"), { recursive: true });
    for (const name of ["d/theirs", "theirs"]) writeFileSync(join(place.target, name), "");
    write(simple(filter));
    expect((await sync()).code).toBe(exitOk);
    expect(namesIn(place.target)).toEqual(["a.txt", "b.log", "d"]);
    expect(namesIn(join(place.target, "d"))).toEqual(["theirs"]);
    const verified = await run(["verify", "--config", "tsync.config.ts"]);
    expect(verified).toMatchObject({ code: exitOk, stdout: "" });
    // Of a mirror that had it before.
    write(simple());
    expect((await sync()).code).toBe(exitOk);
    expect(namesIn(join(place.target, "d"))).toContain("e.txt");
    write(simple(`filter: (path) => !path.endsWith(".log"), "delete-excluded": true`));
    expect((await sync()).code).toBe(exitOk);
    expect(namesIn(place.target)).toEqual(["a.txt", "d"]);
    expect(namesIn(join(place.target, "d"))).not.toContain("c.log");
  });

  test("each target may have its own", async () => {
    write(`export default { mirror: [{ name: "www", source: "source", targets: [
      { to: "one", filter: (path) => path !== "a.txt" }, { to: "two", filter: (path) => path !== "b.log" }],
      filter: (path) => path !== "d" }] };`);
    running = startProcess([binary, "watch", "--config", at("tsync.config.ts")], { env: place.env });
    await running.waitFor(/in sync(?:.*\n)*.*in sync/, 30_000, "stderr");
    expect(namesIn(at("one"))).toEqual(["b.log"]);
    expect(namesIn(at("two"))).toEqual(["a.txt"]);
    put("d/new");
    put("new");
    await waitUntil(() => existsSync(at("one/new")) && existsSync(at("two/new")), 10_000);
    expect([namesIn(at("one")), namesIn(at("two"))]).toEqual([
      ["b.log", "new"],
      ["a.txt", "new"],
    ]);
  });

  test("that fails, or gives no answer, leaves out, and is told once for each reason", async () => {
    write(
      simple(`filter: (path) => {
      if (path === "a.txt") throw new Error("cursed");
      if (path.endsWith(".log")) return undefined;
      return path !== "d/e.txt" || Promise.reject(new Error("late"));
    }`),
    );
    const { code, stderr } = await sync();
    expect(code).toBe(exitOk);
    expect(namesIn(place.target)).toEqual(["d"]);
    expect(namesIn(join(place.target, "d"))).toEqual([]);
    const where = "filter (tsync.config.ts: mirror[0].filter)";
    expect(stderr).toContain(
      `warning: ${where} threw Error: cursed for "a.txt"; what it has no answer to is left out`,
    );
    expect(stderr).toContain(`${where} gave a promise in place of true or false for "d/e.txt"`);
    expect(stderr.match(/gave undefined/g)).toHaveLength(1);
  });
});

describe("what is wrong with it", () => {
  const one = (more: string) =>
    `export default { mirror: [{ name: "a", source: "source", targets: ["out"], ${more} }] };`;
  test.each([
    ["export default {\n  mirror: [", "tsync.config.ts:2:11: Unexpected end of file"],
    ['\nthrow new Error("boom");', "tsync.config.ts:2:11: it threw Error: boom"],
    ['export default () => { throw "plain" };', "tsync.config.ts: it threw plain"],
    ["export default async () => { null.x };", "it threw TypeError"],
    ["export default 5;", "tsync.config.ts: the export is a number, not an object like { mirror: [...] }"],
    ["export default () => () => ({});", "tsync.config.ts: the export is a function, not an object"],
    ["export const config = {};", "tsync.config.ts has no default export; write export default defineConfig"],
    ["export default {};", "the file has no [[mirror]]"],
    [
      'import { nope } from "tsync"; export default nope;',
      "Export named 'nope' not found in module 'tsync'.",
    ],
    ['import x from "no-such-package"; export default x;', "Cannot find package 'no-such-package'"],
    ['import x from "./missing"; export default x;', "missing"],
    ['import x from "./wrong"; export default x;', "wrong.ts:1:10: Unexpected ="],
    [
      one('delete: "exat"'),
      'tsync.config.ts: mirror[0].delete: delete is "exat", which is not one of tracked',
    ],
    [
      one("setle: 1"),
      'tsync.config.ts: mirror[0].setle: unknown key "setle" in [[mirror]] "a"; did you mean settle?',
    ],
    [
      one("settle: null"),
      "tsync.config.ts: mirror[0].settle: settle is null, which is no value of a configuration",
    ],
    [one("settle: 1n"), "settle is a bigint"],
    [one("settle: () => 1"), "settle is a function"],
    [one("exclude: new Set()"), "exclude is an object of the class Set"],
    [one("filter: async () => true"), "filter is an async function: it must answer at once"],
    [one('["__proto__"]: {}'), 'mirror[0].__proto__: unknown key "__proto__"'],
    [one("get settle() { throw 1 }"), "tsync.config.ts: cannot be read: 1"],
    [
      "const mirror: unknown[] = []; mirror.push({ mirror }); export default { mirror };",
      "values are nested too deeply",
    ],
    [`${one("")}`.replace("]", '"], ["out"]'), "tsync.config.ts:1:"],
    [
      one("").replace('"out"', '{ exec: "push" }'),
      'mirror[0].targets[0].exec: exec is "push", which is not a list of texts',
    ],
    [
      `const m = { name: "a", source: "source", targets: ["out"] }; export default { mirror: [m, m] };`,
      'tsync.config.ts: mirror[1].name: the mirror "a" is there already, in mirror[0].name',
    ],
  ])("%s", async (text, says) => {
    write("const a: = 1;", "wrong.ts");
    write(text);
    const { code, stderr, stdout } = await sync();
    expect(stderr).toContain(says);
    expect(stderr).not.toContain("internal error");
    expect({ code, stdout }).toEqual({ code: exitCodes.usage, stdout: "" });
    expect(existsSync(at("out"))).toBe(false);
  });

  test("it never comes to an end", async () => {
    write("await new Promise(() => {}); export default 1;");
    const { code, stderr } = await sync();
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain("tsync.config.ts has said nothing for 10 s");
  });

  test("it is missing, or everybody may write to it", async () => {
    expect((await sync()).stderr).toContain("the configuration file tsync.config.ts does not exist");
    write(`require("node:fs").writeFileSync("canary", "");${simple()}`);
    chmodSync(at("tsync.config.ts"), 0o666);
    const { code, stderr } = await sync();
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain("everybody may write to it, and it can make tsync run programs");
    expect(existsSync(at("canary"))).toBe(false);
  });
});

test("a reload runs it anew, with what it imports; a broken one leaves the old in force", async () => {
  write('export const ending = ".log";', "ending.ts");
  write(`import { ending } from "./ending";\n${simple("filter: (path) => !path.endsWith(ending)")}`);
  running = startProcess([binary, "watch", "--config", at("tsync.config.ts")], { env: place.env });
  await running.waitFor(/in sync/, 30_000, "stderr");
  expect(namesIn(place.target)).toEqual(["a.txt", "d"]);
  const good = readFileSync(at("tsync.config.ts"), "utf8");
  write(`${good}"`);
  running.signal("SIGHUP");
  await running.waitFor(/tsync\.config\.ts:\d+:\d+: Unterminated string literal/);
  put("still.txt");
  await waitUntil(() => existsSync(join(place.target, "still.txt")), 10_000);
  write('export const ending = ".txt";', "ending.ts");
  write(good);
  running.signal("SIGHUP");
  await running.waitFor(/configuration read again/);
  await waitUntil(() => existsSync(join(place.target, "b.log")), 10_000);
});

test("tsync config types: the types that editors need, which fit what is right and find what is wrong", async () => {
  const { code, stdout } = await run(["config", "types"]);
  expect(code).toBe(exitOk);
  write(stdout, "tsync.d.ts");
  const check = async (text: string) => {
    write(`/// <reference path="./tsync.d.ts" />\n${text}`);
    const tsc = join(import.meta.dir, "../../node_modules/.bin/tsc");
    const flags = ["--noEmit", "--strict", "--target", "esnext", "--module", "preserve", "--types", ""];
    return (await runProcess([tsc, ...flags, "tsync.config.ts"], { cwd: place.folder })).stdout;
  };
  expect(
    await check(
      simple(
        'delete: "exact", settle: "5ms", "max-size": 10, filter: (path, info) => path.length > info.size',
      ),
    ),
  ).toBe("");
  expect(
    await check(
      simple().replace('["target"]', '[{ exec: ["a"], format: "nul", moves: false, timeout: "60s" }]'),
    ),
  ).toBe("");
  expect(
    await check(
      'import { defineConfig } from "tsync"; export default defineConfig(async () => ({ mirror: [] }));',
    ),
  ).toBe("");
  for (const wrong of [
    'delete: "exat"',
    "setle: 1",
    "filter: (path) => path.lenght > 1",
    "filter: () => 1",
    "port: true",
  ])
    expect(await check(simple(wrong))).toContain("error TS");
}, 60_000);

describe("a hook that is a function", () => {
  const facts = () =>
    readFileSync(at("facts"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("is given the facts, and waited for", async () => {
    write(`import { appendFileSync } from "node:fs";
${simple(`"on-synced": async (facts) => {
      await new Promise((done) => setTimeout(done, 200));
      appendFileSync("facts", JSON.stringify(facts) + "\\n");
    }`)}`);
    const { code, stderr } = await sync();
    expect([code, stderr]).toEqual([exitOk, expect.stringContaining("is in sync")]);
    expect(facts()).toMatchObject([{ event: "synced", mirror: "www", sent: 4, directories: 1 }]);
  });

  test("may throw, reject or hang: that is told, and holds up nothing", async () => {
    write(`export default { mirror: [{ name: "www", source: "source", targets: ["target"],
      "on-change": () => { throw new RangeError("too far"); },
      "on-synced": { run: () => new Promise(() => {}), timeout: "300ms" } }] };`);
    const { code, stderr } = await sync();
    expect(code).toBe(exitOk);
    expect(stderr).toContain("on-change: it threw RangeError: too far");
    expect(stderr).toMatch(/on-synced: it did not end within 0\.3 s, and is not waited for any more/);
    expect(namesIn(at("target"))).toHaveLength(3);
  });

  test("is taken over by a reload, as everything else is that changed", async () => {
    const config = (text: string) =>
      `import { appendFileSync } from "node:fs";
${simple(`"on-change": () => appendFileSync("said", "${text}\\n"), exclude: ["${text}.*"]`)}`;
    write(config("one"));
    running = startProcess([binary, "watch", "--config", "tsync.config.ts"], {
      cwd: place.folder,
      env: place.env,
    });
    await running.waitFor(/in sync/, 20_000, "stderr");
    put("one.x");
    put("two.x");
    await waitUntil(() => existsSync(at("target/two.x")), 10_000);
    write(config("two"));
    expect((await run(["reload"])).code).toBe(exitOk);
    await waitUntil(() => existsSync(at("target/one.x")), 10_000);
    await waitUntil(() => readFileSync(at("said"), "utf8").endsWith("two\n"), 10_000);
  });

  test.each([
    ['"on-synced-remote": () => {}', "is a function, which cannot be run on the target's host"],
    ['"on-change": { run: () => {}, timeout: "soon" }', 'timeout is "soon"'],
    ['"on-change": { run: () => {}, often: true }', 'the unknown key "often"'],
  ])("%s", async (more, says) => {
    write(simple(more));
    const { code, stderr } = await sync();
    expect([code, stderr]).toEqual([exitCodes.usage, expect.stringContaining(says)]);
    expect(existsSync(at("target"))).toBe(false);
  });
});
