/** What happens to unknown host keys: who is asked what, in which words, and what stands in known_hosts afterwards. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostConfig } from "../../../src/ssh/config/config.ts";
import { parseHostConfig } from "../../../src/ssh/config/parse-config.ts";
import { addHostKey } from "../../../src/ssh/host-key/add-host-key.ts";
import { admitHostKey, type Offer } from "../../../src/ssh/host-key/admit-host-key.ts";
import { fingerprint } from "../../../src/ssh/host-key/host-key.ts";
import { findHostKeys } from "../../../src/ssh/host-key/known-hosts.ts";
import { startProcess } from "../../helpers/process.ts";
import { FakeAsker, failure, makeKey, run, succeed } from "../support.ts";

let dir: string;
let file: string;
/** Public keys as they stand in a file: type and base64. */
const keys = { ed25519: "", rsa: "", ecdsa: "" };

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "tsync-admit-"));
  keys.ed25519 = await makeKey(join(dir, "ed25519"));
  keys.rsa = await makeKey(join(dir, "rsa"), ["-t", "rsa", "-b", "2048", "-N", ""]);
  keys.ecdsa = await makeKey(join(dir, "ecdsa"), ["-t", "ecdsa", "-N", ""]);
});
beforeEach(() => {
  // Another file for each test: what could not be added is remembered.
  file = join(mkdtempSync(join(dir, "test-")), "known_hosts");
});
afterAll(() => rmSync(dir, { recursive: true }));

function blob(key: string): Buffer {
  return Buffer.from(key.split(" ")[1] ?? "", "base64");
}

function configWith(changes: Partial<HostConfig> = {}): HostConfig {
  const text = `user u\nhostname Srv.example\nport 2222\nuserknownhostsfile ${file}\n`;
  const context = { host: "srv", sshCommand: "ssh srv", home: "/", env: {} };
  return { ...succeed(parseHostConfig(text, context)), ...changes };
}

function offer(key = keys.ed25519, changes: Partial<Offer> = {}): Offer {
  return { key: blob(key), address: "192.0.2.7", isOver: () => false, ...changes };
}

async function admit(asker: FakeAsker, changes: Partial<HostConfig> = {}, offered = offer()) {
  const config = configWith(changes);
  return await admitHostKey(config, succeed(await findHostKeys(config)), offered, asker);
}

const added = "Warning: Permanently added '[srv.example]:2222' (ED25519) to the list of known hosts.";
const again = "Please type 'yes', 'no' or the fingerprint: ";

function firstQuestion(otherNames = ["This key is not known by any other names."]): string {
  return [
    "The authenticity of host '[srv.example]:2222 ([192.0.2.7]:2222)' can't be established.",
    `ED25519 key fingerprint is ${fingerprint(blob(keys.ed25519))}.`,
    ...otherNames,
    "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
  ].join("\n");
}

describe("asking", () => {
  test("yes adds the key, which is known from then on", async () => {
    const asker = new FakeAsker("yes");
    expect(await admit(asker)).toBeNull();
    expect(asker.questions).toEqual([firstQuestion()]);
    expect(asker.told).toEqual([added]);
    expect(readFileSync(file, "utf8")).toBe(`[srv.example]:2222 ${keys.ed25519}\n`);
    expect(await run(["ssh-keygen", "-F", "[srv.example]:2222", "-f", file])).toContain("found: line 1");

    const silent = new FakeAsker();
    expect(await admit(silent)).toBeNull();
    expect(silent.questions).toEqual([]);
  });

  test.each(["YES", "  yes ", "yes please", "\tyes\n"])("%j is a yes, as for ssh", async (answer) => {
    expect(await admit(new FakeAsker(answer))).toBeNull();
    expect(existsSync(file)).toBe(true);
  });

  test("so is the fingerprint, but no other one", async () => {
    const print = fingerprint(blob(keys.ed25519));
    const other = fingerprint(blob(keys.rsa));
    const asker = new FakeAsker(other, print.toLowerCase(), print);
    expect(await admit(asker)).toBeNull();
    expect(asker.questions).toEqual([firstQuestion(), again, again]);
  });

  test.each(["no", "No", "", "  ", null])("%j refuses, and nothing is added", async (answer) => {
    const asker = new FakeAsker(answer);
    const fault = failure(await admit(asker));
    expect(fault).toMatchObject({ code: "host-key", retry: false });
    expect(fault.message).toContain("the host key of Srv.example:2222 was not accepted");
    expect(asker.questions).toHaveLength(1);
    expect(existsSync(file)).toBe(false);
  });

  test("anything else is asked again, not for ever", async () => {
    const asker = new FakeAsker(...Array.from({ length: 100 }, () => "what?"));
    failure(await admit(asker));
    expect(asker.questions).toEqual([firstQuestion(), ...Array(9).fill(again)]);
  });

  test("other names of the key are shown, eight of them, fit for a terminal", async () => {
    const names = Array.from({ length: 10 }, (_, i) => `host${i}\x1b[2J`);
    writeFileSync(file, names.map((name) => `${name} ${keys.ed25519}\n`).join(""));
    const asker = new FakeAsker("no");
    await admit(asker);
    expect(asker.questions).toEqual([
      firstQuestion([
        "This host key is known by the following other names/addresses:",
        ...Array.from({ length: 8 }, (_, i) => `    ${file}:${i + 1}: host${i}\\x1b[2J`),
        "    (2 additional names omitted)",
      ]),
    ]);
  });

  test("the address is given as far as it is known, with a port that is not the usual one", async () => {
    const asker = new FakeAsker("no", "no");
    await admit(asker, {}, offer(keys.rsa, { address: null }));
    expect(asker.questions[0]).toContain("host '[srv.example]:2222 (<no hostip for proxy command>)' can't");
    expect(asker.questions[0]).toContain("\nRSA key fingerprint is ");
    await admit(asker, { port: 22 }, offer(keys.ecdsa));
    expect(asker.questions[1]).toContain("host 'srv.example (192.0.2.7)' can't");
    expect(asker.questions[1]).toContain("\nECDSA key fingerprint is ");
  });

  test("a trusted certificate authority is named", async () => {
    writeFileSync(file, `@cert-authority * ${keys.rsa}\n`);
    const asker = new FakeAsker("no");
    await admit(asker);
    expect(asker.questions[0]).toStartWith(`${file} line 1 trusts a certificate authority`);
    expect(failure(await admit(new FakeAsker(), { batchMode: true })).message).toContain(`${file} line 1`);
    const another = new FakeAsker();
    expect(await admit(another, { strictHostKeyChecking: "accept-new" })).toBeNull();
    expect(another.told[0]).toStartWith(`${file} line 1 trusts a certificate authority`);
  });
});

describe("nobody is asked", () => {
  test.each<Partial<HostConfig>>([
    { batchMode: true },
    { strictHostKeyChecking: "yes" },
    { userKnownHostsFiles: [] },
    { hostname: "srv*" },
    { hostKeyAlias: "a,b" },
  ])("with %j, and the key is refused", async (changes) => {
    const asker = new FakeAsker("yes");
    const fault = failure(await admit(asker, changes));
    expect(fault).toMatchObject({ code: "host-key", retry: false });
    expect(fault.message).toContain(`is not known: it offers the ssh-ed25519 key SHA256:`);
    expect([...asker.questions, ...asker.told]).toEqual([]);
    expect(existsSync(file)).toBe(false);
  });

  test("where there is nobody, and the key is refused", async () => {
    expect(failure(await admit(new FakeAsker().gone())).hint).toEndWith("connect once with: ssh srv");
  });

  test("when nobody waits for the decision any more", async () => {
    const asker = new FakeAsker("yes");
    expect(failure(await admit(asker, {}, offer(keys.rsa, { isOver: () => true }))).code).toBe("interrupted");
    expect(asker.questions).toEqual([]);
  });

  test.each(["accept-new", "no"] as const)("with %s, and the key is added", async (strict) => {
    const asker = new FakeAsker().gone();
    expect(await admit(asker, { strictHostKeyChecking: strict, batchMode: true })).toBeNull();
    expect(asker.told).toEqual([added]);
    expect(readFileSync(file, "utf8")).toBe(`[srv.example]:2222 ${keys.ed25519}\n`);
  });
});

test.each(["ask", "yes", "accept-new", "no"] as const)(
  "changed and revoked: refused with %s",
  async (strict) => {
    for (const [line, word] of [
      [`[srv.example]:2222 ${keys.rsa}`, "CHANGED"],
      [`@revoked * ${keys.ed25519}`, "REVOKED"],
    ] as const) {
      writeFileSync(file, `${line}\n`);
      const asker = new FakeAsker("yes");
      const fault = failure(await admit(asker, { strictHostKeyChecking: strict }));
      expect(fault.message).toContain(word);
      expect(fault.message).toContain(`${file} line 1`);
      expect([...asker.questions, ...asker.told]).toEqual([]);
      expect(readFileSync(file, "utf8")).toBe(`${line}\n`);
    }
  },
);

describe("adding", () => {
  test("a folder that is missing is made, and nobody else may look in", async () => {
    const inside = join(dir, "home", ".ssh", "known_hosts");
    mkdirSync(join(dir, "home"));
    expect(await addHostKey(configWith(), inside, blob(keys.rsa))).toBeNull();
    expect(statSync(inside).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "home", ".ssh")).mode & 0o777).toBe(0o700);
  });

  test("the mode of a file that is there stays", async () => {
    writeFileSync(file, "");
    chmodSync(file, 0o644);
    expect(await addHostKey(configWith(), file, blob(keys.rsa))).toBeNull();
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  test("a last line without end stays a line of its own", async () => {
    writeFileSync(file, `other ${keys.rsa}`);
    expect(await addHostKey(configWith(), file, blob(keys.ed25519))).toBeNull();
    expect(readFileSync(file, "utf8")).toBe(`other ${keys.rsa}\n[srv.example]:2222 ${keys.ed25519}\n`);
  });

  test("names are hashed with HashKnownHosts", async () => {
    const asker = new FakeAsker("yes");
    expect(await admit(asker, { hashKnownHosts: true })).toBeNull();
    expect(asker.told).toEqual([added]);
    expect(readFileSync(file, "utf8")).toMatch(/^\|1\|[^ |]{28}\|[^ |]{28} ssh-ed25519 /);
    expect(await run(["ssh-keygen", "-F", "[srv.example]:2222", "-f", file])).toContain("found: line 1");
    expect(await admit(new FakeAsker(), { hashKnownHosts: true })).toBeNull();
  });

  test("names are those that ssh looks up", async () => {
    await addHostKey(configWith({ port: 22 }), file, blob(keys.rsa));
    await addHostKey(configWith({ hostKeyAlias: "Farm" }), file, blob(keys.rsa));
    await addHostKey(configWith({ hostname: "2001:DB8::1" }), file, blob(keys.rsa));
    const names = readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(" ")[0]);
    expect(names).toEqual(["srv.example", "farm", "[2001:db8::1]:2222", ""]);
  });

  test("to where nothing can be added: that is told, the key comes in, and is not asked about again", async () => {
    const below = join(dir, "ed25519", "known_hosts");
    const asker = new FakeAsker("yes");
    const changes = { userKnownHostsFiles: [below] };
    expect(await admit(asker, changes)).toBeNull();
    expect(await admit(asker, changes)).toBeNull();
    expect(asker.questions).toHaveLength(1);
    expect(asker.told).toHaveLength(1);
    expect(asker.told[0]).toStartWith(`Failed to add the host to the list of known hosts (${below}): `);
    // Another key is another question.
    failure(await admit(asker, changes, offer(keys.rsa)));
  });

  test("to a device, as some do to keep nothing", async () => {
    const asker = new FakeAsker();
    const changes = { userKnownHostsFiles: ["/dev/null"], strictHostKeyChecking: "no" as const };
    expect(await admit(asker, changes)).toBeNull();
    expect(asker.told).toEqual([added]);
  });

  test("what several processes add at the same time is all there, a key a line", async () => {
    const script = join(dir, "add.ts");
    const source = join(import.meta.dir, "../../../src/ssh/host-key/add-host-key.ts");
    writeFileSync(
      script,
      `import { addHostKey } from ${JSON.stringify(source)};
      for (let i = 0; i < 200; i++)
        await addHostKey({ hostKeyAlias: process.argv[2] + i }, process.argv[3], Buffer.from(process.argv[4], "base64"));`,
    );
    writeFileSync(file, `first ${keys.rsa}`);
    const adders = ["a", "b", "c"].map((name) =>
      startProcess([process.execPath, script, name, file, keys.ed25519.split(" ")[1]!]),
    );
    expect(await Promise.all(adders.map(({ exit }) => exit))).toEqual([0, 0, 0]);
    const lines = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    const expected = ["a", "b", "c"].flatMap((name) =>
      Array.from({ length: 200 }, (_, i) => `${name}${i} ${keys.ed25519}`),
    );
    expect(lines.sort()).toEqual([...expected, `first ${keys.rsa}`].sort());
  });
});

describe("several at the same time", () => {
  test("one question for one key, one line", async () => {
    const asker = new FakeAsker("yes");
    expect(await Promise.all([admit(asker), admit(asker), admit(asker)])).toEqual([null, null, null]);
    expect(asker.questions).toHaveLength(1);
    expect(asker.told).toEqual([added]);
    expect(readFileSync(file, "utf8")).toBe(`[srv.example]:2222 ${keys.ed25519}\n`);
  });

  test("a no holds for all who waited for it, not for who comes later", async () => {
    const asker = new FakeAsker("no", "yes");
    const faults = await Promise.all([admit(asker), admit(asker)]);
    expect(faults.map((fault) => failure(fault).code)).toEqual(["host-key", "host-key"]);
    expect(asker.questions).toHaveLength(1);
    expect(await admit(asker)).toBeNull();
  });

  test("what one asks no longer, the next one asks", async () => {
    let isOver = false;
    const asker = new FakeAsker(async () => {
      isOver = true;
      return null;
    }, "yes");
    const over = admit(asker, {}, offer(keys.ed25519, { isOver: () => isOver }));
    const next = admit(asker);
    failure(await over);
    expect(await next).toBeNull();
    expect(asker.questions).toHaveLength(2);
  });

  test("a no that comes too late for one holds for the next one", async () => {
    let isOver = false;
    const asker = new FakeAsker(async () => {
      isOver = true;
      return "no";
    }, "yes");
    const over = admit(asker, {}, offer(keys.ed25519, { isOver: () => isOver }));
    const next = admit(asker);
    failure(await over);
    expect(failure(await next).code).toBe("host-key");
  });

  test("questions about several hosts come one after the other", async () => {
    const asker = new FakeAsker("yes", "yes");
    const results = [admit(asker, { hostKeyAlias: "one" }), admit(asker, { hostKeyAlias: "two" })];
    expect(await Promise.all(results)).toEqual([null, null]);
    expect(asker.questions.map((question) => question.slice(0, 36))).toEqual([
      "The authenticity of host 'one ([192.",
      "The authenticity of host 'two ([192.",
    ]);
    expect(asker.pendingMax).toBe(1);
    expect(asker.told).toHaveLength(2);
  });

  test("a key that another program adds meanwhile is not asked about, or no longer let in", async () => {
    const others = new FakeAsker("yes", "yes");
    const first = new FakeAsker(async () => {
      writeFileSync(file, `two ${keys.ed25519}\nthree ${keys.rsa}\n`);
      return "yes";
    });
    const results = [
      admitHostKey(configWith({ hostKeyAlias: "one" }), [], offer(), first),
      admitHostKey(configWith({ hostKeyAlias: "two" }), [], offer(), others),
      admitHostKey(configWith({ hostKeyAlias: "three" }), [], offer(), others),
    ];
    expect(await Promise.all(results.slice(0, 2))).toEqual([null, null]);
    expect(failure(await results[2]).message).toContain("CHANGED");
    expect(others.questions).toEqual([]);
  });
});
