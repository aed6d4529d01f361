/**
 * Sessions with rsync itself. It numbers the entries of a list by its own sorting: a file that it sorts elsewhere gets
 * the content of another one.
 */
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { inOrder, type ListEntry, type ListOptions } from "../../../src/target/wire/file-list.ts";
import { tempDir } from "../../helpers/process.ts";
import { bytesOf, diffTrees, type Snapshot, snapshot } from "../../helpers/trees.ts";
import { lists } from "./random-list.ts";
import { type RealEnd, type RealSession, sendForReal } from "./real-session.ts";
import { listEntry } from "./support.ts";

/** Owners other than our own can only be given by root. */
const isRoot = process.getuid?.() === 0;
const list: ListOptions = { owner: isRoot, group: isRoot, names: null };
const transfer = { extra: isRoot ? ["--numeric-ids"] : [] };
const place = tempDir("tsync-wire-");
let count = 0;

/** A content that no other path has. */
function contentOf({ path, size }: ListEntry): Buffer {
  const unit = createHash("sha1").update(path, "latin1").digest();
  return Buffer.alloc(size, unit);
}

/** What should be there; times of directories that were only named are not known. */
function expected(entries: readonly ListEntry[], actual: Snapshot): Snapshot {
  const lineOf = (entry: ListEntry): string => {
    const { kind, path, link, size } = entry;
    const mtime = `mtime=${BigInt(entry.mtimeSeconds) * 1_000_000_000n + BigInt(entry.mtimeNanoseconds)}`;
    const mode = `mode=${entry.mode.toString(8).padStart(4, "0")}`;
    if (kind === "implied") return actual.get(path)?.startsWith("dir ") ? actual.get(path)! : "dir";
    if (kind === "symlink") return `symlink ${mtime} target=${link}`;
    if (kind === "directory") return `dir ${mode} ${mtime}`;
    const sha1 = createHash("sha1").update(contentOf(entry)).digest("hex");
    return `file ${mode} ${mtime} size=${size} sha1=${sha1}`;
  };
  return new Map(entries.map((entry) => [entry.path, lineOf(entry)]));
}

/** Sends `entries` to a directory of their own, and compares. */
async function send(
  entries: readonly ListEntry[],
  how: Partial<RealSession> & {
    readonly ahead: boolean;
    /** What the target has of a file. */
    readonly older?: (entry: ListEntry) => Buffer | null;
  },
): Promise<{ end: RealEnd; differences: string[] }> {
  const directory = `${place}/${count++}`;
  mkdirSync(directory);
  const ordered = inOrder(entries);
  for (const { path, kind } of ordered) {
    // With other attributes than they are to have.
    if (how.ahead && (kind === "implied" || kind === "directory"))
      mkdirSync(bytesOf(`${directory}/${path}`), { recursive: true, mode: 0o700 });
  }
  for (const entry of how.older === undefined ? [] : ordered) {
    const path = bytesOf(`${directory}/${entry.path}`);
    const content = entry.kind === "file" ? how.older?.(entry) : null;
    if (content instanceof Buffer) writeFileSync(path, content);
    else if (entry.kind === "implied") mkdirSync(path, { recursive: true });
  }
  const byPath = new Map(ordered.map((entry) => [entry.path, entry]));
  const end = await sendForReal({
    directory,
    entries: ordered,
    contentOf: (path) => contentOf(byPath.get(path)!),
    list,
    transfer,
    ...how,
  });
  const actual = snapshot(directory);
  const differences = diffTrees(expected(ordered, actual), actual);
  for (const { path, kind, uid, gid } of isRoot ? ordered : []) {
    if (kind === "implied" || !actual.has(path)) continue;
    const stats = lstatSync(bytesOf(`${directory}/${path}`));
    if (stats.uid !== uid || stats.gid !== gid)
      differences.push(`${path}: owned by ${stats.uid}:${stats.gid}`);
  }
  rmSync(directory, { recursive: true });
  return { end, differences };
}

function isArrival({ kind }: ListEntry): boolean {
  return kind === "file" || kind === "symlink";
}

describe("rsync itself", () => {
  for (const ahead of [true, false]) {
    test(`puts random trees in place, ${ahead ? "unasked" : "as it asks for them"}`, async () => {
      await fc.assert(
        fc.asyncProperty(lists, async (entries) => {
          // Unasked goes what is no directory; that has to be there.
          const sent = ahead ? entries.filter(({ kind }) => kind !== "directory") : entries;
          const { end, differences } = await send(sent, { ahead });
          expect({ ...end, arrived: [...end.arrived].sort(), differences }).toEqual({
            arrived: sent
              .filter(isArrival)
              .map(({ path }) => path)
              .sort(),
            broken: null,
            isOver: true,
            complaints: "",
            literalBytes: sent.reduce((sum, { size }) => sum + size, 0),
            code: 0,
            stderr: "",
            differences: [],
          });
        }),
        { numRuns: 60 },
      );
    });
  }

  test("is understood byte by byte", async () => {
    const entries = Array.from({ length: 30 }, (_, at) => listEntry(`d/${at}`, { size: at * 100 }));
    const { end, differences } = await send(entries, { ahead: false, pieceBytes: 1 });
    expect(differences).toEqual([]);
    expect(end.arrived.size).toBe(30);
  });

  test("gets what it asks for just before it is sent unasked only once", async () => {
    const entries = Array.from({ length: 2000 }, (_, at) => listEntry(`d/${at}`, { size: 2000 }));
    const { end, differences } = await send(entries, { ahead: true });
    expect(differences).toEqual([]);
    expect({ arrived: end.arrived.size, bytes: end.literalBytes, isOver: end.isOver }).toEqual({
      arrived: 2000,
      bytes: 4_000_000,
      isOver: true,
    });
  });

  test("asks again for what came with a wrong sum", async () => {
    const entries = Array.from({ length: 300 }, (_, at) => listEntry(`${at}`, { size: 100 }));
    const fails = (path: string) => Number(path) % 3 === 0;
    const { end, differences } = await send(entries, { ahead: false, fails });
    expect(differences).toEqual([]);
    expect({ arrived: end.arrived.size, bytes: end.literalBytes, code: end.code }).toEqual({
      arrived: 300,
      bytes: 40_000,
      code: 0,
    });
  });

  test("is told what cannot be read, and does without it", async () => {
    const entries = Array.from({ length: 9 }, (_, at) => listEntry(`d/${at}`, { size: 100 }));
    for (const ahead of [true, false]) {
      const contents = new Map(entries.map((entry) => [entry.path, contentOf(entry)]));
      for (const path of ["d/0", "d/4", "d/8"]) contents.delete(path);
      const { end, differences } = await send(entries, {
        ahead,
        contentOf: (path) => contents.get(path) ?? null,
      });
      expect([...end.arrived].sort()).toEqual([...contents.keys()].sort());
      expect(differences.map((line) => line.slice(0, 10))).toEqual([
        "d/0: only ",
        "d/4: only ",
        "d/8: only ",
      ]);
      expect({ isOver: end.isOver, broken: end.broken, stderr: end.stderr }).toEqual({
        isOver: true,
        broken: null,
        stderr: "",
      });
    }
  });

  test("makes do with nothing", async () => {
    const { end } = await send([], { ahead: true });
    expect({ isOver: end.isOver, code: end.code, stderr: end.stderr }).toEqual({
      isOver: true,
      code: 0,
      stderr: "",
    });
  });

  test("gets large files, and those that are not as long as they were", async () => {
    const entries = [0, 1, 32_768, 32_769, 3_000_000].map((size) => listEntry(`f${size}`, { size }));
    const grown = [...entries, listEntry("grown", { size: 10 }), listEntry("shrunk", { size: 10 })];
    const lengths = new Map([
      ["grown", 50],
      ["shrunk", 0],
    ]);
    const given = (path: string) => {
      const entry = grown.find((one) => one.path === path)!;
      return contentOf({ ...entry, size: lengths.get(path) ?? entry.size });
    };
    for (const ahead of [true, false]) {
      const { end, differences } = await send(grown, { ahead, contentOf: given });
      expect(end.arrived.size).toBe(grown.length);
      expect(differences.map((line) => line.slice(0, 6)).sort()).toEqual(["grown:", "shrunk"]);
    }
  });

  test("builds on what is there of a file", async () => {
    const entries = Array.from({ length: 20 }, (_, at) => listEntry(`d/${at}`, { size: at * at * 500 }));
    // Every other file there is another one, with a piece of its own in front, in the middle or at the end.
    const older = (entry: ListEntry): Buffer | null => {
      const content = contentOf(entry);
      const cut = Math.floor((content.length * Number(entry.path.slice(2))) / 20);
      if (Number(entry.path.slice(2)) % 4 === 3) return null;
      return Buffer.concat([content.subarray(0, cut), Buffer.from("another"), content.subarray(cut)]);
    };
    const { end, differences } = await send(entries, { ahead: false, older });
    expect(differences).toEqual([]);
    expect(end.arrived.size).toBe(20);
  });

  test("sees that a session without files is whole", async () => {
    const { end } = await send([listEntry("only", { kind: "symlink", link: "x", mode: 0o777 })], {
      ahead: true,
    });
    expect([...end.arrived]).toEqual(["only"]);
    expect(end.isOver).toBe(true);
  });
});
