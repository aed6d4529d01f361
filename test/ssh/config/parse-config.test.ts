import { describe, expect, test } from "bun:test";
import type { Fault } from "../../../src/core/fault.ts";
import type { HostConfig } from "../../../src/ssh/config/config.ts";
import { parseHostConfig } from "../../../src/ssh/config/parse-config.ts";
import { readSettings } from "../../../src/ssh/config/settings.ts";
import { expandTokens } from "../../../src/ssh/config/tokens.ts";
import { failure, succeed } from "../support.ts";

const context = { host: "web", sshCommand: "ssh web", home: "/home/ann", env: { KEYS: "/keys" } };
const base = "host web\nuser deploy\nhostname web.example.com\nport 2222\n";

function parse(text: string, env: Record<string, string> = context.env, defaults = ""): HostConfig {
  return succeed(parseHostConfig(base + text, { ...context, env, defaults: readSettings(defaults) }));
}

function refusal(text: string): Fault {
  return failure(parseHostConfig(base + text, context));
}

describe("parseHostConfig", () => {
  test("reads where to connect to", () => {
    expect(parse("addressfamily inet6\nhostkeyalias farm\nstricthostkeychecking ask\n")).toMatchObject({
      host: "web",
      hostname: "web.example.com",
      port: 2222,
      user: "deploy",
      addressFamily: 6,
      hostKeyAlias: "farm",
      strictHostKeyChecking: "ask",
      sshCommand: "ssh web",
    });
  });

  test("keeps several identity files in order and expands them", () => {
    const text = `identityfile ~/.ssh/id_%h\nidentityfile \${KEYS}/%r 100%%\nidentityfile none\n`;
    const { identityFiles, identitiesOnly } = parse(`${text}identitiesonly yes\n`);
    expect(identityFiles).toEqual(["/home/ann/.ssh/id_web.example.com", "/keys/deploy 100%"]);
    expect(identitiesOnly).toBe(true);
  });

  test("splits known hosts files, also with a blank in a name", () => {
    const text = "userknownhostsfile /a/b c/kh /d /dev/null\nglobalknownhostsfile ~/g\n";
    expect(parse(text)).toMatchObject({
      userKnownHostsFiles: ["/a/b c/kh", "/d", "/dev/null"],
      globalKnownHostsFiles: ["/home/ann/g"],
    });
    expect(parse("userknownhostsfile none\n").userKnownHostsFiles).toEqual([]);
  });

  test("finds the agent", () => {
    const env = { SSH_AUTH_SOCK: "/run/a", OTHER: "/run/b" };
    expect(parse("", env).agentSocket).toBe("/run/a");
    expect(parse("identityagent SSH_AUTH_SOCK\n", env).agentSocket).toBe("/run/a");
    expect(parse("identityagent $OTHER\n", env).agentSocket).toBe("/run/b");
    expect(parse("identityagent /run/c d\n", env).agentSocket).toBe("/run/c d");
    expect(parse("identityagent none\n", env).agentSocket).toBe("");
    expect(parse("", {}).agentSocket).toBe("");
  });

  test("turns times into milliseconds, with defaults", () => {
    const times = ({ connectTimeoutMs, keepaliveIntervalMs, keepaliveCountMax }: HostConfig) => [
      connectTimeoutMs,
      keepaliveIntervalMs,
      keepaliveCountMax,
    ];
    expect(times(parse("connecttimeout 7\nserveraliveinterval 60\nserveralivecountmax 5\n"))).toEqual([
      7000, 60_000, 5,
    ]);
    expect(times(parse("connecttimeout none\nserveraliveinterval 0\nserveralivecountmax 9\n"))).toEqual([
      20_000, 15_000, 3,
    ]);
  });

  test("makes a ProxyCommand ready for a shell", () => {
    const of = (command: string) => parse(`hostkeyalias farm\nproxycommand ${command}\n`).proxyCommand;
    expect(of("nc '%h' %p -u %r # %n %k 100%%")).toBe("nc 'web.example.com' 2222 -u deploy # web farm 100%");
    expect(of("none")).toBe("");
    expect(parse("").proxyCommand).toBe("");
    expect(refusal("proxycommand nc %h %x\n").message).toContain(
      'ProxyCommand of web has "%x", which means nothing there',
    );
  });

  test("narrows lists of algorithms to what tsync has, in the user's order", () => {
    const { algorithms } = parse(
      "ciphers chacha20-poly1305@openssh.com,aes256-ctr,aes128-gcm@openssh.com\nmacs hmac-sha1,umac-64@openssh.com\n",
    );
    expect(algorithms).toEqual({
      ciphers: ["aes256-ctr", "aes128-gcm@openssh.com"],
      kex: [],
      macs: ["hmac-sha1"],
      hostKeys: [],
    });
    const fault = refusal("kexalgorithms sntrup761x25519-sha512,diffie-hellman-group18-sha512\n");
    expect(fault).toMatchObject({ code: "usage", retry: false });
    expect(fault.message).toBe(
      "KexAlgorithms of web names nothing that tsync has: sntrup761x25519-sha512,diffie-hellman-group18-sha512",
    );
    expect(fault.hint).toStartWith("tsync has curve25519-sha256, ");
  });

  test("a list that equals the default was not set", () => {
    const text = "ciphers aes256-ctr,aes128-ctr\n";
    expect(parse(text).algorithms.ciphers).toEqual(["aes256-ctr", "aes128-ctr"]);
    expect(parse(text, context.env, text).algorithms.ciphers).toEqual([]);
  });

  test("orders the methods of authentication, without those that are off", () => {
    const of = (text: string) => parse(text).authMethods;
    expect(of("")).toEqual(["publickey", "keyboard-interactive", "password"]);
    expect(of("preferredauthentications password,gssapi-with-mic,publickey\n")).toEqual([
      "password",
      "publickey",
    ]);
    expect(of("pubkeyauthentication false\nkbdinteractiveauthentication no\n")).toEqual(["password"]);
    expect(of("preferredauthentications none\n")).toEqual([]);
    expect(refusal("preferredauthentications hostbased\n").message).toBe(
      "PreferredAuthentications of web names nothing that tsync has: hostbased",
    );
  });

  test("reads how the user may be asked", () => {
    expect(parse("")).toMatchObject({ passwordPrompts: 3, batchMode: false });
    expect(parse("numberofpasswordprompts 0\nbatchmode yes\n")).toMatchObject({
      passwordPrompts: 0,
      batchMode: true,
    });
  });

  test("SetEnv wins over SendEnv, whose patterns pick from the environment", () => {
    const env = { LANG: "de", LC_ALL: "C", LC_TIME: "x", HOME: "/h" };
    const text = "sendenv LANG\nsendenv LC_*\nsetenv LC_ALL=POSIX\nsetenv A=b = c\nsetenv E=\n";
    expect(parse(text, env).environment).toEqual({
      LANG: "de",
      LC_ALL: "POSIX",
      LC_TIME: "x",
      A: "b = c",
      E: "",
    });
  });

  test("BindInterface becomes an address, where there is one", () => {
    expect(parse("bindinterface lo\naddressfamily inet\n")).toMatchObject({
      bindAddress: "127.0.0.1",
      warnings: [],
    });
    expect(parse("bindinterface no-such0\n")).toMatchObject({
      bindAddress: "",
      warnings: ["BindInterface of web is not followed: no-such0 has no address here"],
    });
    expect(parse("bindinterface no-such0\nbindaddress 127.0.0.9\n")).toMatchObject({
      bindAddress: "127.0.0.9",
      warnings: [],
    });
  });
});

test("expandTokens leaves what it does not know", () => {
  const unset = `\${NOPE}`;
  expect(expandTokens(`/a/%z/${unset}/~/%d%`, { d: "/h" }, {})).toBe(`/a/%z/${unset}/~//h%`);
  expect(expandTokens("~", { d: "/h" }, {})).toBe("/h");
  expect(expandTokens("~bob/x", { d: "/h" }, {})).toBe("~bob/x");
});
