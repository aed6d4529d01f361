/** Whatever hangs on the other side of an ssh connection has a deadline: processes there are stopped, not ended. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../../src/core/fault.ts";
import type { Outcome, Step } from "../../src/core/operation.ts";
import { fromText } from "../../src/core/path.ts";
import { ConnectionPool } from "../../src/ssh/pool.ts";
import { SshTarget } from "../../src/target/ssh.ts";
import { defaultTransfer, type TransferOptions } from "../../src/target/transfer-options.ts";
import { entryOf } from "../helpers/model.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";
import { parentOf } from "../helpers/process-tree.ts";
import { type SshdOptions, startSshd, type TestSshd } from "../helpers/sshd.ts";
import { Random } from "../helpers/trees.ts";

let folder: string;
let sshd: TestSshd;
let pool: ConnectionPool;
let target: SshTarget;
const stopped: number[] = [];

beforeEach(() => {
  folder = tempDir("tsync-deadlines-");
  mkdirSync(join(folder, "source"));
});
afterEach(async () => {
  for (const pid of stopped.splice(0)) process.kill(pid, "SIGCONT");
  await target.close();
  await pool.closeAll();
  await sshd.stop();
});

/** A target that is connected, for which nothing may be silent for longer than `silenceMaxMs`. */
async function connect(
  silenceMaxMs: number,
  options: SshdOptions = {},
  ssh = "",
  sender: TransferOptions["sender"] = "auto",
): Promise<void> {
  sshd = await startSshd(options);
  const configFile = join(folder, "ssh_config");
  writeFileSync(configFile, `Host *\n${ssh}\n${readFileSync(sshd.configFile, "utf8")}`);
  pool = new ConnectionPool({ configFile });
  target = new SshTarget(pool, {
    host: { host: sshd.host },
    directory: join(folder, "target"),
    base: fromText(join(folder, "source")),
    mayReplace: true,
    mustList: false,
    transfer: { ...defaultTransfer, silenceMaxMs, sender },
  });
  expect(await target.connect()).toBeNull();
}

/** The processes that sessions run there whose command line matches. */
const remote = (what: RegExp) =>
  [...sshd.commands()].filter(([, command]) => what.test(command)).map(([pid]) => pid);

function freeze(pids: number[]): void {
  expect(pids).not.toEqual([]);
  stopped.push(...pids);
  for (const pid of pids) process.kill(pid, "SIGSTOP");
}

async function run(...steps: Step[]): Promise<{ fault: Fault | null; outcomes: Outcome[] }> {
  const outcomes: Outcome[] = [];
  const fault = await target.run(steps, (index, outcome) => {
    outcomes[index] = outcome;
  });
  return { fault, outcomes };
}

const makeDirectory = (path: string): Step => ({
  do: "make-directory",
  path,
  entry: entryOf("directory", 1),
});

test("a shell that hangs", async () => {
  await connect(2_500);
  freeze(remote(/^\/bin\/sh/));
  const { fault } = await run(makeDirectory("new"));
  expect(fault).toMatchObject({ code: "connection", retry: true });
  expect(fault!.message).toBe("the remote shell did not answer for 2.5 s");
  // The next one is another shell.
  expect(await target.connect()).toBeNull();
  expect((await run(makeDirectory("new"))).outcomes).toEqual([{ is: "done" }]);
});

test("a removal that takes long is no shell that hangs", async () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "rm"), `#!/bin/sh\nsleep 4\nexec /bin/rm "$@"\n`, { mode: 0o755 });
  await connect(2_500, { extraConfig: [`SetEnv PATH=${bin}:/usr/bin:/bin HOME=${folder}`] });
  mkdirSync(join(folder, "target/tree/deep"), { recursive: true });
  const { fault, outcomes } = await run({ do: "remove-tree", path: "tree" });
  expect([fault, outcomes]).toEqual([null, [{ is: "done" }]]);
  expect(existsSync(join(folder, "target/tree"))).toBe(false);
  // What told that it went on does not go on itself.
  await waitUntil(() => remote(/sleep/).length === 0, 3_000);
});

test("an rsync that hangs", async () => {
  await connect(1_000, {}, "", "stock");
  const bytes = 8_000_000;
  writeFileSync(join(folder, "source/large"), new Random(1).bytes(bytes));
  const entry = { ...entryOf("file", 1), size: bytes };
  const sending = target.send([{ path: "large", entry, compare: "unless-equal" }]);
  await waitUntil(() => remote(/rsync --server/).length > 0, 5_000, 1);
  freeze(remote(/rsync --server/));
  expect(await sending).toMatchObject({ code: "connection", retry: true });
  expect(String(await sending)).toContain("nothing travelled for 1 s");
});

test("a receiver that hangs while it waits", async () => {
  await connect(1_000, {}, "", "builtin");
  const send = async () => {
    writeFileSync(join(folder, "source/small"), "x");
    const entry = { ...entryOf("file", 1), size: 1 };
    return await target.send([{ path: "small", entry, compare: "changed" }]);
  };
  const receivers = () => remote(/rsync --server/);
  await waitUntil(() => receivers().length === 2, 5_000, 1);
  const before = receivers();
  expect(await send()).toMatchObject({ contentBytes: 1, failed: new Map() });
  // The one that was taken has ended, and another one was started in its place.
  await waitUntil(
    () => {
      const now = receivers();
      return now.length === 2 && now.filter((pid) => before.includes(pid)).length === 1;
    },
    5_000,
    1,
  );
  freeze(remote(/rsync --server/));
  expect(await send()).toMatchObject({ code: "connection", retry: true });
});

test("a line that is dead in the middle of a large file, and lets nothing more be written", async () => {
  await connect(1_000, {}, "", "builtin");
  const bytes = 20_000_000;
  writeFileSync(join(folder, "source/large"), new Random(1).bytes(bytes));
  const entry = { ...entryOf("file", 1), size: bytes };
  const [shell] = remote(/^\/bin\/sh/);
  const session = parentOf(shell!)!;
  let isFrozen = false;
  const sending = target.send([{ path: "large", entry, compare: "changed" }], 1, ({ bytes }) => {
    if (isFrozen || bytes < 2_000_000) return;
    isFrozen = true;
    freeze([session]);
  });
  expect(await sending).toMatchObject({ code: "connection", retry: true });
  expect(String(await sending)).toContain("nothing travelled for 1 s");
});

test("who waits for a host is told when a target there was connected", async () => {
  await connect(60_000);
  let told = 0;
  const forget = target.onReachable(() => told++);
  await target.close();
  expect(await target.connect()).toBeNull();
  expect(told).toBe(1);
  forget();
  await target.close();
  expect(await target.connect()).toBeNull();
  expect(told).toBe(1);
});

test("a server that hangs is found by keepalive, also while a shell is started", async () => {
  await connect(60_000, {}, "ServerAliveInterval 1\nServerAliveCountMax 1");
  const [shell] = remote(/^\/bin\/sh/);
  const session = parentOf(shell!)!;
  await target.close();
  freeze([session]);
  const fault = await target.connect();
  expect(fault).toMatchObject({ code: "connection", retry: true });
  expect(fault!.message).toMatch(/has not answered for 2 s$/);
  // A new connection has a new process there.
  expect(await target.connect()).toBeNull();
});
