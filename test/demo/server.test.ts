import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { utils } from "ssh2";
import { runProcess, startProcess, tempDir, waitUntil } from "../helpers/process.ts";
import { isRunning } from "../helpers/process-tree.ts";
import { diffTrees, makeTree, Random } from "../helpers/trees.ts";
import { writeClientConfig } from "./client-config.ts";
import { type DemoServer, startDemoServer } from "./server.ts";

const dir = tempDir("tsync-demo-server-");
const home = join(dir, "home");
let server: DemoServer;
let config: string;

beforeAll(async () => {
  mkdirSync(home);
  server = await startDemoServer(home);
  config = writeClientConfig(join(dir, "client"), server);
});
afterAll(() => server.stop());

/** The result of a command that went well and said nothing. */
const quiet = { code: 0, stdout: "", stderr: "" };
const ssh = (command: string) => ["ssh", "-F", config, "demo", command];
/** Runs a line for the local shell in which `$SSH` is the ssh command. */
const local = (line: string) =>
  runProcess(["sh", "-c", line], { env: { SSH: `ssh -F ${config} demo` }, cwd: dir });

describe("commands", () => {
  test("have output, errors and an exit code, and start in the account's home", async () => {
    const result = await runProcess(ssh('pwd; echo "$HOME"; echo oh >&2; exit 3'));
    expect(result).toEqual({ code: 3, stdout: `${home}\n${home}\n`, stderr: "oh\n" });
  });

  test("read their input to its end", async () => {
    expect((await local("echo hello | $SSH 'cat; echo end'")).stdout).toBe("hello\nend\n");
  });

  test("that die by a signal are told from those that exit", async () => {
    const { code, stderr } = await runProcess(["ssh", "-v", "-F", config, "demo", "kill -9 $$"]);
    expect(code).toBe(255);
    expect(stderr).toContain("rtype exit-signal");
  });

  test("reach the shell byte by byte, even where they are not UTF-8", async () => {
    const line = "$SSH \"$(printf 'printf %%s \\047a\\377\\134n%%\\303\\042\\047 >odd')\"";
    expect(await local(line)).toEqual(quiet);
    expect(readFileSync(join(home, "odd"), "latin1")).toBe('a\xff\\n%\xc3"');
  });

  test("run at the same time over many connections", async () => {
    const numbers = [1, 2, 3, 4, 5, 6];
    const results = await Promise.all(numbers.map((n) => runProcess(ssh(`sleep 0.2; echo ${n}; exit ${n}`))));
    expect(results).toEqual(numbers.map((n) => ({ code: n, stdout: `${n}\n`, stderr: "" })));
  });

  test("run at the same time over one connection", async () => {
    const socket = join(dir, "control");
    const master = startProcess(["ssh", "-F", config, "-M", "-N", "-S", socket, "demo"]);
    await waitUntil(() => existsSync(socket), 5000);
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    const argv = (n: number) => [
      "ssh",
      "-S",
      socket,
      "-F",
      config,
      "demo",
      `sleep 0.2; echo ${n}; exit ${n}`,
    ];
    const results = await Promise.all(numbers.map((n) => runProcess(argv(n))));
    expect(results).toEqual(numbers.map((n) => ({ code: n, stdout: `${n}\n`, stderr: "" })));
    master.signal("SIGTERM");
    await master.exit;
  });

  test("end, with all that they started, when the client goes", async () => {
    const client = startProcess(ssh("sleep 99 & echo pids $$ $!; sleep 99 | cat; true"));
    const [, ...pids] = await client.waitFor(/pids (\d+) (\d+)/);
    client.signal("SIGKILL");
    await waitUntil(() => !pids.some((pid) => isRunning(Number(pid))), 5000);
  });
});

describe("large amounts", () => {
  const size = 20_000_000;
  const big = new Random(1).bytes(size);

  test("arrive whole at a slow command, and are counted", async () => {
    writeFileSync(join(dir, "big"), big);
    server.resetBytes();
    expect((await local("$SSH 'sleep 0.5; cat >big' <big")).code).toBe(0);
    expect(readFileSync(join(home, "big")).equals(big)).toBe(true);
    expect(server.bytesUp).toBeGreaterThan(size);
    expect(server.bytesUp).toBeLessThan(size * 1.05);
    expect(server.bytesDown).toBeLessThan(size * 0.05);
  });

  test("come back whole on both outputs to a slow client", async () => {
    writeFileSync(join(home, "big"), big);
    const line =
      "{ $SSH 'cat big & cat big >&2; wait' 2>err | { sleep 0.5; cat; } >out; } && cmp big out && cmp big err";
    writeFileSync(join(dir, "big"), big);
    expect(await local(line)).toEqual(quiet);
  });
});

describe("access", () => {
  test("is refused to another key, to another user and without a key", async () => {
    const other = join(dir, "other");
    const otherConfig = join(dir, "other_config");
    writeFileSync(other, utils.generateKeyPairSync("ed25519").private, { mode: 0o600 });
    writeFileSync(
      otherConfig,
      readFileSync(config, "utf8").replace(/IdentityFile .*/, `IdentityFile ${other}`),
    );
    for (const options of [
      ["-F", otherConfig],
      ["-F", config, "-l", "root"],
      ["-F", config, "-o", "PubkeyAuthentication=no"],
    ]) {
      const { code, stdout, stderr } = await runProcess([
        "ssh",
        "-o",
        "BatchMode=yes",
        ...options,
        "demo",
        "echo in",
      ]);
      expect([code, stdout]).toEqual([255, ""]);
      expect(stderr).toContain("Permission denied (publickey)");
    }
  });
});

test("rsync mirrors a tree through it", async () => {
  const tree = join(dir, "tree");
  makeTree(tree, { files: 200, filesPerDirectory: 20, bytes: 5000 });
  const argv = ["rsync", "-a", "-e", `ssh -F ${config}`, `${tree}/`, "demo:copy"];
  expect(await runProcess(argv)).toEqual(quiet);
  // rsync leaves a directory's time alone when it is off by less than a second.
  expect(diffTrees(tree, join(home, "copy"), { mtimeOfDirectories: false })).toEqual([]);
});

test("stopping ends the commands, and then nobody listens", async () => {
  const another = await startDemoServer(home);
  const its = writeClientConfig(join(dir, "another"), another);
  const client = startProcess(["ssh", "-F", its, "demo", "trap '' TERM; echo pid $$; sleep 99; sleep 99"]);
  const [, pid] = await client.waitFor(/pid (\d+)/);
  await another.stop();
  expect(isRunning(Number(pid))).toBe(false);
  expect(await client.exit).toBe(255);
  expect((await runProcess(["ssh", "-F", its, "demo", "true"])).stderr).toContain("refused");
});
