/** The configuration file, `tsync config` and `tsync check`, through the compiled program. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { runProcess, startProcess, tempDir } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, snapshot } from "../helpers/trees.ts";
import { binary, makePlace, type Place } from "../helpers/tsync.ts";

let place: Place;
let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());
beforeEach(() => {
  place = makePlace();
  for (const name of ["one", "two"]) {
    mkdirSync(join(place.folder, name));
    writeFileSync(join(place.folder, name, `file of ${name}`), name);
  }
});

const at = (name: string) => join(place.folder, name);

/** Writes `text` into a file of the place's folder. */
function write(text: string, name = "tsync.toml"): string {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
  return name;
}

function run(args: string[], env: Record<string, string | undefined> = {}) {
  return runProcess([binary, ...args], {
    cwd: place.folder,
    env: { ...place.env, XDG_CONFIG_HOME: at("no-config"), ...env },
  });
}

/** Two mirrors with three targets, one of them behind ssh. */
const twoMirrors = () => `
[defaults]
ssh-config = "${sshd.configFile}"
[[mirror]]
name = "first"
source = "one"
targets = ["out/one", { to = "testhost:${at("out/remote")}", settle = "20ms" }]
[[mirror]]
name = "second"
source = "two"
targets = ["out/two"]
`;

const simple = (more = "") => `[[mirror]]\nname = "first"\nsource = "one"\ntargets = ["out"]\n${more}`;

describe("tsync sync", () => {
  test("runs all mirrors of a file, and says of which it speaks", async () => {
    const { code, stderr, stdout } = await run(["sync", "--config", write(twoMirrors()), "--json"]);
    expect({ code, stderr }).toEqual({ code: exitOk, stderr });
    for (const [source, target] of [
      ["one", "out/one"],
      ["one", "out/remote"],
      ["two", "out/two"],
    ])
      expect(diffTrees(at(source!), at(target!))).toEqual([]);
    expect(stderr).toMatch(/^tsync: first: .*out\/one is in sync/m);
    expect(stderr).toMatch(/^tsync: first: testhost:.*out\/remote is in sync/m);
    expect(stderr).toMatch(/^tsync: second: .*out\/two is in sync/m);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.every(({ mirror, target }) => (mirror === "second") === target.endsWith("two"))).toBe(true);
  });

  test("runs those that are named, and one alone without its name in front", async () => {
    const file = write(twoMirrors());
    const { code, stderr } = await run(["sync", "--config", file, "second"]);
    expect(code).toBe(exitOk);
    expect(stderr).toContain(`tsync: ${at("out/two")} is in sync`);
    expect(stderr).not.toContain("second");
    expect(diffTrees(at("two"), at("out/two"))).toEqual([]);
    expect(snapshot(at("out")).size).toBe(snapshot(at("two")).size + 1);
  });

  test("a name that is not there is an error", async () => {
    const file = write(twoMirrors());
    const { code, stderr } = await run(["sync", "--config", file, "frist"]);
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain('tsync.toml has no mirror "frist"; did you mean first?');
    expect((await run(["sync", "--config", file, "one", "out/x"])).stderr).toContain(
      "there are: first, second",
    );
  });

  test("uses the file of the user without --config and SRC, and not with SRC", async () => {
    write(simple('exclude = ["x"]\nsource-typo = 1').replace("one", at("one")), "config/tsync/config.toml");
    const env = { XDG_CONFIG_HOME: at("config") };
    const wrong = await run(["sync"], env);
    expect(wrong.code).toBe(exitCodes.usage);
    expect(wrong.stderr).toContain(`${at("config/tsync/config.toml")}:6:1: unknown key "source-typo"`);
    expect((await run(["sync", "one", "out/a"], env)).code).toBe(exitOk);
    write(simple(), "config/tsync/config.toml");
    mkdirSync(at("config/tsync/one"));
    expect((await run(["sync"], env)).code).toBe(exitOk);
    expect(snapshot(at("config/tsync/out")).size).toBe(snapshot(at("config/tsync/one")).size);
  });

  test("a tsync.toml that nobody named is not read", async () => {
    write(simple());
    const { code, stderr } = await run(["sync"]);
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain("SRC and DEST are missing");
    expect(stderr).toContain(at("no-config/tsync/config.toml"));
  });

  test("flags are stronger than the environment, and that than the file", async () => {
    const target = '{ to = "out", nice = 3 }';
    const file = write(
      `[defaults]\ndelay = "1s"\nsettle = "1s"\ntimeout = "1s"\nnice = 1\nparallel = 1\n` +
        simple('delay = "2s"\nnice = 2\nparallel = 2').replace('"out"', target),
    );
    const args = ["config", "show", "--json", "--config", file, "--settle", "4s"];
    const { stdout } = await run(args, { TSYNC_SETTLE: "3s", TSYNC_DELAY: "3s" });
    const { options } = JSON.parse(stdout);
    const shown = (name: string) => options.find(({ option }: { option: string }) => option === name);
    expect(shown("settle")).toEqual({ option: "settle", value: "4s", from: "--settle" });
    expect(shown("delay")).toEqual({ option: "delay", value: "3s", from: "TSYNC_DELAY" });
    expect(shown("timeout")).toEqual({ option: "timeout", value: "1s", from: "tsync.toml:4" });
    // And a target's own is stronger than its mirror's, that than the defaults.
    expect(shown("nice")).toEqual({ option: "nice", value: 3, from: "tsync.toml:10" });
    expect(shown("parallel")).toEqual({ option: "parallel", value: 2, from: "tsync.toml:13" });
    expect(shown("max-delay")).toEqual({ option: "max-delay", value: "1s", from: "default" });
  });
});

describe("a file that is wrong", () => {
  interface Mistake {
    text: string;
    code?: number;
    says: (RegExp | string)[];
  }
  const two = (first: string, second: string) =>
    `[[mirror]]\nname = "a"\n${first}\n[[mirror]]\nname = "b"\n${second}\n`;
  const mistakes: Record<string, Mistake> = {
    "several mistakes": {
      text: simple('delete = "all"\nexlude = 1'),
      says: [
        /^tsync: error: tsync\.toml:5:1: delete is "all"/m,
        /^tsync: error: tsync\.toml:6:1: unknown key/m,
      ],
    },
    "no TOML": { text: "[[mirror]", says: [/tsync\.toml:1:\d+: this is not valid TOML/] },
    contradiction: {
      text: simple('inplace = true\npartial-dir = "p"'),
      says: ["inplace (tsync.toml:5) and partial-dir (tsync.toml:6) contradict each other"],
    },
    "the second source is missing": {
      text: two('source = "one"\ntargets = ["x"]', 'source = "nowhere"\ntargets = ["y"]'),
      code: exitCodes.source,
      says: [/mirror "b": the source .*nowhere does not exist; /],
    },
    "both sources are missing": {
      text: two('source = "no"\ntargets = ["x"]', 'source = "nowhere"\ntargets = ["y"]'),
      code: exitCodes.source,
      says: [/mirror "a": /, /mirror "b": /],
    },
    "overlapping targets": {
      text: two('source = "one"\ntargets = ["x"]', 'source = "two"\ntargets = ["link/x/y"]'),
      says: [/the target .*\/x of mirror "a".* and the target .*\/link\/x\/y of mirror "b".* overlap; /],
    },
    "a circle": {
      text: two('source = "one"\ntargets = ["two/x"]', 'source = "two"\ntargets = ["one/y"]'),
      says: [/the mirrors go in a circle/],
    },
    "not UTF-8": { text: "\xff", says: [/cannot read the configuration file tsync\.toml: it is not UTF-8/] },
  };

  test.each(Object.keys(mistakes))("%s: nothing is touched", async (name) => {
    const { text, code = exitCodes.usage, says } = mistakes[name]!;
    symlinkSync(".", at("link"));
    write(text);
    if (text === "\xff") writeFileSync(at("tsync.toml"), Buffer.from([0xff]));
    const before = snapshot(place.folder);
    for (const command of ["sync", "watch"]) {
      const result = await run([command, "--config", "tsync.toml"]);
      for (const pattern of says) expect(result.stderr).toMatch(pattern);
      expect(result.stderr.trimEnd().split("\n")).toHaveLength(says.length);
      expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "" });
    }
    expect(diffTrees(before, place.folder)).toEqual([]);
  });

  test("one that everybody may write to is refused", async () => {
    chmodSync(at(write(simple())), 0o666);
    const { code, stderr } = await run(["sync", "--config", "tsync.toml"]);
    expect(code).toBe(exitCodes.usage);
    expect(stderr).toContain("tsync.toml: everybody may write to it");
    expect(stderr).toContain("chmod o-w tsync.toml");
  });

  test("one that has no end, and one that comes through a pipe", async () => {
    const { code, stderr } = await run(["check", "--config", "/dev/zero"]);
    expect({ code, stderr }).toMatchObject({
      code: exitCodes.usage,
      stderr: expect.stringContaining("larger than 1 MiB"),
    });
    write(simple());
    const command = `cat tsync.toml | '${binary}' config show --config /dev/stdin`;
    expect((await runProcess(["sh", "-c", command], { cwd: place.folder, env: place.env })).code).toBe(
      exitOk,
    );
  });

  test("one that does not exist, or is a directory", async () => {
    expect((await run(["sync", "--config", "none.toml"])).stderr).toContain("none.toml does not exist");
    const { code, stderr } = await run(["sync", "--config", "one"]);
    expect(stderr).toMatch(/cannot read the configuration file one: .*directory/);
    expect(code).toBe(exitCodes.usage);
  });
});

test("tsync watch follows all mirrors of a file, a chain of them too", async () => {
  const file = write(`
[[mirror]]
name = "a"
source = "one"
targets = ["two/copy"]
[[mirror]]
name = "b"
source = "two"
targets = ["three"]`);
  const running = startProcess([binary, "watch", "--config", file], { cwd: place.folder, env: place.env });
  await running.waitFor(/b: .*three is in sync/, 30_000, "stderr");
  await running.waitFor(/a: .*copy is in sync/, 30_000, "stderr");
  writeFileSync(at("one/new"), "through two mirrors");
  const end = performance.now() + 15_000;
  let content = "";
  while (content === "" && performance.now() < end) {
    await Bun.sleep(20);
    try {
      content = readFileSync(at("three/copy/new"), "utf8");
    } catch {}
  }
  expect(content).toBe("through two mirrors");
  running.signal("SIGTERM");
  expect(await running.exit).toBe(exitOk);
}, 60_000);

describe("tsync config", () => {
  test("show prints each option of each target, aligned, with its place", async () => {
    const file = write(twoMirrors().replace("[defaults]", '[defaults]\nexclude = ["*.tmp"]'));
    const { code, stdout } = await run(["config", "show", "--config", file, "first", "-z"]);
    expect(code).toBe(exitOk);
    const lines = stdout.trimEnd().split("\n");
    const headings = lines.filter((line) => !line.startsWith(" "));
    expect(headings).toEqual([
      `mirror first: ${at("one")} -> ${at("out/one")}`,
      `mirror first: ${at("one")} -> testhost:${at("out/remote")}`,
    ]);
    expect(stdout).toMatch(/^ {2}exclude +"\*\.tmp" +tsync\.toml:3$/m);
    expect(stdout).toMatch(/^ {2}compress +true +-z$/m);
    expect(stdout).toMatch(/^ {2}delete +"tracked" +default$/m);
    expect(stdout).toMatch(/^ {2}settle +"5ms" +default$/m);
    expect(stdout).toMatch(/^ {2}settle +"20ms" +tsync\.toml:8$/m);
    const firsts = lines.slice(1, lines.indexOf(headings[1]!));
    const starts = new Set(firsts.map((line) => line.search(/(default|tsync\.toml:\d+|-z)$/)));
    expect(starts.size).toBe(1);
  });

  test("show works with SRC and DEST, and touches nothing", async () => {
    const before = snapshot(place.folder);
    const { code, stdout } = await run(["config", "show", "nowhere", "host:x", "--exclude", "a b"]);
    expect(code).toBe(exitOk);
    expect(stdout).toStartWith("nowhere -> host:x\n");
    expect(stdout).toMatch(/exclude +"a b" +--exclude/);
    expect(diffTrees(before, place.folder)).toEqual([]);
  });

  test("schema prints the schema", async () => {
    const { code, stdout } = await run(["config", "schema"]);
    expect(code).toBe(exitOk);
    expect(stdout).toBe(readFileSync(join(import.meta.dir, "../../src/config/schema.json"), "utf8"));
  });

  test.each([[["config"]], [["config", "shwo"]], [["config", "schema", "x"]]])(
    "%p is wrong",
    async (args) => {
      const { code, stderr, stdout } = await run(args);
      expect({ code, stdout }).toEqual({ code: exitCodes.usage, stdout: "" });
      expect(stderr).toContain("tsync config schema, tsync config types, or tsync config show [SRC DEST…]");
    },
  );
});

describe("tsync check", () => {
  test("says of each part that it is well, and changes nothing", async () => {
    const file = write(twoMirrors());
    const before = snapshot(place.folder);
    const { code, stdout, stderr } = await run(["check", "--config", file]);
    expect({ code, stderr }).toEqual({ code: exitOk, stderr: "" });
    expect(diffTrees(before, place.folder)).toEqual([]);
    for (const line of [
      `ok       first: source ${at("one")}: can be read`,
      `ok       second: source ${at("two")}: can be read`,
      `ok       rsync here: ${Bun.which("rsync")}`,
      `ok       file ${sshd.configFile}: can be read`,
      `ok       first: target ${at("out/one")}: can be made in ${place.folder}`,
      `ok       first: target testhost:${at("out/remote")}: rsync is there, and the directory can be made in ${place.folder}`,
      `ok       second: target ${at("out/two")}: can be made in ${place.folder}`,
    ])
      expect(stdout.split("\n")).toContain(line);
    expect(stdout).toMatch(/^ok {7}directories to watch: 2 of at most [\d,]+ for this user$/m);
    mkdirSync(at("out/one"), { recursive: true });
    mkdirSync(at("out/remote"));
    const again = await run(["check", "--config", file]);
    expect(again.stdout).toContain("out/one: can be written\n");
    expect(again.stdout).toContain("out/remote: rsync is there, and the directory can be written\n");
  });

  test("tells every problem, and exits as the first of them", async () => {
    writeFileSync(at("file"), "");
    const file = write(`
[[mirror]]
name = "a"
source = "nowhere"
targets = ["file/x", "testhost:${at("file/x")}", "two"]
ssh-config = "${sshd.configFile}"
exclude-from = ["no-rules", "one"]
rsync = "no-rsync"
[[mirror]]
name = "b"
source = "two"
targets = ["two/inside"]`);
    const { code, stdout } = await run(["check", "--config", file]);
    expect(code).toBe(exitCodes.source);
    const errors = stdout.split("\n").filter((line) => line.startsWith("error"));
    for (const [index, pattern] of [
      /a: source .*nowhere: the source .* does not exist; check the path/,
      /b: target .*two\/inside: .* is inside the source; /,
      /rsync here: no-rsync is not installed here; install it, or name it with --rsync/,
      /file .*no-rules: exclude-from \(tsync\.toml:7\) names a file that cannot be read/,
      /file .*one: exclude-from \(tsync\.toml:7\) names a directory/,
      /a: target .*file\/x: cannot write to .*file\/x: .*file is not a directory; choose another place/,
      /a: target testhost:.*file\/x: cannot write to .*: .*file is not a directory; choose another place/,
    ].entries())
      expect(errors[index]).toMatch(pattern);
    expect(errors).toHaveLength(7);
    const json = await run(["check", "--config", file, "--json"]);
    const findings = json.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(findings[0]).toMatchObject({ level: "error", mirror: "a", code: "source" });
    expect(findings.filter(({ level }) => level === "error")).toHaveLength(7);
  });

  test("finds a circle", async () => {
    const file = write(`[[mirror]]
name = "a"
source = "one"
targets = ["two/x"]
[[mirror]]
name = "b"
source = "two"
targets = ["one/y"]`);
    const { code, stdout } = await run(["check", "--config", file]);
    expect(code).toBe(exitCodes.usage);
    expect(stdout).toMatch(/^error {4}mirrors: the mirrors go in a circle/m);
  });

  test("finds a directory that must not be written", async () => {
    mkdirSync(at("closed"));
    chmodSync(at("closed"), 0o555);
    chmodSync(place.folder, 0o755);
    const args = [binary, "check", at("one"), at("closed/x")];
    const asUser = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const isRoot = process.getuid?.() === 0;
    const { code, stdout } = await runProcess(isRoot ? [...asUser, ...args] : args, {
      env: { ...place.env, HOME: place.folder },
    });
    expect(stdout).toMatch(/^error {4}target .*closed\/x: cannot write to .*: .*[Pp]ermission denied/m);
    expect(code).toBe(exitCodes.target);
  });

  test("finds a host without rsync, and one that does not know us", async () => {
    const bin = tempDir("tsync-bin-");
    await runProcess(["busybox", "--install", "-s", bin]);
    const bare = await startSshd({ extraConfig: [`SetEnv PATH=${bin} HOME=${bin}`] });
    try {
      const args = ["check", "one", "testhost:", "-F", bare.configFile];
      const { code, stdout } = await run(args);
      expect(stdout).toMatch(
        /^error {4}target testhost:: rsync is not installed on .*; install it there, or name it with --rsync-path$/m,
      );
      expect(code).toBe(exitCodes["missing-program"]);
      rmSync(join(bare.dir, "authorized_keys"));
      const refused = await run(args);
      expect(refused.stdout).toMatch(/^error {4}target testhost:: .*accepted no key/m);
      expect(refused.code).toBe(exitCodes.auth);
    } finally {
      await bare.stop();
    }
  });

  test("without SRC and a file it is told what is missing", async () => {
    const { code, stdout, stderr } = await run(["check"]);
    expect({ code, stdout }).toEqual({ code: exitCodes.usage, stdout: "" });
    expect(stderr).toContain("SRC and DEST are missing");
  });
});
