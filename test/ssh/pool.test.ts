import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nobody } from "../../src/ssh/auth/asker.ts";
import { ConnectionPool, Hosts } from "../../src/ssh/pool.ts";
import { type Link, startLink } from "../helpers/link.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { capture, failure, succeed } from "./support.ts";

let sshd: TestSshd;
let link: Link;

beforeAll(async () => {
  sshd = await startSshd();
  link = await startLink({ targetPort: sshd.port, rttMs: 0 });
});
afterAll(async () => {
  await link.stop();
  await sshd.stop();
});

/** A pool whose connections run through the link. */
function makePool(): ConnectionPool {
  link.reset();
  return new ConnectionPool({ configFile: sshd.clientConfigFor(link.port) });
}

test("concurrent and later callers share one connection, by whatever name", async () => {
  const pool = makePool();
  const named = { host: sshd.host, user: sshd.user };
  const [first, second, third] = await Promise.all([
    pool.connection({ host: sshd.host }),
    pool.connection({ host: sshd.host }),
    pool.connection(named),
  ]);
  expect(succeed(first)).toBe(succeed(second));
  expect(succeed(third)).toBe(succeed(first));
  expect(await pool.connection({ host: sshd.host })).toBe(first);
  expect(link.connections).toBe(1);
  await pool.closeAll();
});

test("a lost connection is replaced, once for all callers", async () => {
  const pool = makePool();
  const before = succeed(await pool.connection({ host: sshd.host }));
  link.cut();
  await before.closed;
  const [first, second] = await Promise.all([
    pool.connection({ host: sshd.host }),
    pool.connection({ host: sshd.host }),
  ]);
  const after = succeed(first);
  expect(after).not.toBe(before);
  expect(succeed(second)).toBe(after);
  expect(link.connections).toBe(2);
  expect((await capture(after, "echo back")).stdout.toString()).toBe("back\n");
  await pool.closeAll();
});

test("a failed attempt is shared, but not kept", async () => {
  const pool = makePool();
  link.refuse(true);
  const [first, second] = await Promise.all([
    pool.connection({ host: sshd.host }),
    pool.connection({ host: sshd.host }),
  ]);
  expect(failure(first)).toBe(failure(second));
  link.refuse(false);
  succeed(await pool.connection({ host: sshd.host }));
  await pool.closeAll();
});

test("closeAll closes, gives up attempts, and ends the pool", async () => {
  const pool = makePool();
  const open = succeed(await pool.connection({ host: sshd.host }));
  link.stall();
  const pending = pool.connection({ host: sshd.host, user: "somebody" });
  await Bun.sleep(200);
  await pool.closeAll();
  expect(open.alive).toBe(false);
  expect(failure(await pending).code).toBe("interrupted");
  expect(failure(await pool.connection({ host: sshd.host })).code).toBe("interrupted");
  link.resume();
});

describe("pools with other options", () => {
  test("share a connection if it is the same in all that counts", async () => {
    link.reset();
    const hosts = new Hosts();
    const configFile = sshd.clientConfigFor(link.port);
    const other = join(sshd.dir, "other_config");
    writeFileSync(other, `# another file\n${readFileSync(configFile, "utf8")}`);
    const [one, two] = [{ configFile }, { configFile: other }].map(
      (options) => new ConnectionPool(options, hosts),
    );
    const [first, second] = await Promise.all([
      one!.connection({ host: sshd.host }),
      two!.connection({ host: sshd.host }),
    ]);
    expect(succeed(second)).toBe(succeed(first));
    expect(link.connections).toBe(1);
    // Not with other rules for host keys, or other keys to log in with.
    for (const line of ["StrictHostKeyChecking yes", `IdentityFile ${sshd.dir}/none`]) {
      writeFileSync(other, `Host *\n${line}\n${readFileSync(configFile, "utf8")}`);
      const pool = new ConnectionPool({ configFile: other }, hosts);
      expect(succeed(await pool.connection({ host: sshd.host }))).not.toBe(succeed(first));
    }
    expect(link.connections).toBe(3);
    await hosts.closeAll();
  });

  test("tell once what cannot be honoured", async () => {
    const told: string[] = [];
    const hosts = new Hosts({ ...nobody, tell: (text) => told.push(text) });
    const configFile = join(sshd.dir, "warning_config");
    writeFileSync(configFile, `Host *\nGSSAPIAuthentication yes\n${readFileSync(sshd.configFile, "utf8")}`);
    for (const options of [{ configFile }, { configFile, port: sshd.port }]) {
      const pool = new ConnectionPool(options, hosts);
      const host = succeed(await pool.connection({ host: sshd.host }));
      host.close();
      await host.closed;
      succeed(await pool.connection({ host: sshd.host }));
    }
    expect(told).toEqual([expect.stringContaining("GSSAPIAuthentication of testhost is not followed")]);
    await hosts.closeAll();
  });
});
