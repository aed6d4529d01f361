import { beforeEach, describe, expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Fault } from "../../src/core/fault.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openLedger, readLedger, stateFolder } from "../../src/ledger/location.ts";
import { entryOf, held } from "../helpers/model.ts";
import { tempDir } from "../helpers/process.ts";

let folder: string;
beforeEach(() => {
  folder = join(tempDir("tsync-state-"), "deep", "state");
});

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

  test("notes the process that has it", () => {
    opened(openLedger(folder, "/src", "/dest")).close();
    expect(readFileSync(join(folder, "mirrors", places()[0]!, "pid"), "utf8")).toBe(`${process.pid}\n`);
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
