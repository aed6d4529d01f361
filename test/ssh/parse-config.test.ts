import { describe, expect, test } from "bun:test";
import { isFault } from "../../src/core/fault.ts";
import type { HostConfig } from "../../src/ssh/config.ts";
import { parseHostConfig } from "../../src/ssh/parse-config.ts";
import { expandTokens } from "../../src/ssh/tokens.ts";

const context = { host: "web", sshCommand: "ssh web", home: "/home/ann", env: { KEYS: "/keys" } };
const base = "host web\nuser deploy\nhostname web.example.com\nport 2222\n";

function parse(text: string, env: Record<string, string> = context.env): HostConfig {
  const config = parseHostConfig(base + text, { ...context, env });
  if (isFault(config)) throw new Error(config.toString());
  return config;
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

  test("refuses a proxy, but not `none`", () => {
    for (const setting of ["proxyjump bastion", "proxycommand nc %h %p"]) {
      const fault = parseHostConfig(`${base}${setting}\n`, context);
      expect(fault).toMatchObject({ code: "usage", retry: false });
      expect(String(fault)).toMatch(
        /^Proxy(Jump|Command) is set for web \(.+\); tsync does not support it yet$/,
      );
    }
    expect(parse("proxyjump none\nproxycommand none\n").hostname).toBe("web.example.com");
  });
});

test("expandTokens leaves what it does not know", () => {
  const unset = `\${NOPE}`;
  expect(expandTokens(`/a/%z/${unset}/~/%d%`, { d: "/h" }, {})).toBe(`/a/%z/${unset}/~//h%`);
  expect(expandTokens("~", { d: "/h" }, {})).toBe("/h");
  expect(expandTokens("~bob/x", { d: "/h" }, {})).toBe("~bob/x");
});
