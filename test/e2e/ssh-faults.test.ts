/**
 * What can go wrong between here and there, and what comes of it: each row makes a fault happen to the compiled
 * program, and the table of all of them is printed at the end.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { type Link, startLink } from "../helpers/link.ts";
import { freePort } from "../helpers/port.ts";
import { type Running, runProcess, startProcess, waitUntil } from "../helpers/process.ts";
import { childrenOf, commandLine, isRunning } from "../helpers/process-tree.ts";
import { type SshdOptions, startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees, makeTree, Random } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";

const waitMs = 20_000;

/** Long enough to act in the middle of a phase that takes a few round trips. */
const slowMs = 300;

let sshd: TestSshd;
let link: Link;
/** What a row started besides; stopped after it. */
const more: { stop(): unknown }[] = [];
let running: Running | null = null;
let place: Place;

beforeAll(async () => {
  sshd = await startSshd({ extraConfig: ["LogLevel DEBUG1"] });
});
beforeEach(async () => {
  place = makePlace();
  writeFileSync(join(place.source, "file"), "content");
  link = await startLink({ targetPort: sshd.port, rttMs: 2 });
});
afterEach(async () => {
  if (running !== null) {
    running.signal("SIGKILL");
    await running.exit;
    running = null;
  }
  await link.stop();
  for (const { stop } of more.splice(0)) await stop();
});

const table: string[][] = [["fault", "when", "what tsync says", "what comes of it"]];

afterAll(async () => {
  await sshd.stop();
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | "));
  console.log(`\n${lines.join("\n")}\n`);
});

/** A row of the table; `said` is shown without what differs each time. */
function note(fault: string, when: string, said: string, outcome: string): void {
  const shown = said
    .replaceAll(place.folder, "")
    .replaceAll(sshd.dir, "")
    .replaceAll(/\/tmp\/tsync-[^/\s]*/g, "")
    .replaceAll(/127\.0\.0\.1:\d+/g, "HOST")
    .replaceAll(/127\.0\.0\.1/g, "HOST")
    .replaceAll(/SHA256:\S+/g, "SHA256:…")
    .replace(/next try in [\d.]+ m?s/, "next try in …")
    .replace(/^tsync: /, "");
  table.push([fault, when, shown, outcome]);
}

/** Another server, which ends with the row. */
async function server(options: SshdOptions): Promise<TestSshd> {
  const started = await startSshd(options);
  more.push(started);
  return started;
}

/** A configuration in which `lines` come first, for a server that is reached through `port`. */
function config(lines: string[], port = sshd.port, of = sshd): string {
  const file = join(place.folder, "ssh_config");
  writeFileSync(
    file,
    `Host testhost\n${lines.join("\n")}\n${readFileSync(of.clientConfigFor(port), "utf8")}`,
  );
  return file;
}

/** A configuration with `key` in place of the one that is accepted. */
function withKey(key: string, lines: string[] = []): string {
  const file = config(lines);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(sshd.clientKey, key));
  return file;
}

/** The line of `output` that matches, or an exception that shows all of it. */
function lineOf(output: string, says: RegExp): string {
  const line = output.split("\n").find((one) => says.test(one));
  if (line === undefined) throw new Error(`no line with ${says} in:\n${output}`);
  return line;
}

describe("at the start", () => {
  interface Start {
    readonly fault: string;
    readonly when: string;
    /** Makes it happen; returns the configuration, and the environment. */
    readonly arrange: () => Promise<string | { file: string; env: Record<string, string> }> | string;
    /** Happens while the program runs. */
    readonly meanwhile?: () => Promise<void>;
    readonly says: RegExp;
    readonly code: number;
  }

  const silent = async (answer: string) => {
    const listener: Server = createServer((socket) => {
      socket.on("error", () => {});
      if (answer !== "") socket.end(answer);
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    more.push({ stop: () => listener.close() });
    return (listener.address() as { port: number }).port;
  };
  /** Cuts the line when the server has come so far. */
  const cutAt = (line: RegExp) => async () => {
    const before = sshd.log().length;
    await waitUntil(() => line.test(sshd.log().slice(before)), waitMs, 2);
    link.cut();
  };
  const slowly = () => {
    link.setRtt(slowMs);
    return config([], link.port);
  };
  const askpass = (text: string) => {
    const program = join(place.folder, "askpass");
    writeFileSync(program, `#!/bin/sh\necho ${text}\n`, { mode: 0o755 });
    return { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: "force" };
  };
  const { connection, auth, "host-key": hostKey, "missing-program": missing } = exitCodes;

  const rows: Start[] = [
    {
      fault: "the name is not found",
      when: "connecting",
      arrange: () => config(["HostName no-such-host.invalid"]),
      says: /address of no-such-host.invalid .* was not found/,
      code: connection,
    },
    {
      fault: "nothing listens",
      when: "connecting",
      arrange: async () => config([`Port ${await freePort()}`]),
      says: /refused the connection; check the port/,
      code: connection,
    },
    {
      fault: "the server says nothing",
      when: "handshake",
      arrange: async () => config([`Port ${await silent("")}`, "ConnectTimeout 1"]),
      says: /did not finish the handshake within 1 s/,
      code: connection,
    },
    {
      fault: "it is no ssh server",
      when: "handshake",
      arrange: async () => config([`Port ${await silent("HTTP/1.1 400 Bad Request\r\n\r\n")}`]),
      says: /closed the connection during the handshake|handshake with .* failed/,
      code: connection,
    },
    {
      fault: "the line is cut",
      when: "handshake",
      arrange: slowly,
      meanwhile: cutAt(/Connection from/),
      says: /closed the connection during the handshake/,
      code: connection,
    },
    {
      fault: "the host key is unknown",
      when: "host key",
      arrange: () => config(["UserKnownHostsFile /dev/null"]),
      says: /host key .* is not known.* SHA256:.*; compare the fingerprint/,
      code: hostKey,
    },
    {
      fault: "the host key has changed",
      when: "host key",
      arrange: async () => {
        const other = await server({});
        const known = readFileSync(other.knownHostsFile, "utf8").replace(`:${other.port}`, `:${sshd.port}`);
        const file = join(place.folder, "known");
        writeFileSync(file, known);
        return config([`UserKnownHostsFile ${file}`]);
      },
      says: /host key .* has CHANGED.*known line 1/,
      code: hostKey,
    },
    {
      fault: "the line is cut",
      when: "authentication",
      arrange: slowly,
      meanwhile: cutAt(/userauth-request .* method none/),
      says: /closed the connection during the authentication/,
      code: connection,
    },
    {
      fault: "others may read the key file",
      when: "authentication",
      arrange: () => {
        const key = join(place.folder, "key");
        copyFileSync(sshd.clientKey, key);
        chmodSync(key, 0o644);
        return withKey(key);
      },
      says: /key can be read by other users: chmod 600/,
      code: auth,
    },
    {
      fault: "the passphrase is wrong, three times",
      when: "authentication",
      arrange: async () => {
        const key = join(place.folder, "sealed");
        await runProcess(["ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", "right", "-f", key]);
        // Only a key that the server takes is asked for.
        appendFileSync(join(sshd.dir, "authorized_keys"), readFileSync(`${key}.pub`));
        return { file: withKey(key), env: askpass("wrong") };
      },
      says: /the passphrase was wrong 3 times/,
      code: auth,
    },
    {
      fault: "the agent is gone",
      when: "authentication",
      arrange: () => withKey("/nowhere", [`IdentityAgent ${place.folder}/agent`]),
      says: /agent.* at .*agent/,
      code: auth,
    },
    {
      fault: "the jump host is down",
      when: "connecting",
      arrange: async () => config([`ProxyJump 127.0.0.1:${await freePort()}`]),
      says: /on the way through 127.0.0.1: .* refused the connection/,
      code: connection,
    },
    {
      fault: "the jump host's key is unknown",
      when: "host key",
      arrange: () =>
        config([
          "ProxyJump hop",
          `Host hop\nHostName 127.0.0.1\nPort ${sshd.port}\nUserKnownHostsFile /dev/null`,
          "Host testhost",
        ]),
      says: /on the way through hop: the host key .* is not known/,
      code: hostKey,
    },
    {
      fault: "the line is cut",
      when: "start of the shell",
      arrange: slowly,
      meanwhile: cutAt(/Starting session: command/),
      says: /the connection to .* was lost/,
      code: connection,
    },
    {
      fault: "no session is allowed (MaxSessions 0)",
      when: "start of the shell",
      arrange: async () => {
        const strict = await server({ extraConfig: ["MaxSessions 0"] });
        return config([], strict.port, strict);
      },
      says: /the server allows no session.*raise MaxSessions/,
      code: connection,
    },
    {
      fault: "rsync is missing there",
      when: "start of the shell",
      arrange: async () => {
        const bin = join(place.folder, "bin");
        mkdirSync(bin);
        for (const name of ["cat", "chmod", "head", "ls", "mkdir", "tr", "wc", "sh"])
          await runProcess(["ln", "-s", Bun.which(name)!, bin]);
        const bare = await server({ extraConfig: [`SetEnv PATH=${bin} HOME=${bin}`] });
        return config([], bare.port, bare);
      },
      says: /rsync is not installed on .*; install it there/,
      code: missing,
    },
  ];

  test.each(rows)("$fault, $when", async ({ fault, when, arrange, meanwhile, says, code }) => {
    const arranged = await arrange();
    const { file, env } = typeof arranged === "string" ? { file: arranged, env: {} } : arranged;
    const argv = [binary, "sync", "-F", file, place.source, `testhost:${place.target}`];
    const [ended] = await Promise.all([runProcess(argv, { env: { ...place.env, ...env } }), meanwhile?.()]);
    const line = lineOf(ended.stderr, says);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: `${line}\n` });
    note(fault, when, line, `exit ${code}`);
  });
});

describe("while it mirrors", () => {
  const from = (path: string) => join(place.source, path);

  /** Starts `watch`, over the line, and waits for the first sync. */
  async function start(lines: string[] = [], args: string[] = []): Promise<void> {
    await outliveRaces();
    const file = config(lines, link.port);
    const argv = [binary, "watch", "-F", file, place.source, `testhost:${place.target}`, ...args];
    running = startProcess(argv, { env: place.env });
    await running.waitFor(/in sync/, waitMs, "stderr");
  }

  /** Waits until it says so, and until what was changed is there all the same; nothing is left over. */
  async function recovers(fault: string, when: string, says: RegExp): Promise<void> {
    await running!.waitFor(says, waitMs, "stderr");
    await waitUntil(
      () => diffTrees(place.source, place.target).length === 0,
      waitMs,
      50,
      () => `${diffTrees(place.source, place.target).join("\n")}\n${running!.stderr}`,
    );
    await waitUntil(
      () => link.open === 1 && sshd.clients() === 1 && sshd.commands().size <= 3,
      5_000,
      50,
      () => `${link.open} connections, ${[...sshd.commands().values()].join("\n")}`,
    );
    note(fault, when, lineOf(running!.stderr, says), "connects again, goes on");
  }

  const freeze = (what: RegExp) => {
    const pids = [...sshd.commands()].filter(([, command]) => what.test(command)).map(([pid]) => pid);
    expect(pids).not.toEqual([]);
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    more.push({ stop: () => thaw(pids) });
    return pids;
  };
  const thaw = (pids: number[]) => {
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGCONT");
      } catch {
        // It has ended.
      }
    }
  };

  test("the line is cut, during a transfer", async () => {
    await start();
    link.reset();
    writeFileSync(from("large"), new Random(1).bytes(8_000_000));
    await waitUntil(() => link.bytesUp > 500_000, waitMs, 1);
    link.cut();
    await recovers("the line is cut", "a transfer", /the connection to .* was lost.*next try/);
  });

  test("the line is cut, during a move", async () => {
    makeTree(from("old"), { files: 300, filesPerDirectory: 30, bytes: 100 });
    await start();
    // The shell there has got the move, and does it when the line is gone already.
    const shell = freeze(/^\/bin\/sh/);
    link.reset();
    renameSync(from("old"), from("new"));
    await waitUntil(() => link.bytesUp > 0, waitMs, 1);
    await Bun.sleep(50);
    link.cut();
    thaw(shell);
    await recovers("the line is cut", "a move", /the connection to .* was lost.*next try/);
  });

  test("the line is cut, at rest", async () => {
    await start();
    link.cut();
    await Bun.sleep(100);
    writeFileSync(from("file"), "edited");
    await recovers("the line is cut", "at rest", /the connection to .* was lost.*next try/);
  });

  test("the line is dead", async () => {
    await start(["ServerAliveInterval 1", "ServerAliveCountMax 1"]);
    link.stall();
    writeFileSync(from("file"), "edited");
    await running!.waitFor(/has not answered for 2 s/, waitMs, "stderr");
    link.resume();
    await recovers("the line is dead", "a transfer", /has not answered for 2 s.*next try/);
  });

  test("the server is restarted", async () => {
    await start();
    const restarted = sshd.restart(700);
    writeFileSync(from("file"), "edited");
    await restarted;
    await recovers("the server is restarted", "a transfer", /was lost.*next try/);
  });

  test("the shell there hangs", async () => {
    await start([], ["--timeout", "3s"]);
    freeze(/^\/bin\/sh/);
    mkdirSync(from("new"));
    await running!.waitFor(/did not answer for 3 s/, waitMs, "stderr");
    for (const { stop } of more.splice(0)) stop();
    await recovers(
      "the shell there hangs",
      "a new directory",
      /the remote shell did not answer for 3 s.*next/,
    );
  });

  test("rsync there hangs", async () => {
    await start([], ["--timeout", "2s"]);
    // With the second save a server waits for the third.
    writeFileSync(from("file"), "edited");
    await waitUntil(() => [...sshd.commands().values()].some((one) => one.includes("--server")), waitMs);
    await untilEqual(place, waitMs);
    freeze(/rsync --server/);
    writeFileSync(from("file"), "edited again");
    await running!.waitFor(/nothing travelled for 2 s/, waitMs, "stderr");
    for (const { stop } of more.splice(0)) stop();
    await recovers("rsync there hangs", "a transfer", /nothing travelled for 2 s.*next/);
  });

  test.each([1, 2])("few sessions: MaxSessions %d, six mirrors", async (limit) => {
    const strict = await server({ extraConfig: [`MaxSessions ${limit}`] });
    const file = config([], strict.port, strict);
    const targets = Array.from({ length: 6 }, (_, at) => join(place.folder, `target${at}`));
    const argv = [binary, "watch", "-F", file, place.source, ...targets.map((path) => `testhost:${path}`)];
    running = startProcess(argv, { env: place.env });
    const arrive = () =>
      waitUntil(
        () => targets.every((target) => diffTrees(place.source, target).length === 0),
        waitMs,
        50,
        () => running!.stderr,
      );
    await waitUntil(
      () => running!.stderr.match(/in sync/g)?.length === 6,
      waitMs,
      20,
      () => running!.stderr,
    );
    writeFileSync(from("file"), "edited");
    mkdirSync(from("new"));
    await arrive();
    renameSync(from("file"), from("new/file"));
    await arrive();
    expect(running!.stderr).not.toMatch(/warning|error/);
    expect(strict.clients()).toBeLessThanOrEqual(4);
    note(`MaxSessions ${limit}`, "six mirrors", "", `works, over ${strict.clients()} connections`);
  });

  test("the proxy program dies", async () => {
    await start([`ProxyCommand busybox nc 127.0.0.1 ${link.port}`]);
    const proxies = () => childrenOf(running!.pid).filter((pid) => commandLine(pid).startsWith("busybox nc"));
    const [first, ...others] = proxies();
    expect(others).toEqual([]);
    process.kill(first!, "SIGKILL");
    writeFileSync(from("file"), "edited");
    await recovers("the proxy program dies", "at rest", /was lost.*next/);
    expect(proxies()).toHaveLength(1);
  });

  test("a proxy program that would stay is ended", async () => {
    await start([`ProxyCommand sh -c 'busybox nc 127.0.0.1 ${link.port}; exec sleep 60'`]);
    const [proxy] = childrenOf(running!.pid).filter((pid) => commandLine(pid).includes("busybox nc"));
    expect(proxy).toBeDefined();
    running!.signal("SIGTERM");
    expect(await running!.exit).toBe(exitOk);
    await waitUntil(
      () => !isRunning(proxy!),
      3_000,
      20,
      () => commandLine(proxy!),
    );
  });
});
