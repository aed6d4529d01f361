import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { isFault } from "../../src/core/fault.ts";
import { channelExit } from "../../src/ssh/channel-exit.ts";
import { connect } from "../../src/ssh/connect.ts";
import type { Connection } from "../../src/ssh/connection.ts";
import { startLink } from "../helpers/link.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { capture, configOf, failure, succeed } from "./support.ts";

let sshd: TestSshd;
let connection: Connection;

beforeAll(async () => {
  sshd = await startSshd();
  connection = succeed(await connect(await configOf(sshd)));
});
afterAll(async () => {
  connection.close();
  await sshd.stop();
});

describe("exec", () => {
  test("gives output, error output and exit code", async () => {
    const { stdout, stderr, code, signal } = await capture(connection, "echo out; echo err >&2; exit 7");
    expect([stdout.toString(), stderr.toString(), code, signal]).toEqual(["out\n", "err\n", 7, null]);
  });

  test("tells the signal that ended the command", async () => {
    const { code, signal } = await capture(connection, "kill -KILL $$");
    expect({ code, signal }).toEqual({ code: null, signal: "SIGKILL" });
  });

  test("passes every byte of the command but NUL", async () => {
    const dir = tempDir("tsync-bytes-");
    const name = Buffer.from(
      Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 0x2f && byte !== 0x27),
    );
    const command = Buffer.concat([
      Buffer.from(`cd '${dir}' && touch '`),
      name,
      Buffer.from("' && ls | od -An -tx1 -v"),
    ]);
    const { code, stdout } = await capture(connection, command);
    expect(code).toBe(0);
    expect(readdirSync(dir, { encoding: "buffer" })).toEqual([name]);
    expect(stdout.toString().replace(/\s/g, "")).toBe(`${name.toString("hex")}0a`);
  });

  test("carries megabytes both ways, on several channels at once", async () => {
    const data = randomBytes(6 * 1024 * 1024);
    const digest = createHash("sha256").update(data).digest("hex");
    const echo = async () => {
      const channel = succeed(await connection.exec("cat"));
      const exit = channelExit(channel);
      const hash = createHash("sha256");
      channel.stderr.resume();
      channel.on("data", (chunk: Buffer) => hash.update(chunk)).end(data);
      expect(await exit).toEqual({ code: 0, signal: null });
      return hash.digest("hex");
    };
    expect(await Promise.all([echo(), echo(), echo()])).toEqual([digest, digest, digest]);
  });

  test("a server that allows no further channel is a fault to try again", async () => {
    const narrow = await startSshd({ extraConfig: ["MaxSessions 1"] });
    const one = succeed(await connect(await configOf(narrow)));
    const channel = succeed(await one.exec("cat"));
    const fault = failure(await one.exec("true"));
    expect(fault).toMatchObject({ code: "connection", retry: true });
    expect(fault.hint).toContain("MaxSessions");
    const exit = channelExit(channel);
    channel.resume().stderr.resume();
    channel.end();
    expect((await exit).code).toBe(0);
    // The server frees the session a moment after it closed the channel.
    await waitUntil(async () => {
      const again = await one.exec("true");
      if (isFault(again)) return false;
      again.resume().stderr.resume();
      return (await channelExit(again)).code === 0;
    }, 5000);
    one.close();
    await narrow.stop();
  });
});

describe("loss", () => {
  test("a cut line ends the connection and its channels", async () => {
    const link = await startLink({ targetPort: sshd.port, rttMs: 0 });
    const cut = succeed(await connect(await configOf(sshd, [], link.port)));
    const channel = succeed(await cut.exec("cat"));
    channel.resume().stderr.resume();
    const exit = channelExit(channel);
    link.cut();
    expect(await cut.closed).toMatchObject({ code: "connection", retry: true });
    expect(cut.alive).toBe(false);
    expect(await exit).toEqual({ code: null, signal: null });
    expect(await cut.exec("true")).toBe(await cut.closed);
    channel.write("too late");
    channel.end();
    channel.close();
    await link.stop();
  });

  test("a line that fell silent is found by keepalive, also while a channel is being opened", async () => {
    const link = await startLink({ targetPort: sshd.port, rttMs: 0 });
    const config = {
      ...(await configOf(sshd, [], link.port)),
      keepaliveIntervalMs: 50,
      keepaliveCountMax: 2,
    };
    const silent = succeed(await connect(config));
    await Bun.sleep(500);
    expect(silent.alive).toBe(true);
    link.stall();
    const start = performance.now();
    const opening = silent.exec("true");
    const fault = await silent.closed;
    expect(fault).toMatchObject({ code: "connection", retry: true });
    expect(fault.message).toContain("has not answered for 0.15 s");
    expect(performance.now() - start).toBeLessThan(2000);
    expect(await opening).toBe(fault);
    await link.stop();
  });

  test("the end of the server", async () => {
    const mortal = await startSshd();
    const orphan = succeed(await connect(await configOf(mortal)));
    await mortal.stop();
    expect(await orphan.closed).toMatchObject({ code: "connection", retry: true });
  });

  test("closing is no loss", async () => {
    const own = succeed(await connect(await configOf(sshd)));
    own.close();
    expect(own.alive).toBe(false);
    expect(await own.closed).toMatchObject({ code: "interrupted", retry: false });
    expect(failure(await own.exec("true")).code).toBe("interrupted");
  });
});
