import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join as joinText, resolve } from "node:path";
import { unknownTimeMs } from "../../src/core/entry.ts";
import { Fault } from "../../src/core/fault.ts";
import type { Held } from "../../src/core/held.ts";
import type { Step } from "../../src/core/operation.ts";
import { join, root } from "../../src/core/path.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { entryOf, held } from "../helpers/model.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { startProcess, tempDir } from "../helpers/process.ts";

const file = held(entryOf("file", 10));
const directory = held(entryOf("directory", 11));

let path: string;
let ledger: Ledger;

beforeEach(() => {
  path = newPath();
  ledger = open(path);
  ledger.put(root, held(entryOf("directory", 1)));
});
afterEach(() => ledger.close());

const newPath = () => joinText(tempDir("tsync-ledger-"), "ledger.db");

function open(file: string): Ledger {
  const opened = Ledger.open(file);
  if (opened instanceof Fault) throw new Error(opened.toString());
  return opened;
}

/** The files of the ledger as they are now, as a crash would leave them. */
function copy(): string {
  const to = newPath();
  copyFileSync(path, to);
  copyFileSync(`${path}-wal`, `${to}-wal`);
  return to;
}

/** Goes on with the ledger as it is after a crash. */
function crash(): void {
  const to = copy();
  ledger.close();
  path = to;
  ledger = open(path);
}

/** Why the ledger cannot be opened. */
function faultOf(file: string): Fault {
  const opened = Ledger.open(file);
  if (opened instanceof Fault) return opened;
  opened.close();
  throw new Error("no fault");
}

/** All rows of the ledger. */
function rows(): unknown[] {
  const db = new Database(copy());
  try {
    return db.query("select * from entry order by id").all();
  } finally {
    db.close();
  }
}

describe("a ledger", () => {
  test("is empty at first, and has a root", () => {
    expect([ledger.isEmpty(), ledger.count(), ledger.children(root).size]).toEqual([true, 0, 0]);
    expect(ledger.get(root)).toMatchObject(entryOf("directory", 1));
  });

  test("gives back every field of every kind as it was put", () => {
    const extreme: Held = {
      kind: "file",
      mode: 0o7777,
      size: Number.MAX_SAFE_INTEGER,
      mtimeMs: 1_700_000_000_123.5,
      uid: 4_294_967_294,
      gid: -1,
      dev: 2 ** 40 + 1,
      ino: Number.MAX_SAFE_INTEGER,
      birthMs: -0.25,
      link: "",
      doubt: "racy",
    };
    const link = { ...held(entryOf("symlink", 12)), link: "\xff/\n'$(id)\x01" };
    const entries: Record<string, Held> = {
      extreme,
      link,
      special: { ...held(entryOf("special", 13)), size: 2 ** 33, doubt: "transfer" },
      directory: { ...directory, mtimeMs: unknownTimeMs },
      problem: held(entryOf("problem", 0)),
    };
    for (const [name, entry] of Object.entries(entries)) ledger.put(name, entry);
    crash();
    for (const [name, entry] of Object.entries(entries)) expect(ledger.get(name)).toMatchObject({ ...entry });
    expect(ledger.find(extreme)).toEqual(["extreme"]);
  });

  test("overwrites an entry and keeps what is below it", () => {
    ledger.put("d", directory);
    ledger.put("d/f", file);
    ledger.put("d", { ...directory, mode: 0o700, doubt: "transfer" });
    expect(ledger.get("d")).toMatchObject({ mode: 0o700, doubt: "transfer" });
    expect([...ledger.children("d").keys()]).toEqual(["f"]);
    expect(ledger.count()).toBe(2);
  });

  test("keeps names of all bytes apart, and finds, moves and removes them", () => {
    const bytes = Array.from({ length: 255 }, (_, at) => String.fromCharCode(at + 1));
    const names = [...new Set([...bytes.filter((byte) => byte !== "/"), ...oddNames])];
    ledger.transaction(() => {
      ledger.put("all names", directory);
      for (const [at, name] of names.entries())
        ledger.put(join("all names", name), held(entryOf("file", 100 + at)));
    });
    expect([...ledger.children("all names").keys()].sort()).toEqual([...names].sort());
    for (const [at, name] of names.entries()) {
      expect(ledger.get(join("all names", name))?.ino).toBe(100 + at);
      expect(ledger.find(entryOf("file", 100 + at))).toEqual([join("all names", name)]);
      ledger.move(join("all names", name), name);
    }
    expect(ledger.children("all names").size).toBe(0);
    for (const name of names) ledger.remove(name);
    expect(ledger.count()).toBe(1);
  });

  test("holds nothing below what is no directory, nor below what is not there", () => {
    ledger.put("f", file);
    expect([ledger.get("f/x"), ledger.children("f").size, ledger.get("no/x")]).toEqual([null, 0, null]);
    expect(() => ledger.put("f/x", file)).toThrow("holds no directory");
    expect(() => ledger.put("no/x", file)).toThrow("holds no directory");
  });

  test("finds an inode number that was used again under its own identity only", () => {
    ledger.put("old", file);
    ledger.put("new", { ...file, birthMs: 2 });
    expect(ledger.find(file)).toEqual(["old"]);
    expect(ledger.find({ ...file, birthMs: 3 })).toEqual([]);
    expect(ledger.find(entryOf("directory", 1))).toEqual([]);
  });

  test("renames a directory by changing one row, and finds all below it under the new path", () => {
    ledger.put("a", directory);
    ledger.put("a/b", held(entryOf("directory", 12)));
    ledger.put("a/b/f", file);
    ledger.put("x", held(entryOf("directory", 13)));
    expect(ledger.get("a/b/f")).not.toBeNull();
    const before = rows();
    ledger.move("a", "x/y");
    expect([ledger.get("a"), ledger.get("a/b"), ledger.get("a/b/f")]).toEqual([null, null, null]);
    expect(ledger.get("x/y/b/f")).toMatchObject({ ...file });
    expect([...ledger.children("x/y/b").keys()]).toEqual(["f"]);
    expect(ledger.find(file)).toEqual(["x/y/b/f"]);
    const after = rows();
    expect(after.length).toBe(before.length);
    const differ = after.filter((row, at) => !Bun.deepEquals(row, before[at]));
    expect(differ).toMatchObject([{ name: "y" }]);
  });

  test("does not take a new directory for the one that had its name before", () => {
    ledger.put("a", directory);
    ledger.put("a/f", file);
    ledger.move("a", "b");
    ledger.put("a", held(entryOf("directory", 12)));
    ledger.put("a/g", held(entryOf("file", 20)));
    expect([[...ledger.children("a").keys()], [...ledger.children("b").keys()]]).toEqual([["g"], ["f"]]);
    ledger.remove("a");
    expect([ledger.get("a/g"), ledger.get("b/f")]).toMatchObject([null, { ...file }]);
  });

  test("forgets what a move replaces, with all below it", () => {
    ledger.put("a", file);
    ledger.put("d", directory);
    ledger.put("d/x", held(entryOf("file", 20)));
    ledger.move("a", "d");
    expect(ledger.get("d")).toMatchObject({ kind: "file" });
    expect([ledger.count(), ledger.find(entryOf("file", 20))]).toEqual([1, []]);
  });

  test("forgets a directory with all below it, and never the root", () => {
    ledger.put("a", directory);
    ledger.put("a/b", held(entryOf("directory", 12)));
    ledger.put("a/b/f", file);
    ledger.put("ab", held(entryOf("file", 20)));
    ledger.remove("a");
    ledger.remove("not there");
    ledger.remove(root);
    expect([[...ledger.children(root).keys()], ledger.count()]).toEqual([["ab"], 1]);
    expect(ledger.get(root)).not.toBeNull();
    expect(ledger.find(file)).toEqual([]);
  });

  test("does all of a transaction, or nothing", () => {
    const failing = () =>
      ledger.transaction(() => {
        ledger.put("a", file);
        throw new Error("stop");
      });
    expect(failing).toThrow("stop");
    expect(ledger.get("a")).toBeNull();
  });

  test("ends the doubt about time stamps and no other", () => {
    for (const doubt of ["none", "racy", "transfer"] as const) ledger.put(doubt, { ...file, doubt });
    ledger.endRaces();
    expect(["none", "racy", "transfer"].map((name) => ledger.get(name)!.doubt)).toEqual([
      "none",
      "none",
      "transfer",
    ]);
  });

  test("remembers facts about the mirror, the last one said", () => {
    expect(ledger.meta("complete")).toBeNull();
    ledger.setMeta("complete", "no");
    ledger.setMeta("complete", "yes");
    crash();
    expect(ledger.meta("complete")).toBe("yes");
  });
});

describe("the journal", () => {
  const steps: Step[] = [
    { do: "move", from: "\xff\n'", to: 'a/"\\\x01' },
    { do: "make-directory", path: "d", entry: entryOf("directory", 9) },
    { do: "set-mode", path: "d", mode: 0o755 },
    { do: "remove", path: "e" },
  ];

  test("survives until the next start, in order, less what was closed", () => {
    ledger.openJournal(steps);
    crash();
    expect(ledger.journal()).toEqual(steps);
    ledger.closeJournal(0);
    ledger.closeJournal(2);
    crash();
    expect(ledger.journal()).toEqual([steps[1]!, steps[3]!]);
  });

  test("holds one list of steps at a time", () => {
    ledger.openJournal(steps);
    ledger.openJournal(steps.slice(3));
    expect(ledger.journal()).toEqual(steps.slice(3));
    ledger.openJournal([]);
    expect(ledger.journal()).toEqual([]);
  });
});

describe("opening a ledger", () => {
  const module = resolve(import.meta.dir, "../../src/ledger/ledger.ts");
  const script = `
    const { Ledger } = await import(process.argv[1]);
    const ledger = Ledger.open(process.argv[2]);
    if ("code" in ledger) console.log(ledger.code);
    else {
      ledger.put("", ${JSON.stringify(directory)});
      ledger.put("a", ${JSON.stringify(file)});
      console.log("opened");
      await Bun.sleep(60_000);
    }
  `;
  const openElsewhere = (file: string) => startProcess([process.execPath, "-e", script, module, file]);

  test("fails while another process has it", async () => {
    const other = openElsewhere(path);
    await other.waitFor(/^locked$/m);
    expect(await other.exit).toBe(0);
  });

  test("works again as soon as its owner was killed, with all that was written", async () => {
    const file = newPath();
    const owner = openElsewhere(file);
    await owner.waitFor(/^opened$/m);
    expect(faultOf(file).code).toBe("locked");
    owner.signal("SIGKILL");
    await owner.exit;
    const opened = open(file);
    expect(opened.get("a")).toMatchObject({ ino: 10 });
    opened.close();
  });

  test("refuses another version and leaves it as it is", () => {
    const file = newPath();
    const db = new Database(file);
    db.run("create table entry (anything)");
    db.run("pragma user_version = 99");
    db.close();
    const fault = faultOf(file);
    expect([fault.code, fault.retry]).toEqual(["ledger", false]);
    expect(fault.message).toContain("has version 99");
    const left = new Database(file);
    expect(left.query("pragma table_info(entry)").all()).toMatchObject([{ name: "anything" }]);
    left.close();
  });

  test("refuses a file that is no ledger and leaves it as it is", () => {
    const text = "this is not a ledger\n".repeat(100);
    const wrong = `${path}.txt`;
    writeFileSync(wrong, text);
    expect(faultOf(wrong).code).toBe("ledger");
    expect(readFileSync(wrong, "utf8")).toBe(text);
  });

  test("refuses a folder, and a file in a folder that is not there", () => {
    expect(faultOf(resolve(path, "..")).code).toBe("ledger");
    expect(faultOf(`${path}/no/ledger.db`).code).toBe("ledger");
  });

  test("takes an empty file for a new ledger", () => {
    const empty = `${path}.empty`;
    writeFileSync(empty, "");
    const opened = Ledger.open(empty) as Ledger;
    expect(opened.isEmpty()).toBe(true);
    opened.close();
  });
});
