/** What the doctor makes of what it finds: each thing that could be better is named, with what to do. */
import { describe, expect, test } from "bun:test";
import { type Diagnosis, diagnoseConnection, diagnoseHost } from "../../src/cli/diagnosis.ts";
import type { HostProbe } from "../../src/target/probe.ts";

const healthy: HostProbe = {
  system: "Linux 6.1 x86_64",
  user: "ann",
  loginShell: "/bin/bash",
  userland: "GNU",
  rsyncVersion: "3.2.7",
  clockAheadMs: 400,
  roundTripMs: 12,
  shellStartMs: 40,
  sessions: 10,
  directory: {
    state: "writable",
    nearest: "/var/www",
    freeBytes: 50e9,
    sizeBytes: 100e9,
    freeInodes: 1e6,
    inodes: 2e6,
  },
};

/** What is said about `what`. */
function about(
  what: string,
  changes: Partial<HostProbe>,
  rsyncHere = "3.2.7",
  server = "OpenSSH_9.2",
): Diagnosis {
  const found = diagnoseHost({ ...healthy, ...changes }, rsyncHere, server).find(
    (item) => item.what === what,
  );
  if (found === undefined) throw new Error(`nothing is said about ${what}`);
  return found;
}

const directory = (changes: Partial<HostProbe["directory"]>) => ({
  directory: { ...healthy.directory, ...changes },
});

test("of a healthy host all is well, and nothing is advised", () => {
  const items = diagnoseHost(healthy, "3.2.7", "OpenSSH_9.2");
  expect(items.length).toBeGreaterThanOrEqual(8);
  for (const item of items) expect(item).toMatchObject({ level: "ok", advice: "" });
});

describe("what could be better", () => {
  test.each<[string, Partial<HostProbe>, Diagnosis["level"], RegExp, RegExp]>([
    ["login shell", { shellStartMs: 1_300 }, "warning", /starts in 1.3 s/, /start-up files/],
    ["rsync there", { rsyncVersion: "" }, "error", /not installed/, /apt-get install rsync/],
    ["rsync there", { rsyncVersion: "3.1.2" }, "warning", /^3\.1\.2$/, /update it/],
    ["directory", directory({ state: "forbidden" }), "error", /\/var\/www cannot be written by ann/, /right/],
    ["directory", directory({ state: "other" }), "error", /not a directory/, /another place/],
    ["space", directory({ freeBytes: 1e9 }), "warning", /954 MiB free of 93.1 GiB/, /make some/],
    ["inodes", directory({ freeInodes: 10 }), "warning", /10 free of 2,000,000/, /each file/],
    ["clock", { clockAheadMs: -90_000 }, "note", /^1.5 min behind$/, /NTP/],
  ])("%s %o", (what, changes, level, found, advice) => {
    const item = about(what, changes);
    expect(item.level).toBe(level);
    expect(item.found).toMatch(found);
    expect(item.advice).toMatch(advice);
  });

  test("rsync is missing here", () => {
    const where = { level: "note", found: "not installed", advice: expect.stringMatching(/itself; verify/) };
    expect(about("rsync here", {}, "")).toMatchObject(where);
    const old = { rsyncVersion: "3.1.2" };
    expect(about("rsync here", old, "")).toMatchObject({ level: "error", found: "not installed" });
  });

  test("the sender that is not tsync itself", () => {
    expect(about("sender", {})).toMatchObject({
      level: "ok",
      found: expect.stringContaining("tsync itself"),
    });
    const stock = { level: "note", found: "rsync here" };
    const old = { rsyncVersion: "3.1.2" };
    expect(about("sender", old)).toMatchObject({ ...stock, advice: expect.stringContaining("3.1.3") });
    const dropbear = [{}, "3.2.7", "dropbear_2022.83"] as const;
    expect(about("sender", ...dropbear)).toMatchObject({
      ...stock,
      advice: expect.stringContaining("Dropbear"),
    });
    expect(about("sender", {}, "", "dropbear_2022.83").level).toBe("ok");
  });

  test("few sessions, and a slow cipher", () => {
    expect(about("sessions", { sessions: null }).found).toContain("12 or more");
    expect(about("sessions", { sessions: 2 })).toMatchObject({
      level: "note",
      advice: expect.stringContaining("MaxSessions"),
    });
    const facts = {
      server: "OpenSSH_9.2p1",
      address: "192.0.2.1:22",
      keyExchange: "curve25519-sha256",
      cipher: "aes256-ctr",
      mac: "hmac-sha2-256",
      compression: "zlib@openssh.com",
      hostKeyType: "ssh-ed25519",
      hostKeyFingerprint: "SHA256:x",
      acceptedBy: "/home/ann/.ssh/id_ed25519",
      connectMs: 31,
    };
    const notes = diagnoseConnection(facts).filter(({ level }) => level === "note");
    expect(notes.map(({ what }) => what)).toEqual(["encryption", "compression"]);
  });
});

test("names that are no text do not reach the terminal as they are", () => {
  expect(about("directory", directory({ nearest: "/a\x1b[2J\n" })).found).not.toMatch(/[\x00-\x1f]/);
  expect(about("system", { system: "evil\x1b]0;" }).found).not.toMatch(/[\x00-\x1f]/);
});
