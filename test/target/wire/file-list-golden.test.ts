/**
 * What rsync 3.5.0 itself sends as a list, byte for byte. Captured as root by `rsync -lptgoRI -d --no-implied-dirs -e
 * CUT PATHS h:TARGET/`, without and with `--numeric-ids`, where CUT runs the server's command here with `e.LsfxCI` in
 * place of the capabilities in it, and with a `tee` before and behind it. These are the bodies of the first frame from
 * the sender.
 */
import { expect, test } from "bun:test";
import { encodeList, type ListEntry } from "../../../src/target/wire/file-list.ts";
import { fromHex, hexOf, listEntry } from "./support.ts";

const names = { n: "n".repeat(255), m: "m".repeat(200), o: "o".repeat(200) };
const bytesOf = (name: string) => hexOf(Buffer.from(name));

/** The list, up to its end. */
const captured = `
  01 01 61 00 05 00 65 00 f1 53 a4 81 00 00 00 00 24 20 01 02 2e 62 00 2c 01 f8 fa ff ff ff ff ff
  ff ff f0 00 65 cd 1d ed 81 00 00 0c 0d 1c 20 05 65 6d 70 74 79 00 00 00 65 00 f1 53 e7 15 cd 5b
  a4 81 00 00 84 20 04 6c 69 6e 6b 00 01 00 f0 00 65 cd 1d ff a1 00 00 01 01 01 61 01 ff
  ${bytesOf(names.n)}
  00 04 00 00 00 00 00 a4 81 00 00 00 00 1d 21 03 64 2e 78 00 00 10 6b 37 37 09 f0 89 e9 86 25 ed 41
  00 00 30 03 02 2f 68 00 01 00 80 00 00 00 80 a4 81 00 00 02 35 21 01 00 00 00 10 6b 37 37 09 f0
  8a 55 63 28 ed 41 00 00 00 20 01 02 2f 66 00 01 00 65 00 f1 53 80 81 00 00 c0 fe ff c0 fe ff a4
  20 02 04 6c 69 6e 6b 00 0a 00 f0 00 65 cd 1d ff a1 00 00 00 00 0a 74 6f 2f 6e 6f 77 68 65 72 65
  3d 21 01 00 00 00 10 6b 37 37 09 f0 8a 55 63 28 ed 41 00 00 bf 21 01 02 2f 65 00 00 10 f0 89 e9
  86 25 20 03 02 2f 67 00 01 00 81 00 00 00 00 a4 81 00 00 f0 fe ff ff ff f0 fe ff ff ff 24 01 04
  04 64 65 65 70 00 00 10 62 80 00 59 ff 43 00 00 00 00 3d 21 03 00 00 00 10 6b 37 37 09 f0 89 e9
  86 25 ed 41 00 00 3d 01 03 05 2f 64 65 65 70 00 00 10 62 80 00 59 ff 43 00 00 30 08 02 2f 69 00
  01 00 00 00 00 00 a0 81 00 00 0c 15 21 c8
  ${bytesOf(names.m)}
  00 00 10 6b 37 37 09 f0 89 1f f5 26 ed 41 00 00 00 38 c8 c9 2f
  ${bytesOf(names.o)}
  00 02 00 5f 00 10 5e a4 81 00 00 00`;

/** What follows without `--numeric-ids`: names of users, names of groups. */
const capturedUsers = "c0 fe ff 06 6e 6f 62 6f 64 79 02 03 62 69 6e 01 06 64 61 65 6d 6f 6e 00";
const capturedGroups = "c0 fe ff 07 6e 6f 67 72 6f 75 70 01 06 64 61 65 6d 6f 6e 0d 05 70 72 6f 78 79 00";

// The capture names what is above a file anew for each argument, as it was there.
const above = (path: string, mtimeNanoseconds: number) =>
  listEntry(path, {
    kind: "implied",
    mode: 0o755,
    size: 4096,
    mtimeSeconds: 1_795_766_071,
    mtimeNanoseconds,
  });
const d = above("d", 0x2863558a);
const dE = above("d/e", 0x2586e989);
const deep = { mode: 0o1777, size: 4096, mtimeSeconds: 1_650_000_000 };
const half = { mtimeSeconds: 1_700_000_000, mtimeNanoseconds: 500_000_000 };

const entries: readonly ListEntry[] = [
  listEntry("a", { size: 5, mtimeSeconds: 1_700_000_000 }),
  listEntry("a.b", {
    mode: 0o755,
    size: 300,
    mtimeSeconds: -6,
    mtimeNanoseconds: 500_000_000,
    uid: 12,
    gid: 13,
  }),
  listEntry("empty", { mtimeSeconds: 1_700_000_000, mtimeNanoseconds: 123_456_789, uid: 12, gid: 13 }),
  listEntry("link", { kind: "symlink", mode: 0o777, link: "a", uid: 1, gid: 1, ...half }),
  listEntry(names.n, { size: 4 }),
  above("d.x", 0x2586e989),
  listEntry("d.x/h", { size: 1, mtimeSeconds: 2 ** 31, uid: 2 }),
  d,
  listEntry("d/f", { mode: 0o600, size: 1, mtimeSeconds: 1_700_000_000, uid: 65_534, gid: 65_534 }),
  listEntry("d/link", { kind: "symlink", mode: 0o777, link: "to/nowhere", ...half }),
  d,
  dE,
  listEntry("d/e/g", { size: 1, mtimeSeconds: 2 ** 32, uid: 2 ** 32 - 2, gid: 2 ** 32 - 2 }),
  listEntry("d/e/deep", { kind: "directory", ...deep }),
  dE,
  listEntry("d/e/deep", { kind: "implied", ...deep }),
  listEntry("d/e/deep/i", { mode: 0o640, size: 1, uid: 12 }),
  above(names.m, 0x26f51f89),
  listEntry(`${names.m}/${names.o}`, { size: 2, mtimeSeconds: 1_600_000_000 }),
];

const users = new Map([
  [1, "daemon"],
  [2, "bin"],
  [65_534, "nobody"],
]);
const groups = new Map([
  [1, "daemon"],
  [13, "proxy"],
  [65_534, "nogroup"],
]);

test("the list is rsync's own, with owners by their numbers", () => {
  const list = encodeList(entries, { owner: true, group: true, names: null });
  expect(hexOf(list)).toBe(hexOf(fromHex(captured)));
});

test("the list is rsync's own, with the names of owners", () => {
  const nameIn = (table: ReadonlyMap<number, string>) => (id: number) => table.get(id) ?? null;
  const byName = { users: nameIn(users), groups: nameIn(groups) };
  const list = encodeList(entries, { owner: true, group: true, names: byName });
  const end = fromHex(captured).length;
  expect(hexOf(list.subarray(0, end))).toBe(hexOf(fromHex(captured)));
  // (rsync tells the names in another order, which says nothing.)
  const usersEnd = end + fromHex(capturedUsers).length;
  expect(namesIn(list.subarray(end, usersEnd))).toEqual(namesIn(fromHex(capturedUsers)));
  expect(namesIn(list.subarray(usersEnd))).toEqual(namesIn(fromHex(capturedGroups)));
});

/** Each number of a list of names, as bytes, with its name; the end has none. */
function namesIn(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const number = bytes[at]! < 0x80 ? 1 : 3;
    const length = bytes[at] === 0 ? 0 : 1 + bytes[at + number]!;
    found.push(hexOf(bytes.subarray(at, at + number + length)));
    at += number + length;
  }
  return found.sort();
}

test("names are only told of what is sent: users, groups, or both", () => {
  const list = [listEntry("a", { uid: 1, gid: 13 })];
  const nameOf = () => "x";
  const after = (owner: boolean, group: boolean) => {
    const named = encodeList(list, { owner, group, names: { users: nameOf, groups: nameOf } });
    return hexOf(named.subarray(encodeList(list, { owner, group, names: null }).length));
  };
  expect(after(true, true)).toBe("01 01 78 00 0d 01 78 00");
  expect(after(true, false)).toBe("01 01 78 00");
  expect(after(false, true)).toBe("0d 01 78 00");
  expect(after(false, false)).toBe("");
});

test("a name is counted in bytes, and left out if it is too long, or of 0", () => {
  const told = (name: string, uid: number) => {
    const list = [listEntry("a", { uid })];
    const options = { owner: true, group: false, names: { users: () => name, groups: () => null } };
    return hexOf(encodeList(list, options).subarray(encodeList(list, { ...options, names: null }).length));
  };
  expect(told("é", 1)).toBe("01 02 c3 a9 00");
  expect(told("é".repeat(40), 1)).toHaveLength(3 * (80 + 3) - 1);
  expect(told("é".repeat(41), 1)).toBe("00");
  expect(told("root", 0)).toBe("00");
});
