/** Several connections to one host that are used as one. */
import { afterEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import type { ClientChannel } from "ssh2";
import { Fault } from "../../src/core/fault.ts";
import { connect } from "../../src/ssh/connect.ts";
import { Host } from "../../src/ssh/host.ts";
import { ConnectionPool } from "../../src/ssh/pool.ts";
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
const hold = async (host: Host, isLarge = false): Promise<ClientChannel> => {
  const channel = succeed(await host.exec("exec cat", isLarge));
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
    const host = new Host(first, none, { sessionsMax: Number.POSITIVE_INFINITY });
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

describe("large transfers", () => {
  test("get a connection of their own, which they share", async () => {
    const host = await hostWith(10);
    const small = await hold(host);
    const large = [await hold(host, true), await hold(host, true)];
    expect([host.size, logins()]).toEqual([2, 2]);
    for (const channel of [small, ...large]) channel.close();
  });

  test("share the first connection where there can be no other", async () => {
    sshd = await startSshd();
    const first = succeed(await connect(await configOf(sshd)));
    const host = new Host(first, async () => new Fault("connection", "not today", "", true), {
      sessionsMax: 10,
    });
    const large = await hold(host, true);
    expect([host.size, first.sessions]).toEqual([1, 1]);
    large.close();
    host.close();
  });
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
