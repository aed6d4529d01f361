/** The look-up in known_hosts files against that of OpenSSH: both must find the same lines, markers and keys. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHostConfig } from "../../../src/ssh/config/parse-config.ts";
import { fingerprint } from "../../../src/ssh/host-key/host-key.ts";
import { findHostKeys } from "../../../src/ssh/host-key/known-hosts.ts";
import { hashName } from "../../../src/ssh/host-key/known-hosts-line.ts";
import { runProcess } from "../../helpers/process.ts";
import { Random } from "../../helpers/trees.ts";
import { makeKey, succeed } from "../support.ts";

let dir: string;
let file: string;
let keys: string[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "tsync-keygen-"));
  file = join(dir, "known_hosts");
  keys = await Promise.all([
    makeKey(join(dir, "ed25519")),
    makeKey(join(dir, "rsa"), ["-t", "rsa", "-b", "2048", "-N", ""]),
    ...["256", "384", "521"].map((bits) => makeKey(join(dir, bits), ["-t", "ecdsa", "-b", bits, "-N", ""])),
  ]);
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What each finds, as `LINE MARKER FINGERPRINT`. */
async function theirs(name: string): Promise<string[]> {
  const { code, stdout, stderr } = await runProcess(["ssh-keygen", "-l", "-F", name, "-f", file]);
  if (code !== 0 && (code !== 1 || stdout !== "")) throw new Error(`ssh-keygen: ${stderr}`);
  const pattern = /^# Host .* found: line (\d+) (CA|REVOKED|)\n.* (SHA256:\S+)/gm;
  return [...stdout.matchAll(pattern)].map(([, line, marker, print]) => `${line} ${marker} ${print}`);
}

const markers = { "": "", "@revoked": "REVOKED", "@cert-authority": "CA" };

async function ours(name: string): Promise<string[]> {
  const text = `hostname x\nport 22\nhostkeyalias ${name}\nuserknownhostsfile ${file}\n`;
  const config = succeed(parseHostConfig(text, { host: "x", sshCommand: "ssh x", home: "/", env: {} }));
  return succeed(await findHostKeys(config)).map(
    ({ line, marker, keyBase64 }) =>
      `${line} ${markers[marker]} ${fingerprint(Buffer.from(keyBase64, "base64"))}`,
  );
}

/** Compares both for each name; returns how much was found. */
async function compare(lines: string[], names: string[]): Promise<number> {
  writeFileSync(file, Buffer.from(lines.join("\n"), "latin1"));
  let found = 0;
  for (const name of names) {
    const expected = await theirs(name);
    expect(await ours(name)).toEqual(expected);
    found += expected.length;
  }
  return found;
}

test("lines made by hand", async () => {
  const key = keys[0]!;
  const [type = "", base64 = ""] = key.split(" ");
  const hashed = hashName("host");
  const [, , salt = "", hash = ""] = hashed.split("|");
  const lines = [
    `host ${key}`,
    `host ${key} a comment, with words`,
    `host\t${type}\t \t${base64}\tcomment`,
    `  \t host ${key}`,
    `#host ${key}`,
    ` # host ${key}`,
    "",
    " \t ",
    `HOST ${key}`,
    `a,HoSt,b ${key}`,
    `host, ${key}`,
    `,host ${key}`,
    `host ,a ${key}`,
    `*,!host ${key}`,
    `!host,* ${key}`,
    `!other,host ${key}`,
    `!other ${key}`,
    `!!host,* ${key}`,
    `h?st,[host]:* ${key}`,
    `h*t ${key}`,
    `h**t* ${key}`,
    `*o*s* ${key}`,
    `*ost? ${key}`,
    `? ${key}`,
    `* ${key}`,
    `[host]:2222 ${key}`,
    `[h*]:22?2 ${key}`,
    `host:2222 ${key}`,
    `h[aou]st ${key}`,
    `h\\ost ${key}`,
    `"host" ${key}`,
    `${hashed} ${key}`,
    `${hashed},other ${key}`,
    `other,${hashed} ${key}`,
    `${hashed.toUpperCase()} ${key}`,
    `|1|${salt}|${hash.slice(0, -1)} ${key}`,
    `|1|${salt}=|${hash} ${key}`,
    `|1|${salt} ${key}`,
    `|1|| ${key}`,
    `|2|${salt}|${hash} ${key}`,
    `${hashName("host", Buffer.alloc(19))} ${key}`,
    `|1|${salt}|${hash}| ${key}`,
    `@revoked host ${key}`,
    `@cert-authority * ${key}`,
    `@revoked  \t *,!other ${key}`,
    ` @revoked ${hashed} ${key}`,
    `@revoked`,
    `@revoked `,
    `@revoked host`,
    `@revoked @cert-authority host ${key}`,
    `@revoked@ host ${key}`,
    `@REVOKED host ${key}`,
    `@unknown host ${key}`,
    `@ host ${key}`,
    `@revokedhost ${key}`,
    `host`,
    `host `,
    `host ${type}`,
    `host ${type} `,
    `host ${type} #`,
    `host # ${key}`,
    `host ${base64}`,
    `host ssh-rsa ${base64}`,
    `host ssh-nonsense ${base64}`,
    `host SSH-ED25519 ${base64}`,
    `host 1024 35 123456789`,
    `host ${type} ${base64.slice(0, -1)}`,
    `host ${type} ${base64.slice(0, -4)}`,
    `host ${type} ${Buffer.from(`\0\0\0\x0b${type}`).toString("base64")}`,
    `host ${type} ${base64}A`,
    `host ${type} ${base64}AAAA`,
    `host ${type} ${base64.slice(0, 30)}*${base64.slice(31)}`,
    `host ${type} ${base64}\r`,
    `host ${key} comment\r`,
    `host\r ${key}`,
    `host ${type}\r ${base64}`,
    `host ${type} ${base64.slice(0, 30)}\v${base64.slice(30)}`,
    `host ${key}\0garbage`,
    `h\xf6st,host ${key}`,
    `h?st ${keys[1]}`,
    `${"x".repeat(1_021)},host ${key}`,
    `${"x".repeat(1_022)},host ${key}`,
    `${"x".repeat(1_023)},host ${key}`,
    `${"x".repeat(1_024)},host ${key}`,
    `host,${"x".repeat(1_023)} ${key}`,
    ...keys.map((other) => `host ${other}`),
    `host ${key} no line end`,
  ];
  const names = ["host", "other", "[host]:2222", "a", "h", "xhosty", "höst", "[other]:2222", "x"];
  expect(await compare(lines, names)).toBeGreaterThan(90);
});

const pieces = ["a", "b", "ab", "A", "*", "?", ".", "[a]:2222", "[a]:*", "10.0.0.1", "::1", "a.b", "\xe9"];

function randomNames(random: Random): string {
  if (random.int(6) === 0) return hashName(random.pick(["a", "ab", "a.b", "[a]:2222"]));
  const one = () =>
    (random.int(4) === 0 ? "!" : "") +
    Array.from({ length: 1 + random.int(3) }, () => random.pick(pieces)).join("");
  return Array.from({ length: 1 + random.int(4) }, one).join();
}

/** A line, sometimes with a byte too much, too few, or of another value before its key. */
function randomLine(random: Random): string {
  const marker = random.pick(["", "", "", "", "@revoked ", "@cert-authority ", "@x "]);
  const line = `${marker}${randomNames(random)} ${random.pick(keys)}${random.pick(["", " comment", "\r"])}`;
  if (random.int(4) > 0) return line;
  const at = random.int(line.indexOf("AAAA"));
  const byte = random.pick([" ", "#", "*", "!", ",", "|", "@", "=", "A", "b", "\xff", "\r"]);
  return line.slice(0, at) + random.pick([byte, ""]) + line.slice(at + random.int(2));
}

test("random files", async () => {
  const random = new Random(20_816);
  let found = 0;
  for (let round = 0; round < 40; round++) {
    const lines = Array.from({ length: 40 }, () => randomLine(random));
    found += await compare(lines, ["a", "ab", "a.b", "[a]:2222", "b"]);
  }
  expect(found).toBeGreaterThan(500);
});
