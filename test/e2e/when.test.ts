/** When changes leave, which of them do, and what may be deleted then: the options of these groups, live. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { binary, makePlace, type Place, startWatch, tsync } from "../helpers/tsync.ts";

/** Longer than tsync takes for anything here, shorter than the delays under test. */
const quietMs = 800;

let place: Place;
let running: Running | null = null;
beforeEach(() => {
  place = makePlace();
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
});

const from = (path: string) => join(place.source, path);
const at = (path: string) => join(place.target, path);
const put = (path: string, content = path) => writeFileSync(from(path), content);
const arrives = (path: string, content = path) =>
  waitUntil(
    () => existsSync(at(path)) && readFileSync(at(path), "utf8") === content,
    10_000,
    10,
    () => path,
  );
const sync = (...args: string[]) => tsync(place, ["sync", place.source, place.target, ...args]);

async function start(...args: string[]): Promise<void> {
  running = await startWatch(place, args);
}

describe("gathering", () => {
  test("--delay holds changes back, then sends them in one batch", async () => {
    put("before");
    await start("--delay=1500ms", "-v");
    const startMs = performance.now();
    put("a");
    await Bun.sleep(quietMs);
    put("b");
    expect(existsSync(at("a"))).toBe(false);
    await arrives("a");
    await arrives("b");
    expect(performance.now() - startMs).toBeGreaterThan(1_400);
    await running!.waitFor(/2 sent/, 5_000, "stderr");
  });

  test("--max-batch sends before the delay is over", async () => {
    put("before");
    await start("--delay=1h", "--max-batch=3");
    put("a");
    put("b");
    await Bun.sleep(quietMs);
    expect(existsSync(at("a"))).toBe(false);
    put("c");
    for (const path of ["a", "b", "c"]) await arrives(path);
  });

  test("--max-delay lets a file that is never quiet go", async () => {
    put("log", "0");
    await start("--settle=5s", "--max-delay=500ms");
    const writing = setInterval(() => appendFileSync(from("log"), "+"), 50);
    try {
      await waitUntil(() => lstatSync(at("log")).size > 1, 4_000, 10);
    } finally {
      clearInterval(writing);
    }
  });
});

describe("following", () => {
  test("--only create sends what is new, and nothing else", async () => {
    put("changed", "1");
    put("removed");
    put("moved");
    await start("--only=create");
    put("changed", "22");
    rmSync(from("removed"));
    renameSync(from("moved"), from("moved-to"));
    chmodSync(from("changed"), 0o600);
    mkdirSync(from("new"));
    put("new/file");
    await arrives("new/file");
    await Bun.sleep(quietMs);
    expect(readFileSync(at("changed"), "utf8")).toBe("1");
    expect(existsSync(at("removed")) && existsSync(at("moved"))).toBe(true);
    expect(existsSync(at("moved-to"))).toBe(true);
  });

  test("--only change,delete,move leaves out what is new, also below new directories", async () => {
    put("changed", "1");
    mkdirSync(from("d"));
    put("d/x");
    await start("--only", "change,delete,move");
    mkdirSync(from("new"));
    put("new/file");
    renameSync(from("d"), from("e"));
    renameSync(from("e/x"), from("new/x"));
    put("changed", "22");
    await arrives("changed", "22");
    await waitUntil(() => existsSync(at("e")) && !existsSync(at("e/x")), 5_000, 10);
    await Bun.sleep(quietMs);
    expect(existsSync(at("new"))).toBe(false);
    expect(running!.stderr).not.toContain("warning");
  });

  test("--ignore-attributes leaves permissions, but sends them along with content", async () => {
    put("file", "1");
    chmodSync(from("file"), 0o644);
    await start("--ignore-attributes");
    chmodSync(from("file"), 0o600);
    put("other");
    await arrives("other");
    await Bun.sleep(quietMs);
    expect(lstatSync(at("file")).mode & 0o777).toBe(0o644);
    put("file", "22");
    await arrives("file", "22");
    await waitUntil(() => (lstatSync(at("file")).mode & 0o777) === 0o600, 5_000, 10);
  });

  test("the first comparison does everything, whatever is followed", async () => {
    put("a");
    await sync("--only=delete");
    expect(existsSync(at("a"))).toBe(true);
  });
});

describe("the start", () => {
  test("--no-initial-sync sends only what changes from then on", async () => {
    put("old");
    mkdirSync(from("d"));
    await start("--no-initial-sync");
    put("new");
    await arrives("new");
    put("old", "changed");
    await arrives("old", "changed");
    await Bun.sleep(quietMs);
    expect(existsSync(at("d"))).toBe(false);
  });

  test("--insist starts although the target cannot be reached, and gets there later", async () => {
    put("a");
    writeFileSync(place.target, "in the way");
    const refused = await sync();
    expect(refused.code).not.toBe(exitOk);
    running = startProcess([binary, "watch", place.source, place.target, "--insist"], { env: place.env });
    await running.waitFor(/next try in/, 10_000, "stderr");
    rmSync(place.target);
    await arrives("a");
  });
});

describe("--delete", () => {
  test("startup: exact at the start, nothing later", async () => {
    put("a");
    put("b");
    mkdirSync(place.target);
    writeFileSync(at("extra"), "");
    await start("--delete=startup");
    expect(existsSync(at("extra"))).toBe(false);
    rmSync(from("a"));
    renameSync(from("b"), from("c"));
    await arrives("c", "b");
    await Bun.sleep(quietMs);
    expect(existsSync(at("a")) && existsSync(at("b"))).toBe(true);
  });

  test("live: nothing at the start, what tsync put there later", async () => {
    put("a");
    put("b");
    mkdirSync(place.target);
    await sync();
    writeFileSync(at("extra"), "");
    rmSync(from("a"));
    await start("--delete=live");
    expect(existsSync(at("a"))).toBe(true);
    rmSync(from("b"));
    put("c");
    await arrives("c");
    await waitUntil(() => !existsSync(at("b")), 5_000, 10);
    expect(existsSync(at("a")) && existsSync(at("extra"))).toBe(true);
  });
});

describe("--max-delete", () => {
  const putMany = (count: number) => {
    mkdirSync(from("many"));
    for (let i = 0; i < count; i++) put(`many/${i}`);
    put("other");
  };

  test("what is found gone at a start halts; back again or accepted, it goes on", async () => {
    putMany(20);
    await sync();
    renameSync(from("many"), join(place.folder, "away"));
    const halted = await sync("--max-delete=50%");
    expect(halted.code).toBe(exitCodes.halted);
    expect(halted.stderr).toMatch(/much of what the target holds is gone .* nothing was removed/);
    expect(existsSync(at("many/7"))).toBe(true);
    renameSync(join(place.folder, "away"), from("many"));
    expect((await sync("--max-delete=50%")).code).toBe(exitOk);
    rmSync(from("many"), { recursive: true });
    expect((await sync("--max-delete=10")).code).toBe(exitCodes.halted);
    expect((await sync("--max-delete=10", "--accept-deletes")).code).toBe(exitOk);
    expect(existsSync(at("many"))).toBe(false);
  });

  test("without the option a small tree may lose any number, and a large one a quarter", async () => {
    putMany(20);
    await sync();
    rmSync(from("many"), { recursive: true });
    expect((await sync()).code).toBe(exitOk);
    mkdirSync(from("many"));
    for (let i = 0; i < 1_100; i++) put(`many/${i}`, "");
    await sync();
    rmSync(from("many"), { recursive: true });
    expect((await sync()).code).toBe(exitCodes.halted);
    expect((await sync("--max-delete=none")).code).toBe(exitOk);
  });

  test("what was seen to happen is followed, whatever its number", async () => {
    putMany(20);
    await start("--max-delete=3");
    rmSync(from("many"), { recursive: true });
    await waitUntil(() => !existsSync(at("many")), 10_000, 10);
    expect(running!.stderr).not.toContain("halted");
  });

  test("watch halts at the start, says it once, and goes on when all is back", async () => {
    putMany(20);
    await sync();
    renameSync(from("many"), join(place.folder, "away"));
    const argv = [binary, "watch", place.source, place.target, "--max-delete=3", "--json"];
    running = startProcess(argv, { env: place.env });
    await running.waitFor(/"halted"/, 10_000, "stdout");
    put("new");
    await Bun.sleep(quietMs);
    expect(existsSync(at("new"))).toBe(false);
    renameSync(join(place.folder, "away"), from("many"));
    await running.waitFor(/"resumed".*"in-sync"/s, 15_000, "stdout");
    await arrives("new");
    expect(running.stdout.match(/"event":"halted"/g)).toHaveLength(1);
    expect(existsSync(at("many/19"))).toBe(true);
  });

  test("extra entries count for --delete exact", async () => {
    put("a");
    mkdirSync(at("precious"), { recursive: true });
    for (let i = 0; i < 20; i++) writeFileSync(at(`precious/${i}`), "");
    expect((await sync("--delete=exact", "--max-delete=10")).code).toBe(exitCodes.halted);
    expect(existsSync(at("precious/1"))).toBe(true);
    expect((await sync("--delete=exact")).code).toBe(exitOk);
    expect(existsSync(at("precious"))).toBe(false);
  });

  test("a limit that is none", async () => {
    const { code, stderr } = await sync("--max-delete=many");
    expect([code, stderr]).toEqual([2, expect.stringContaining('--max-delete is "many"')]);
  });
});
