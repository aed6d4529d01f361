/** Connections through other hosts and programs, and where no terminal is. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { HostConfig } from "../../src/ssh/config/config.ts";
import { connect } from "../../src/ssh/connect.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { capture, configOf, succeed } from "./support.ts";

let bastion: TestSshd;
let inner: TestSshd;
let toBastion: HostConfig;
let toInner: HostConfig;

beforeAll(async () => {
  [bastion, inner] = await Promise.all([startSshd(), startSshd()]);
  [toBastion, toInner] = await Promise.all([configOf(bastion), configOf(inner)]);
});
afterAll(() => Promise.all([bastion.stop(), inner.stop()]));

describe("through another host", () => {
  test("a command runs on the last of them", async () => {
    const connection = succeed(await connect({ ...toInner, jump: toBastion }));
    const { stdout } = await capture(connection, "echo $SSH_CONNECTION");
    expect(stdout.toString().trim()).toEndWith(` ${inner.port}`);
    connection.close();
  });

  test("two hosts on the way, and a megabyte each way", async () => {
    const connection = succeed(await connect({ ...toInner, jump: { ...toBastion, jump: toInner } }));
    const text = "x".repeat(1_000_000);
    expect((await capture(connection, "cat", text)).stdout.toString()).toBe(text);
    connection.close();
  });
});
