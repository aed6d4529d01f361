/** Several connections to one host that are used as one. */
import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import type { ClientChannel } from "ssh2";
import { Fault } from "../../src/core/fault.ts";
import { connect } from "../../src/ssh/connect.ts";
import type { Use } from "../../src/ssh/connection.ts";
import { Host, nothingLearned } from "../../src/ssh/host.ts";
import { ConnectionPool, Hosts } from "../../src/ssh/pool.ts";
import { RemoteShell } from "../../src/target/remote-shell.ts";
import { startLink } from "../helpers/link.ts";
import { waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { capture, configOf, failure, succeed } from "./support.ts";

let sshd: TestSshd | undefined;
let pool: ConnectionPool | undefined;

afterEach(async () => {
  await pool?.closeAll();
  await sshd?.stop();
  pool = undefined;
  sshd = undefined;
});

/** A host that allows so many sessions on one connection. */
async function hostWith(maxSessions: number): Promise<Host> {
  sshd = await startSshd({ extraConfig: [`MaxSessions ${maxSessions}`] });
  pool = new ConnectionPool({ configFile: sshd.configFile });
  return succeed(await pool.connection({ host: sshd.host }));
}

/** Starts a command that runs until its channel is closed. */
const hold = async (host: Host, use: Use = {}): Promise<ClientChannel> => {
  const channel = succeed(await host.exec("exec cat", use));
  channel.resume();
  channel.stderr.resume();
  return channel;
};

const logins = () => sshd!.log().match(/Accepted publickey/g)?.length ?? 0;
const refusals = () => sshd!.log().match(/no more sessions/g)?.length ?? 0;

describe("the server's limit", () => {
  test.each([1, 2, 3])("of %d: more sessions get more connections, up to four", async (limit) => {
    const host = await hostWith(limit);
    const held = await Promise.all(Array.from({ length: 4 * limit }, () => hold(host)));
    expect(host.size).toBe(4);
    expect(logins()).toBe(4);
    for (const channel of held) channel.close();
  });

  test("is found out once: later nothing is asked that would be refused", async () => {
    const host = await hostWith(2);
    const first = [await hold(host), await hold(host), await hold(host)];
    expect([host.size, refusals()]).toEqual([2, 1]);
    const more = await hold(host);
    expect([host.size, refusals()]).toEqual([2, 1]);
    for (const channel of [...first, more]) channel.close();
    // Also by the next connection to that server.
    host.close();
    await host.closed;
    const again = succeed(await pool!.connection({ host: sshd!.host }));
    const held = [await hold(again), await hold(again), await hold(again)];
    expect([again.size, refusals()]).toEqual([2, 1]);
    for (const channel of held) channel.close();
  });

  test("where no further connection can be had, a command waits for a session", async () => {
    sshd = await startSshd({ extraConfig: ["MaxSessions 1"] });
    const first = succeed(await connect(await configOf(sshd)));
    let tries = 0;
    const none = async () => {
      tries++;
      return new Fault("connection", "not today", "", true);
    };
    const host = new Host(first, none, { ...nothingLearned });
    const held = await hold(host);
    const waiting = capture(host, "echo at last");
    await Bun.sleep(100);
    held.close();
    expect((await waiting).stdout.toString()).toBe("at last\n");
    expect(tries).toBe(1);
    host.close();
  });

  test("of none is told", async () => {
    const host = await hostWith(0);
    const fault = failure(await host.exec("true"));
    expect(fault).toMatchObject({ code: "connection", retry: true });
    expect(fault.message).toContain("allows no session");
    expect(fault.hint).toContain("MaxSessions");
    expect(host.size).toBe(1);
  });

  test("a session that was closed a moment ago does not count as a limit", async () => {
    const host = await hostWith(1);
    for (let at = 0; at < 10; at++)
      expect((await capture(host, `echo ${at}`)).stdout.toString()).toBe(`${at}\n`);
    expect(host.size).toBe(1);
  });
});

describe("sessions that can be spared", () => {
  /** A host with one session, on one connection, whatever happens. */
  async function narrowHost(): Promise<Host> {
    sshd = await startSshd({ extraConfig: ["MaxSessions 1"] });
    const first = succeed(await connect(await configOf(sshd)));
    return new Host(first, async () => new Fault("connection", "not today", "", true), { ...nothingLearned });
  }

  test("are asked for while somebody waits, and only then", async () => {
    const host = await narrowHost();
    let asked = 0;
    const held: ClientChannel = await hold(host, {
      onWanted: () => {
        asked++;
        held.close();
      },
    });
    await Bun.sleep(300);
    expect(asked).toBe(0);
    expect((await capture(host, "echo now")).stdout.toString()).toBe("now\n");
    expect(asked).toBe(1);
    host.close();
  });

  test("are not begun where there is no room", async () => {
    const host = await narrowHost();
    const held = await hold(host);
    expect(failure(await host.exec("true", { isSpare: true })).message).toContain("no room");
    expect(host.size).toBe(1);
    held.close();
    host.close();
  });
});

describe("large transfers", () => {
  test("get a connection of their own where somebody else would wait, which they share", async () => {
    const host = await hostWith(10);
    const [owner, other] = [{}, {}];
    const small = await hold(host, { owner });
    const own = await hold(host, { owner, isLarge: true });
    expect([host.size, logins()]).toEqual([1, 1]);
    const large = [
      await hold(host, { owner: other, isLarge: true }),
      await hold(host, { owner: other, isLarge: true }),
    ];
    expect([host.size, logins()]).toEqual([2, 2]);
    for (const channel of [small, own, ...large]) channel.close();
  });

  test("do not hold up what others do", async () => {
    sshd = await startSshd();
    const link = await startLink({ targetPort: sshd.port, rttMs: 4, bytesPerSecond: 4_000_000 });
    /** How long a command takes at best while much is sent by somebody else, or by its own owner. */
    const bestMs = async (isForeign: boolean): Promise<number> => {
      pool = new ConnectionPool({ configFile: sshd!.clientConfigFor(link.port) });
      const host = succeed(await pool.connection({ host: sshd!.host }));
      const [owner, other] = [{}, {}];
      const shell = succeed(await RemoteShell.start(host, false, undefined, { use: { owner } }));
      const large = await hold(host, { owner: isForeign ? other : owner, isLarge: true });
      for (let sent = 0; sent < 8; sent++) large.write(Buffer.alloc(1024 * 1024));
      await Bun.sleep(700);
      const times: number[] = [];
      for (let at = 0; at < 3; at++) {
        const startMs = performance.now();
        succeed(await shell.ask(":\n"));
        times.push(performance.now() - startMs);
      }
      await pool.closeAll();
      return Math.min(...times);
    };
    const [own, foreign] = [await bestMs(false), await bestMs(true)];
    // 2 MiB are in front of it on the same connection: half a second.
    expect(own).toBeGreaterThan(250);
    expect(foreign).toBeLessThan(own / 2);
    await link.stop();
  });

  test("also on the way through another host", async () => {
    sshd = await startSshd();
    const inner = await startSshd();
    const hosts = new Hosts();
    pool = new ConnectionPool({}, hosts);
    const config = { ...(await configOf(inner)), jump: await configOf(sshd) };
    const host = succeed(await hosts.open(config));
    const small = await hold(host, { owner: {} });
    const large = await hold(host, { owner: {}, isLarge: true });
    expect([host.size, logins()]).toEqual([2, 2]);
    small.close();
    large.close();
    await inner.stop();
  });

  test("share the first connection where there can be no other", async () => {
    sshd = await startSshd();
    const first = succeed(await connect(await configOf(sshd)));
    const host = new Host(first, async () => new Fault("connection", "not today", "", true), {
      ...nothingLearned,
    });
    const small = await hold(host);
    const large = await hold(host, { isLarge: true });
    expect([host.size, first.sessions]).toEqual([1, 2]);
    small.close();
    large.close();
    host.close();
  });
});

test("a further connection is closed some time after it was used last", async () => {
  sshd = await startSshd({ extraConfig: ["MaxSessions 1"] });
  const config = await configOf(sshd);
  const another = async () => await connect(config);
  const host = new Host(succeed(await connect(config)), another, { ...nothingLearned }, 400);
  const held = await hold(host);
  // Used again and again it stays, however long ago the first time was.
  for (let at = 0; at < 8; at++) {
    expect((await capture(host, "echo x")).stdout.toString()).toBe("x\n");
    await Bun.sleep(100);
  }
  expect([host.size, logins()]).toEqual([2, 2]);
  await waitUntil(() => host.size === 1, 3_000);
  expect(host.alive).toBe(true);
  held.close();
  host.close();
});

describe("an end", () => {
  test("of the first connection is that of all", async () => {
    const host = await hostWith(1);
    await Promise.all([hold(host), hold(host)]);
    expect(host.size).toBe(2);
    host.close();
    expect((await host.closed).code).toBe("interrupted");
    await waitUntil(() => host.size === 0, 2_000);
    expect(failure(await host.exec("true")).code).toBe("interrupted");
    await waitUntil(
      () => (sshd!.log().match(/Disconnected from|Connection closed by/g)?.length ?? 0) >= 2,
      5_000,
    );
  });

  test("of another one is not", async () => {
    const host = await hostWith(1);
    const first = await hold(host);
    // The parent of a session's command serves its connection.
    const second = succeed(await host.exec("echo $PPID; exec cat"));
    second.stderr.resume();
    const [pid] = (await once(second, "data")) as [Buffer];
    process.kill(Number(pid.toString()), "SIGKILL");
    await waitUntil(() => host.size === 1, 5_000);
    expect(host.alive).toBe(true);
    first.close();
    expect((await capture(host, "echo on")).stdout.toString()).toBe("on\n");
  });
});
