/** The program with an ssh configuration as people have it, also where no ssh client is installed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { makePlace, tsync } from "../helpers/tsync.ts";

let servers: TestSshd[];

beforeAll(async () => {
  servers = await Promise.all([startSshd(), startSshd(), startSshd({ extraConfig: ["LogLevel DEBUG1"] })]);
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Writes a configuration in which `target` is reached through `one` and `two`, and returns its path. */
function writeConfig(folder: string, targetLines: string[]): string {
  const known = join(folder, "known");
  writeFileSync(known, servers.map(({ knownHostsFile }) => readFileSync(knownHostsFile, "utf8")).join(""));
  const blocks = ["one", "two", "target"].map((name, index) => {
    const { port, user, clientKey } = servers[index]!;
    const lines = ["HostName 127.0.0.1", `Port ${port}`, `User ${user}`, `IdentityFile "${clientKey}"`];
    return `Host ${name}\n  ${[...lines, ...(name === "target" ? targetLines : [])].join("\n  ")}\n`;
  });
  writeFileSync(join(folder, "hosts.conf"), blocks.join(""));
  const file = join(folder, "ssh_config");
  const all = ["IdentitiesOnly yes", "IdentityAgent none", `UserKnownHostsFile "${known}"`];
  writeFileSync(file, `Include "${folder}/hosts.*"\nHost *\n  ${all.join("\n  ")}\n`);
  return file;
}

/** A PATH with everything that is there but ssh. */
function pathWithoutSsh(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const directory of new Set(["rsync", "sh", "ssh-keygen"].map((name) => dirname(Bun.which(name)!)))) {
    for (const name of readdirSync(directory)) {
      if (name === "ssh" || name === "slogin") continue;
      try {
        symlinkSync(join(directory, name), join(bin, name));
      } catch {
        // In two directories: the first counts.
      }
    }
  }
  return bin;
}

test.each(["with ssh", "without ssh"])("sync through two hosts, compressed, %s", async (kind) => {
  const place = makePlace();
  writeFileSync(join(place.source, "file"), "content ".repeat(10_000));
  const config = writeConfig(place.folder, ["ProxyJump one,two", "Compression yes"]);
  const env: Record<string, string> = kind === "with ssh" ? {} : { PATH: pathWithoutSsh(place.folder) };
  const before = servers.map((server) => server.log().length);
  const result = await tsync(place, ["sync", "-F", config, place.source, `target:${place.target}`], env);
  expect({ code: result.code, stderr: result.stderr }).toMatchObject({ code: 0 });
  expect(readFileSync(join(place.target, "file"), "utf8")).toBe("content ".repeat(10_000));
  const logs = servers.map((server, index) => server.log().slice(before[index]));
  for (const log of logs) expect(log.match(/Accepted publickey/g)).toHaveLength(1);
  expect(logs[2]).toContain("compression: zlib@openssh.com");
});

test("a way that cannot work is said before anything is done", async () => {
  const place = makePlace();
  const run = async (...lines: string[]) => {
    const config = writeConfig(place.folder, lines);
    return await tsync(place, ["sync", "-F", config, place.source, `target:${place.target}`]);
  };
  expect(await run("ProxyJump target")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("ProxyJump leads in a circle: target, target"),
  });
  expect(await run("Ciphers chacha20-poly1305@openssh.com")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Ciphers of target names nothing that tsync has"),
  });
  expect(await run("ProxyCommand echo closed today >&2")).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("(closed today)"),
  });
});
