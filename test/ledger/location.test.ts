import { Database } from "bun:sqlite";
import { beforeEach, describe, expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Fault } from "../../src/core/fault.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import {
  isInUse,
  openLedger as openAndWarn,
  readLedger as readAndWarn,
  stateFolder,
} from "../../src/ledger/location.ts";
import { entryOf, held } from "../helpers/model.ts";
import { tempDir } from "../helpers/process.ts";

let folder: string;
beforeEach(() => {
  folder = join(tempDir("tsync-state-"), "deep", "state");
  warnings = [];
});

let warnings: string[];
const warn = (reason: string) => warnings.push(reason);
const openLedger = (state: string, source: string, target: string) =>
  openAndWarn(state, source, target, warn);
const readLedger = (state: string, source: string, target: string) =>
  readAndWarn(state, source, target, warn);

function opened(ledger: Ledger | Fault): Ledger {
  if (ledger instanceof Fault) throw new Error(ledger.toString());
  return ledger;
}

/** The state as a crash would leave it. */
function copy(): string {
  const to = tempDir("tsync-state-");
  cpSync(folder, to, { recursive: true });
  return to;
}

const inPlace = (name: string) => join(folder, "mirrors", places()[0]!, name);
const places = () => readdirSync(join(folder, "mirrors"));

describe("stateFolder", () => {
  test("is in XDG_STATE_HOME, or in the home directory", () => {
    expect(stateFolder({ XDG_STATE_HOME: "/state" })).toBe("/state/tsync");
    expect(stateFolder({})).toBe(join(homedir(), ".local/state/tsync"));
  });

  test("ignores an XDG_STATE_HOME that is relative or empty", () => {
    for (const XDG_STATE_HOME of ["state", "./state", "~/state", ""])
      expect(stateFolder({ XDG_STATE_HOME })).toBe(stateFolder({}));
  });
});

describe("openLedger", () => {
  test("finds the ledger of the same mirror again", () => {
    const first = opened(openLedger(folder, "/src", "web:www"));
    first.put("", held(entryOf("directory", 1)));
    first.put("a", held(entryOf("file", 2)));
    const again = opened(openLedger(copy(), "/src", "web:www"));
    expect(again.get("a")?.ino).toBe(2);
    expect([again.meta("source"), again.meta("target")]).toEqual(["/src", "web:www"]);
    for (const ledger of [first, again]) ledger.close();
    expect(places().length).toBe(1);
  });

  test("keeps different mirrors in different folders, however alike their names are", () => {
    const long = "x".repeat(300);
    const mirrors = [
      ["/a", "/b"],
      ["/a/", "/b"],
      ["/a-to-/b", "/c"],
      ["/a", "/b-to-/c"],
      ["/b", "/a"],
      ["/a b", "/c"],
      ["/a\nb", "/c"],
      ["/ä", "/c"],
      ["/ö", "/c"],
      [`/${long}1`, "/c"],
      [`/${long}2`, "/c"],
      ["/../..", "/.."],
    ] as const;
    for (const [source, target] of mirrors) opened(openLedger(folder, source, target)).close();
    expect(places().length).toBe(mirrors.length);
    for (const name of places()) expect(name).toMatch(/^[\w.-]{1,100}$/);
  });

  test("lets nobody else look into it", () => {
    opened(openLedger(folder, "/src", "/dest")).close();
    expect(statSync(join(folder, "mirrors", places()[0]!)).mode & 0o077).toBe(0);
  });

  test("notes the process that has it, as long as it does", () => {
    const ledger = opened(openLedger(folder, "/src", "/dest"));
    expect(readFileSync(inPlace("in-use"), "utf8")).toBe(`${process.pid}\n`);
    expect(isInUse(folder, "/src", "/dest")).toBe(true);
    ledger.close();
    expect(existsSync(inPlace("in-use"))).toBe(false);
    expect(isInUse(folder, "/src", "/dest")).toBe(false);
    // Another process has that number by now, or none.
    for (const pid of [1, 2 ** 30, 0, "nonsense"]) {
      writeFileSync(inPlace("in-use"), `${pid}\n`);
      expect(isInUse(folder, "/src", "/dest")).toBe(false);
    }
  });

  test("says who has it", () => {
    const holder = opened(openLedger(folder, "/src", "/dest"));
    const fault = openLedger(folder, "/src", "/dest") as Fault;
    expect(fault.code).toBe("locked");
    expect(fault.message).toBe(`another tsync (process ${process.pid}) is already mirroring /src to /dest`);
    holder.close();
  });

  test("says that the folder cannot be made", () => {
    const inTheWay = tempDir("tsync-state-");
    writeFileSync(join(inTheWay, "file"), "");
    const fault = openLedger(join(inTheWay, "file"), "/src", "/dest") as Fault;
    expect(fault.code).toBe("ledger");
    expect(fault.hint).toContain("XDG_STATE_HOME");
  });
});

describe("a ledger that is not as it was left", () => {
  /** A ledger with entries, as a crash (or an end, if `isClosed`) leaves it, damaged by `damage`. */
  function damaged(damage: (file: string) => void, isClosed: boolean): void {
    const ledger = opened(openLedger(folder, "/src", "/dest"));
    ledger.transaction(() => {
      ledger.put("", held(entryOf("directory", 1)));
      for (let i = 0; i < 5_000; i++) ledger.put(`file-${i}`, held(entryOf("file", 10 + i)));
    });
    if (!isClosed) folder = copy();
    ledger.close();
    damage(inPlace("ledger.db"));
  }

  const garbage = (from: number, length: number) => (file: string) => {
    const bytes = readFileSync(file);
    for (let at = from; at < Math.min(bytes.length, from + length); at++) bytes[at] = (at * 73) % 251;
    writeFileSync(file, bytes);
  };

  /** Opens it: a new one, with the old one beside it. */
  function expectReplaced(why: RegExp): void {
    const before = readFileSync(inPlace("ledger.db"));
    const ledger = opened(openLedger(folder, "/src", "/dest"));
    expect(ledger.isEmpty()).toBe(true);
    ledger.close();
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toMatch(why);
    expect(warnings[0]).toContain(`kept as ${inPlace("ledger.db.damaged")}`);
    expect(readFileSync(inPlace("ledger.db.damaged")).equals(before)).toBe(true);
    // From now on all is well.
    opened(openLedger(folder, "/src", "/dest")).close();
    expect(warnings.length).toBe(1);
  }

  test.each([
    ["its beginning is garbage", garbage(0, 100), true, /is damaged \(file is not a database/],
    [
      "it is another kind of file",
      (file: string) => writeFileSync(file, "text\n".repeat(999)),
      true,
      /is damaged/,
    ],
    ["it is empty", (file: string) => writeFileSync(file, ""), true, /is an empty file/],
    ["it has lost its end", (file: string) => truncateSync(file, 100_000), true, /is damaged/],
  ] as const)("%s", (_, damage, isClosed, why) => {
    damaged(damage, isClosed);
    expectReplaced(why);
  });

  test("garbage in the middle, after a crash", () => {
    damaged(() => {}, true);
    garbage(150_000, 4_096)(inPlace("ledger.db"));
    // Reading all of it at each start would take too long: this is what a crash leaves.
    writeFileSync(inPlace("in-use"), `${2 ** 30}\n`);
    writeFileSync(inPlace("ledger.db-wal"), "");
    expectReplaced(/is damaged \(/);
  });

  test("a database of something else", () => {
    damaged((file) => {
      rmSync(file);
      const db = new Database(file);
      db.run("create table cookies (name text)");
      db.close();
    }, true);
    expectReplaced(/was not written by tsync/);
  });

  test("one of an older tsync", () => {
    damaged((file) => {
      const db = new Database(file);
      db.run("pragma user_version = 1");
      db.close();
    }, true);
    expectReplaced(/was written by an older tsync/);
  });

  test("one of a newer tsync is left alone", () => {
    damaged((file) => {
      const db = new Database(file);
      db.run("pragma user_version = 99");
      db.close();
    }, true);
    expect((openLedger(folder, "/src", "/dest") as Fault).message).toMatch(/has version 99/);
    expect(existsSync(inPlace("ledger.db.damaged"))).toBe(false);
  });

  test("the write-ahead log is gone after a crash", () => {
    damaged((file) => rmSync(`${file}-wal`), false);
    expectReplaced(/has lost its write-ahead log/);
  });

  test("the write-ahead log ends in the middle, or in garbage: what is whole of it counts", () => {
    for (const damage of [
      (log: string) => truncateSync(log, statSync(log).size - 5_000),
      (log: string) => garbage(statSync(log).size - 5_000, 5_000)(log),
    ]) {
      folder = join(tempDir("tsync-state-"), "state");
      damaged((file) => damage(`${file}-wal`), false);
      const ledger = opened(openLedger(folder, "/src", "/dest"));
      expect([0, 5_000]).toContain(ledger.count());
      ledger.close();
    }
    expect(warnings).toEqual([]);
  });

  test("a copy of it to read says so, and leaves it where it is", () => {
    damaged(garbage(0, 100), true);
    const ledger = opened(readLedger(folder, "/src", "/dest"));
    expect(ledger.isEmpty()).toBe(true);
    ledger.close();
    expect(warnings).toEqual([expect.stringMatching(/is damaged/)]);
    expect(existsSync(inPlace("ledger.db.damaged"))).toBe(false);
  });
});

describe("readLedger", () => {
  test("makes nothing if there is none yet", () => {
    const ledger = opened(readLedger(folder, "/src", "/dest"));
    expect(ledger.isEmpty()).toBe(true);
    expect(existsSync(folder)).toBe(false);
    ledger.close();
  });

  test("reads what is there", () => {
    const ledger = opened(openLedger(folder, "/src", "/dest"));
    ledger.put("", held(entryOf("directory", 1)));
    ledger.put("a", held(entryOf("file", 2)));
    const again = opened(readLedger(copy(), "/src", "/dest"));
    expect(again.get("a")?.ino).toBe(2);
    for (const one of [ledger, again]) one.close();
  });
});
