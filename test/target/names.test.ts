/**
 * Names of all bytes through everything that is run on a target: none is ever interpreted. A name that was would make
 * a file called CANARY, or leave the trees unequal.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { isFault } from "../../src/core/fault.ts";
import { checkSsh } from "../../src/target/check-ssh.ts";
import type { TransferOptions } from "../../src/target/transfer-options.ts";
import { type Account, loginShell, startAccount, withSh } from "../helpers/account.ts";
import { exercise } from "../helpers/exercise.ts";
import { tempDir } from "../helpers/process.ts";
import { bytesOf, namesIn } from "../helpers/trees.ts";

const commands = ["touch CANARY", ">CANARY", "touch\x24{IFS}CANARY"];
const wrapped = commands.flatMap((command) => [
  `$(${command})`,
  `\`${command}\``,
  `;${command};`,
  `\n${command}\n`,
  `'${command}'`,
  `' ;${command}; '`,
  `"$(${command})"`,
  `\\';${command};'`,
  `|${command}`,
  `&&${command}&`,
  `(${command})`,
  `!${command}`,
]);
const pieces = [
  ..."'\"\\`$!#&*?[]{}()<>|;~^%=:, \t\n\r\x01\x7f\x80\x81\x88\xa0\xff-+@.",
  ...[
    "--",
    "-rf",
    "\x24{HOME}",
    "$1",
    "\\n",
    "\\047",
    "%s",
    "!!",
    "!x",
    "TSYNC-DESTINATION",
    "tsync-0 0 f 1 d",
  ],
  ...["\xc3\xa9", "\xed\xa0\x80", "\xef\xbf\xbd", "\xf0\x9f\x98\x80", "{a,b}", "é=~", "\n\n", "$'\\x27'"],
  ...wrapped,
].map((piece) => (piece.includes("é") ? Buffer.from(piece).toString("latin1") : piece));

const anyByte = fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte));
const isName = (name: string) =>
  name !== "" &&
  name !== "." &&
  name !== ".." &&
  name !== "CANARY" &&
  name.length <= 200 &&
  !/[/\0]/.test(name);
/** A name as bytes. */
const nameOfBytes = fc
  .array(fc.oneof(fc.constantFrom(...pieces), anyByte), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join("").replaceAll("/", "_"))
  .filter(isName);
/** A name that is a text, as a target's directory is on the command line. */
const nameOfText = nameOfBytes.map((name) => Buffer.from(name, "latin1").toString("utf8"));
const namesOfBytes = fc.uniqueArray(nameOfBytes, { minLength: 8, maxLength: 24 });

let folder: string;
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Works with `names` in the directory `name`, and looks at what became of it. */
async function work(
  account: Account,
  name: string,
  names: readonly string[],
  transfer: Partial<TransferOptions> = {},
): Promise<void> {
  folder = tempDir("tsync-names-");
  const source = join(folder, "source");
  mkdirSync(source);
  const directory = join(folder, name);
  const place = { host: { host: account.sshd.host }, rsync: "rsync" };
  expect(await checkSsh(account.pool, { ...place, directory })).toBe(
    `rsync is there, and the directory can be made in ${folder}`,
  );
  const target = account.target(directory, source, transfer);
  await exercise(target, source, Buffer.from(directory).toString("latin1"), names);
  expect(await checkSsh(account.pool, { ...place, directory })).toBe(
    "rsync is there, and the directory can be written",
  );
  await target.close();
  expect(account.canaries()).toEqual([]);
  const found = readdirSync(folder, { recursive: true, encoding: "latin1" });
  expect(found.filter((path) => /(^|\/)CANARY$/.test(path))).toEqual([]);
  expect(namesIn(folder).length).toBe(2);
}

const shells: Record<string, string | undefined> = {
  "the account's own shell": undefined,
  tcsh: loginShell("tcsh"),
  fish: loginShell("fish"),
  zsh: loginShell("zsh"),
  "bash as sh": withSh("-a sh bash"),
  "BusyBox as sh": withSh("busybox sh"),
};

describe.each(Object.entries(shells))("names of all sorts: %s", (_, session) => {
  let account: Account;
  beforeAll(async () => {
    account = await startAccount(session === undefined ? {} : { session });
  });
  afterAll(() => account.stop());

  test("in directories of all names", async () => {
    await fc.assert(
      fc.asyncProperty(
        nameOfText.filter((name) => name !== "source"),
        namesOfBytes,
        (name, names) => work(account, name, names),
      ),
      { numRuns: 6, endOnFailure: true },
    );
  });
});

/** The directory is named to whatever takes commands there: a shell that may do little, or rrsync. */
test.each([
  ["rbash", () => loginShell("rbash"), (place: string) => place],
  ["rrsync", () => `rrsync ${folder}`, () => "place"],
])("names of all sorts: by rsync alone, through %s", async (_, session, placeThere) => {
  folder = tempDir("tsync-names-");
  const account = await startAccount({ session: session() });
  const names = nameOfText.filter((name) => !/[*?[\]{}~\n\r\ufffd]|^source$/.test(name));
  const outer = folder;
  await fc.assert(
    fc.asyncProperty(names, namesOfBytes, async (name, inside) => {
      const place = join(outer, "place");
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place);
      const source = join(outer, "source");
      rmSync(source, { recursive: true, force: true });
      mkdirSync(source);
      const target = account.target(join(placeThere(place), name), source);
      await exercise(target, source, Buffer.from(join(place, name)).toString("latin1"), inside, false);
      await target.close();
      expect(account.canaries()).toEqual([]);
      expect(namesIn(place).length).toBe(1);
      expect(namesIn(outer)).toEqual(["place", "source"]);
    }),
    { numRuns: 3, endOnFailure: true },
  );
  await account.stop();
});

describe("names of all sorts", () => {
  let account: Account;
  beforeAll(async () => {
    account = await startAccount();
  });
  afterAll(() => account.stop());

  test("every dangerous piece, alone and in pairs", async () => {
    const pairs = pieces.flatMap((one, at) => [one, `${one}${pieces[(at * 7 + 3) % pieces.length]}`]);
    await work(account, "target", [...new Set(pairs)].filter(isName));
  });

  test("backups in directories and with suffixes of all names", async () => {
    await fc.assert(
      fc.asyncProperty(nameOfText, nameOfText, namesOfBytes, async (backups, suffix, names) => {
        const isText = (text: string) => !text.includes("\ufffd");
        fc.pre(isText(backups) && isText(suffix) && `${suffix}${backups}`.length < 50);
        const bytes = (text: string) => Buffer.from(text).toString("latin1");
        const short = names.filter((name) => name.length < 150);
        fc.pre(short.length >= 4 && !short.includes(bytes(backups)));
        const backup = { directory: `../${bytes(backups)}`, suffix: bytes(suffix) };
        folder = tempDir("tsync-names-");
        const source = join(folder, "a/source");
        mkdirSync(source, { recursive: true });
        const directory = join(folder, "target");
        fc.pre(backups !== "target" && backups !== "a");
        const target = account.target(directory, source, { backup });
        await exercise(target, source, directory, short);
        await target.close();
        expect(account.canaries()).toEqual([]);
        expect(namesIn(folder).sort()).toEqual(["a", bytes(backups), "target"].sort());
        expect(existsSync(bytesOf(`${folder}/${bytes(backups)}`))).toBe(true);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });

  test("a listing, and what is removed by it", async () => {
    folder = tempDir("tsync-names-");
    const source = join(folder, "source");
    mkdirSync(source);
    const target = account.target(join(folder, "target"), source);
    expect(await target.connect()).toBeNull();
    for (const piece of pieces.filter(isName)) writeFileSync(bytesOf(`${folder}/target/${piece}`), "");
    const paths = await target.list();
    if (isFault(paths)) throw new Error(paths.message);
    expect(paths.sort()).toEqual([...new Set(pieces.filter(isName))].sort());
    const outcomes: string[] = [];
    await target.run(
      paths.map((path) => ({ do: "remove" as const, path })),
      (index, outcome) => (outcomes[index] = outcome.is),
    );
    expect(new Set(outcomes)).toEqual(new Set(["done"]));
    expect(namesIn(join(folder, "target"))).toEqual([]);
    expect(account.canaries()).toEqual([]);
    await target.close();
  });
});
