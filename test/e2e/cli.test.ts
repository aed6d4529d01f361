/** The compiled program's manners: what it refuses, how it says so, what it prints, and that it touches nothing else. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk, exitPartial } from "../../src/cli/exit-codes.ts";
import { runProcess, startProcess, tempDir } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, namesIn, snapshot } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place, startWatch, tsync } from "../helpers/tsync.ts";

const isRoot = process.getuid?.() === 0;

let place: Place;
beforeEach(() => {
  place = makePlace();
});

const put = (path: string, content = path) => writeFileSync(join(place.source, path), content);

/** Runs in the place's folder. */
function run(args: string[], env: Record<string, string | undefined> = {}) {
  return runProcess([binary, ...args], { cwd: place.folder, env: { ...place.env, ...env } });
}

/** Expects one line on standard error that matches all of `patterns`, and nothing on standard output. */
function expectOneLine(result: { stdout: string; stderr: string }, ...patterns: (RegExp | string)[]): void {
  expect(result.stdout).toBe("");
  expect(result.stderr).toMatch(/^tsync: error: .+\n$/);
  expect(result.stderr.match(/\n/g)).toHaveLength(1);
  for (const pattern of patterns) expect(result.stderr).toMatch(pattern);
}

describe("bad input", () => {
  interface Mistake {
    args: string[];
    code?: number;
    says: RegExp;
  }
  const mistakes: Record<string, Mistake> = {
    "no command": { args: [], says: /command is missing.*--help/ },
    "unknown command": {
      args: ["frobnicate", "source", "target"],
      says: /unknown command frobnicate.*--help/,
    },
    "misspelt command": {
      args: ["snyc", "source", "target"],
      says: /unknown command snyc.*did you mean sync\?/,
    },
    "option before the command": { args: ["--delete", "sync"], says: /unknown option --delete/ },
    "no SRC": { args: ["sync"], says: /SRC and DEST are missing.*--help/ },
    "no DEST": { args: ["sync", "source"], says: /DEST is missing.*--help/ },
    "SRC missing": {
      args: ["sync", "nowhere", "target"],
      code: exitCodes.source,
      says: /nowhere does not exist; /,
    },
    "SRC a file": {
      args: ["sync", "file", "target"],
      code: exitCodes.source,
      says: /file is not a directory; /,
    },
    "SRC below a file": {
      args: ["sync", "file/x", "target"],
      code: exitCodes.source,
      says: /source file\/x/,
    },
    "SRC a broken link": {
      args: ["sync", "dangling", "target"],
      code: exitCodes.source,
      says: /dangling does not exist/,
    },
    "unknown option": {
      args: ["sync", "source", "target", "--frobnicate"],
      says: /unknown option --frobnicate; see tsync --help/,
    },
    "unknown letter": {
      args: ["sync", "source", "target", "-vZ"],
      says: /unknown option -Z; see tsync --help/,
    },
    "misspelt option": {
      args: ["sync", "source", "target", "--dry-rnu"],
      says: /unknown option --dry-rnu; did you mean --dry-run\?/,
    },
    "misspelt value option": {
      args: ["sync", "source", "target", "--detele=exact"],
      says: /did you mean --delete\?/,
    },
    "wrong enum value": {
      args: ["sync", "source", "target", "--delete", "all"],
      says: /--delete is "all".*tracked, exact, never/,
    },
    "value missing": { args: ["sync", "source", "target", "--delete"], says: /--delete needs a value/ },
    "value empty": { args: ["sync", "source", "target", "--port="], says: /--port needs a value/ },
    "value for a flag": { args: ["sync", "source", "target", "--quiet=yes"], says: /--quiet takes no value/ },
    "option twice": {
      args: ["sync", "source", "target", "--settle=1s", "--settle=2s"],
      says: /--settle is given twice/,
    },
    "quiet and verbose": { args: ["sync", "source", "target", "-qv"], says: /--verbose and --quiet/ },
    "wrong --settle": {
      args: ["sync", "source", "target", "--settle", "soon"],
      says: /--settle is "soon", which is not a time like/,
    },
    "negative --settle": { args: ["sync", "source", "target", "--settle", "-1s"], says: /--settle/ },
    "wrong --port": {
      args: ["sync", "source", "host:target", "--port", "ssh"],
      says: /is "ssh", which is not a whole number from 1 to 65535/,
    },
    "--port 0": {
      args: ["sync", "source", "host:target", "--port=0"],
      says: /is "0", which is not a whole number from 1 to 65535/,
    },
    "--port too large": {
      args: ["sync", "source", "host:target", "-p65536"],
      says: /is "65536", which is not a whole number from 1 to 65535/,
    },
    "DEST empty": { args: ["sync", "source", ""], says: /destination "" is empty; use / },
    "DEST without host": { args: ["sync", "source", ":path"], says: /no valid host.*use / },
    "DEST with an empty user": { args: ["sync", "source", "@host:path"], says: /empty user.*use / },
    "DEST an URL of another kind": { args: ["sync", "source", "http://host/path"], says: /URL.*use / },
    "DEST a daemon without module": { args: ["sync", "source", "host::"], says: /names no module; / },
    "DEST with a host like an option": {
      args: ["sync", "source", "--", "-oProxyCommand=x:path"],
      says: /dash.*use /,
    },
    "DEST with a user like an option": { args: ["sync", "source", "--", "-l@host:path"], says: /dash.*use / },
    "DEST the source": { args: ["sync", "source", "./source/"], says: /same directory/ },
    "DEST inside SRC": { args: ["sync", "source", "source/new/deep"], says: /inside the source; / },
    "SRC inside DEST": {
      args: ["sync", "source/inner", "source"],
      says: /source is inside the destination source; /,
    },
    "DEST the parent of SRC": { args: ["sync", "source", "."], says: /source is inside the destination/ },
    "DEST inside SRC through a link": { args: ["sync", "source", "link/new"], says: /inside the source; / },
    "DEST inside SRC, SRC through a link": {
      args: ["sync", "link", "source/new"],
      says: /inside the source; /,
    },
    "SRC inside DEST through a link": { args: ["sync", "link/inner", "source"], says: /source is inside/ },
    "SRC and DEST the same through a link": { args: ["sync", "link", "source"], says: /same directory/ },
    "DEST twice": { args: ["sync", "source", "target", "target"], says: /target is given twice/ },
    "DEST twice in two spellings": {
      args: ["sync", "source", "target", "source/../target/"],
      says: /given twice/,
    },
    "remote DEST twice": {
      args: ["sync", "source", "host:a", "host:b", "host:a"],
      says: /host:a is given twice/,
    },
    "remote DEST twice, with a slash": {
      args: ["sync", "source", "host:a", "host:a/"],
      says: /host:a\/ is given twice/,
    },
  };

  test.each(Object.keys(mistakes))("%s", async (name) => {
    const { args, code = exitCodes.usage, says } = mistakes[name]!;
    put("content");
    mkdirSync(join(place.source, "inner"));
    writeFileSync(join(place.folder, "file"), "");
    symlinkSync("source", join(place.folder, "link"));
    symlinkSync("nowhere", join(place.folder, "dangling"));
    const before = snapshot(place.folder);
    // `watch` takes the same; whatever is wrong, it must not start.
    const commands = args[0] === "sync" ? ["sync", "watch"] : [args[0]];
    const results = commands.map((command) => run(command === undefined ? [] : [command, ...args.slice(1)]));
    for (const result of await Promise.all(results)) {
      expectOneLine(result, says);
      expect(result.code).toBe(code);
    }
    // No state, no target.
    expect(diffTrees(before, place.folder)).toEqual([]);
  });

  test("with --json the error is a JSON line as well", async () => {
    const { code, stdout } = await run(["sync", "nowhere", "target", "--json"]);
    expect(code).toBe(exitCodes.source);
    expect(JSON.parse(stdout)).toMatchObject({ event: "error", code: "source" });
  });
});

describe("ssh", () => {
  let sshd: TestSshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  const sync = (config: string, args: string[] = [], env: Record<string, string | undefined> = {}) =>
    run(["sync", place.source, `testhost:${place.target}`, "-F", config, ...args], env);

  /** The client's configuration with some lines replaced. */
  function configWith(lines: Record<string, string>): string {
    const rest = readFileSync(sshd.configFile, "utf8")
      .split("\n")
      .filter((line) => !Object.keys(lines).includes(line.trim().split(" ")[0] ?? ""));
    const path = join(tempDir("tsync-config-"), "ssh_config");
    const added = Object.entries(lines).map(([keyword, value]) => `  ${keyword} ${value}`);
    writeFileSync(path, `${[...rest, ...added].join("\n")}\n`);
    return path;
  }

  test("host unknown", async () => {
    const result = await sync(configWith({ HostName: "tsync-test.invalid" }));
    expectOneLine(result, /address of tsync-test\.invalid.*not found/, /check the name/);
    expect(result.code).toBe(exitCodes.connection);
  });

  test("port closed", async () => {
    const closed = await startSshd();
    await closed.stop();
    const result = await sync(configWith({ Port: String(closed.port) }));
    expectOneLine(result, new RegExp(`127\\.0\\.0\\.1:${closed.port} refused`), /check the port/);
    expect(result.code).toBe(exitCodes.connection);
  });

  test("key refused", async () => {
    const key = join(tempDir("tsync-key-"), "key");
    await runProcess(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
    const result = await sync(configWith({ IdentityFile: `"${key}"` }));
    expectOneLine(result, /accepted no key/, key, /authorized_keys/);
    expect(result.code).toBe(exitCodes.auth);
  });

  test("host key unknown", async () => {
    const empty = join(place.folder, "known_hosts");
    writeFileSync(empty, "");
    const result = await sync(configWith({ UserKnownHostsFile: `"${empty}"` }));
    expectOneLine(result, /is not known/, /connect once with: ssh -F/);
    expect(result.stderr).toContain(sshd.hostKeyFingerprint);
    expect(result.code).toBe(exitCodes["host-key"]);
    expect(readFileSync(empty, "utf8")).toBe("");
  });

  test("host key unknown, but new ones are welcome", async () => {
    const known = join(place.folder, "new", "known_hosts");
    const config = configWith({ UserKnownHostsFile: `"${known}"`, StrictHostKeyChecking: "accept-new" });
    put("file");
    expect((await sync(config)).code).toBe(exitOk);
    expect(readFileSync(known, "utf8")).toMatch(
      new RegExp(`^\\[127\\.0\\.0\\.1\\]:${sshd.port} ssh-ed25519 \\S+\n$`),
    );
    expect((await sync(config)).code).toBe(exitOk);
  });

  test("host key changed", async () => {
    const other = readFileSync(`${sshd.clientKey}.pub`, "utf8");
    const known = join(place.folder, "known_hosts");
    writeFileSync(known, `[127.0.0.1]:${sshd.port} ${other}`);
    const result = await sync(configWith({ UserKnownHostsFile: `"${known}"` }));
    expectOneLine(result, /has CHANGED/, /ssh-keygen -R/);
    expect(result.stderr).toContain(sshd.hostKeyFingerprint);
    expect(result.stderr).toContain(known);
    expect(result.code).toBe(exitCodes["host-key"]);
  });

  test("ssh configuration missing", async () => {
    const result = await sync(join(place.folder, "no-config"));
    expectOneLine(result, /no-config/);
    expect(result.code).toBe(exitCodes.usage);
  });

  test.each(["remote", "local"])("%s directory not creatable", async (kind) => {
    const file = join(place.folder, "file");
    writeFileSync(file, "");
    const result =
      kind === "remote"
        ? await run(["sync", place.source, `testhost:${file}/below`, "-F", sshd.configFile])
        : await run(["sync", place.source, `${file}/below`]);
    const errors = result.stderr.split("\n").filter((line) => line.includes("error:"));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/cannot write to .*file\/below.*(not a directory|exists).*; make it/i);
    expect(result.code).toBe(exitCodes.target);
    expect(result.stdout).toBe("");
  });

  test("rsync missing there", async () => {
    const bin = tempDir("tsync-bin-");
    await runProcess(["busybox", "--install", "-s", bin]);
    expect(existsSync(join(bin, "rsync"))).toBe(false);
    const bare = await startSshd({ extraConfig: [`SetEnv PATH=${bin} HOME=${bin}`] });
    try {
      put("file");
      const result = await sync(bare.configFile);
      expectOneLine(result, /rsync is not installed on .*127\.0\.0\.1/, /install it/);
      expect(result.code).toBe(exitCodes["missing-program"]);
    } finally {
      await bare.stop();
    }
  });

  test.each(["remote", "local"])("rsync missing here, %s target", async (kind) => {
    const bin = tempDir("tsync-bin-");
    for (const program of ["ssh", "sh", "cat"]) symlinkSync(Bun.which(program)!, join(bin, program));
    put("file");
    const result =
      kind === "remote"
        ? await sync(sshd.configFile, ["--sender", "stock"], { PATH: bin })
        : await run(["sync", place.source, place.target], { PATH: bin });
    expect(result.stderr).toMatch(/^tsync: error: rsync is not installed here; install it.*$/m);
    expect(result.code).toBe(exitCodes["missing-program"]);
    expect(existsSync(join(place.target, "file"))).toBe(false);
  });

  test("ssh missing here: its configuration is read all the same", async () => {
    const bin = tempDir("tsync-bin-");
    for (const program of ["rsync", "sh", "cat"]) symlinkSync(Bun.which(program)!, join(bin, program));
    put("file");
    const result = await sync(sshd.configFile, [], { PATH: bin });
    expect([result.code, result.stderr]).toEqual([exitOk, expect.stringContaining("in sync")]);
    expect(existsSync(join(place.target, "file"))).toBe(true);
  });
});

describe("one mirror", () => {
  test("a second instance names the first", async () => {
    put("file");
    const first = await startWatch(place);
    const second = await tsync(place, ["sync", place.source, place.target]);
    expectOneLine(
      second,
      /another tsync/,
      new RegExp(`process ${first.pid}\\b`),
      place.target,
      /stop it first/,
    );
    expect(second.code).toBe(exitCodes.locked);
    // Another target of the same source is another mirror.
    const other = await tsync(place, ["sync", place.source, `${place.target}-2`]);
    expect(other.code).toBe(exitOk);
    first.signal("SIGTERM");
    expect(await first.exit).toBe(exitOk);
    expect((await tsync(place, ["sync", place.source, place.target])).code).toBe(exitOk);
  });

  test("what cannot be read is listed, the rest is mirrored, exit code 3", async () => {
    for (const name of ["good", "secret", "also good"]) put(name);
    for (const name of ["closed", "open"]) {
      mkdirSync(join(place.source, name));
      put(`${name}/file`);
    }
    await runProcess(["chmod", "0", join(place.source, "secret"), join(place.source, "closed")]);
    const args = [binary, "sync", place.source, place.target];
    const user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    if (isRoot) await runProcess(["chown", "-R", "65534:65534", place.folder]);
    const env = { ...place.env, HOME: place.folder };
    const { code, stderr } = await runProcess(isRoot ? [...user, ...args] : args, { env });
    expect(stderr).toMatch(/warning: .*: secret: .*[Pp]ermission denied.*next try/);
    expect(stderr).toMatch(/warning: .*: closed: .*[Pp]ermission denied.*next try/);
    expect(stderr).toMatch(/in sync .*except for 2 paths/);
    expect(code).toBe(exitPartial);
    await runProcess(["chmod", "-R", "u+rwX", place.target]);
    expect([...snapshot(place.target).keys()].filter((path) => path !== "closed")).toEqual([
      "also good",
      "good",
      "open",
      "open/file",
    ]);
    // Once it can be read it is mirrored, too.
    await runProcess(["chmod", "700", join(place.source, "secret"), join(place.source, "closed")]);
    const again = await runProcess(isRoot ? [...user, ...args] : args, { env });
    expect(again.code).toBe(exitOk);
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test("a file that cannot be written there is listed, the rest is mirrored, exit code 3", async () => {
    for (const name of ["one", "two", "three"]) put(name);
    mkdirSync(join(place.target, "two"), { recursive: true });
    writeFileSync(join(place.target, "two/theirs"), "theirs");
    const { code, stderr } = await tsync(place, ["sync", place.source, place.target]);
    expect(readFileSync(join(place.target, "one"), "utf8")).toBe("one");
    expect(readFileSync(join(place.target, "three"), "utf8")).toBe("three");
    expect(readFileSync(join(place.target, "two/theirs"), "utf8")).toBe("theirs");
    expect(stderr).toMatch(/warning: .*: two: .*directory/);
    expect(code).toBe(exitPartial);
  });
});

test("nothing in the working directory changes what the program does", async () => {
  put("file");
  const bait = join(place.folder, "bait");
  const script = (name: string) =>
    `require("node:fs").writeFileSync(${JSON.stringify(join(bait, name))}, "");\n`;
  mkdirSync(bait);
  const there = join(place.folder, "there");
  for (const folder of [there, place.source]) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "preload.js"), script("bunfig"));
    writeFileSync(
      join(folder, "bunfig.toml"),
      `preload = ["./preload.js"]\n[run]\npreload = ["./preload.js"]\n`,
    );
    const variables = [`XDG_STATE_HOME=${bait}`, `BUN_OPTIONS=--preload=./preload.js`, "PATH=/nowhere"];
    for (const name of [".env", ".env.local", ".env.production", ".env.development"])
      writeFileSync(join(folder, name), `${variables.join("\n")}\n`);
    writeFileSync(join(folder, "tsconfig.json"), `{"compilerOptions":{"paths":{"*":["./preload.js"]}}}`);
    writeFileSync(join(folder, "package.json"), `{"imports":{"#x":"./preload.js"},"main":"./preload.js"}`);
    mkdirSync(join(folder, "node_modules/ssh2"), { recursive: true });
    writeFileSync(join(folder, "node_modules/ssh2/index.js"), script("module"));
    for (const name of ["rsync", "ssh"])
      writeFileSync(join(folder, name), `#!/bin/sh\n: >'${bait}/${name}'\n`, { mode: 0o755 });
  }
  const state = join(place.folder, "state");
  for (const cwd of [there, place.source]) {
    rmSync(state, { recursive: true, force: true });
    const { code, stderr } = await runProcess([binary, "sync", place.source, place.target], {
      cwd,
      env: { ...place.env, HOME: place.folder, NODE_ENV: "" },
    });
    expect(stderr).toContain("in sync");
    expect(code).toBe(exitOk);
    expect(namesIn(bait)).toEqual([]);
    expect(existsSync(join(state, "tsync"))).toBe(true);
    // With no setting at all the state goes to the home directory, not to where `.env` says.
    const home = join(place.folder, "home");
    mkdirSync(home, { recursive: true });
    const plain = await runProcess([binary, "sync", place.source, place.target], {
      cwd,
      env: { XDG_STATE_HOME: undefined, HOME: home },
    });
    expect(plain.code).toBe(exitOk);
    expect(namesIn(bait)).toEqual([]);
    expect(existsSync(join(home, ".local/state/tsync"))).toBe(true);
  }
});

describe("output", () => {
  test.each(["--version", "-V"])("%s", async (option) => {
    const { code, stdout, stderr } = await run([option]);
    expect({ code, stderr }).toEqual({ code: exitOk, stderr: "" });
    expect(stdout).toMatch(/^tsync \d+\.\d+\.\d+\S*\n$/);
  });

  test.each([["--help"], ["-h"], ["sync", "--help"], ["watch", "-h"], ["sync", "nowhere", "--help"]])(
    "%s %s",
    async (...given) => {
      // Bun adds a callback to a row that is shorter than others.
      const args = (given as unknown[]).filter((arg) => typeof arg === "string");
      const { code, stdout, stderr } = await run(args);
      expect({ code, stderr }).toEqual({ code: exitOk, stderr: "" });
      expect(stdout).not.toContain("\x1b");
      const wanted = args[0]!.startsWith("-")
        ? ["watch", "sync", "--version"]
        : [
            "SRC",
            "DEST",
            "--delete",
            "tracked",
            "exact",
            "never",
            "--dry-run",
            "--json",
            "--settle",
            "--port",
          ];
      for (const word of wanted) expect(stdout).toContain(word);
      expect(namesIn(place.folder)).toEqual(["source"]);
    },
  );

  test("no colours in a pipe; in a terminal NO_COLOR and TERM=dumb turn them off", async () => {
    const colours = async (env: Record<string, string | undefined>) => {
      const command = `'${binary}' sync /nowhere-at-all '${place.target}'`;
      const { stdout } = await runProcess(["script", "-qec", command, "/dev/null"], {
        env: { ...place.env, NO_COLOR: undefined, TERM: "xterm", ...env },
      });
      expect(stdout).toContain("does not exist");
      return stdout.includes("\x1b[");
    };
    const { stderr } = await run(["sync", "nowhere", "target"], {
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
    });
    expect(stderr).not.toContain("\x1b");
    expect(await colours({})).toBe(true);
    expect(await colours({ NO_COLOR: "1" })).toBe(false);
    expect(await colours({ TERM: "dumb" })).toBe(false);
  });

  test("--quiet prints nothing on success", async () => {
    put("file");
    expect(await run(["sync", "source", "target", "--quiet"])).toEqual({
      code: exitOk,
      stdout: "",
      stderr: "",
    });
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test("by default standard output stays empty", async () => {
    put("file");
    const { code, stdout, stderr } = await run(["sync", "source", "target"]);
    expect({ code, stdout }).toEqual({ code: exitOk, stdout: "" });
    for (const line of stderr.trimEnd().split("\n")) expect(line).toMatch(/^tsync: /);
    expect(stderr).toMatch(/1 sent/);
  });

  test("--json prints JSON lines only", async () => {
    put("file");
    put("line\nbreak \u00e9");
    const { code, stdout } = await run(["sync", "source", "target", "--json", "--verbose"]);
    expect(code).toBe(exitOk);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ event, state }) => state ?? event)).toEqual([
      "connecting",
      "connected",
      "syncing",
      "batch",
      "idle",
      "in-sync",
      "stopped",
    ]);
    for (const { time, target } of events) {
      expect(new Date(time).toISOString()).toBe(time);
      expect(target).toBe("target");
    }
    expect(events[3]).toMatchObject({ sent: 2, moved: 0, removed: 0 });
    expect(events[3].done.map((done: { path: string }) => done.path).sort()).toEqual([
      "file",
      "line\\x0abreak \u00e9",
    ]);
  });

  test("--dry-run of a first sync touches nothing and prints what would be sent", async () => {
    put("file", "12345");
    mkdirSync(join(place.source, "directory"));
    put("directory/inner", "1");
    const before = snapshot(place.folder);
    const { code, stdout, stderr } = await run(["sync", "source", "target", "--dry-run"]);
    expect({ code, stderr }).toEqual({ code: exitOk, stderr: "" });
    expect(stdout).toContain("make directory directory\n");
    expect(stdout).toContain("send file (5 B)\n");
    expect(stdout).toContain("send directory/inner (1 B)\n");
    expect(stdout).toMatch(
      /target: 0 to move, 0 to remove, 1 directory to make, 2 to send \(at most 6 B\); nothing was touched/,
    );
    expect(diffTrees(before, place.folder)).toEqual([]);
  });

  test("--dry-run later touches nothing and prints moves, removals and sends", async () => {
    for (const name of ["moves", "goes", "changes", "stays"]) put(name);
    await outliveRaces();
    expect((await run(["sync", "source", "target"])).code).toBe(exitOk);
    await runProcess(["mv", "moves", "moved"], { cwd: place.source });
    rmSync(join(place.source, "goes"));
    put("changes", "changed");
    const before = snapshot(place.folder);
    const { code, stdout } = await run(["sync", "source", "target", "-n"]);
    expect(code).toBe(exitOk);
    expect(stdout.split("\n").slice(0, 3).sort()).toEqual([
      "move moves -> moved",
      "remove goes",
      "send changes (7 B)",
    ]);
    expect(stdout).toMatch(/target: 1 to move, 1 to remove, 0 directories to make, 1 to send/);
    expect(diffTrees(before, place.folder)).toEqual([]);
    const json = await run(["sync", "source", "target", "-n", "--json"]);
    const lines = json.stdout.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line)).at(-1)).toMatchObject({
      event: "plan-summary",
      moved: 1,
      removed: 1,
      sent: 1,
    });
    expect(lines).toHaveLength(4);
    // And it was true.
    expect((await run(["sync", "source", "target", "--json"])).stdout).toMatch(/"moved":1,"removed":1/);
    expect(diffTrees(place.source, place.target)).toEqual([]);
  });

  test("--dry-run works beside a running watch", async () => {
    put("file");
    const running = await startWatch(place);
    const { code, stdout } = await run(["sync", place.source, place.target, "-n"]);
    expect(stdout).toContain("nothing was touched");
    expect(code).toBe(exitOk);
    running.signal("SIGTERM");
    expect(await running.exit).toBe(exitOk);
  });

  test("output that nobody reads any more ends nothing badly", async () => {
    put("file");
    const running = startProcess(
      ["sh", "-c", `'${binary}' sync source target --json -v | head -n 1 >/dev/null`],
      {
        cwd: place.folder,
        env: place.env,
      },
    );
    await running.exit;
    expect(diffTrees(place.source, place.target)).toEqual([]);
    expect(running.stderr).not.toMatch(/EPIPE|at .*\.ts/);
  });
});
