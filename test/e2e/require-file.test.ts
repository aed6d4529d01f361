/** `--require-file`: without its mark, the source is not what it should be, and nothing is done. */
import { beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, exitOk } from "../../src/cli/exit-codes.ts";
import { waitUntil } from "../helpers/process.ts";
import { makePlace, type Place, startWatch, tsync } from "../helpers/tsync.ts";

let place: Place;
beforeEach(() => {
  place = makePlace();
  put("file");
});

const from = (path: string) => join(place.source, path);
const at = (path: string) => join(place.target, path);
const put = (path: string) => writeFileSync(from(path), path);
const run = (command: string, ...options: string[]) =>
  tsync(place, [command, place.source, place.target, ...options]);

test("nothing is sent, removed or compared as long as it is missing, whatever else is accepted", async () => {
  const { code, stderr } = await run("sync", "--require-file", "state/.ready", "--accept-deletes");
  expect(code).toBe(exitCodes.halted);
  expect(stderr).toMatch(/error: .*state\/\.ready is not in the source .*, and must be; nothing was removed/);
  expect(existsSync(at("file"))).toBe(false);
  mkdirSync(from("state"));
  // It need not be mirrored, and what it is does not matter as long as it is there.
  symlinkSync("nowhere", from("state/.ready"));
  const options = ["--require-file", "state/.ready", "--exclude", ".ready"];
  expect(await run("sync", ...options)).toMatchObject({ code: exitCodes.halted });
  rmSync(from("state/.ready"));
  mkdirSync(from("state/.ready"));
  expect(await run("sync", ...options)).toMatchObject({ code: exitOk });
  expect([existsSync(at("file")), existsSync(at("state/.ready"))]).toEqual([true, false]);
  rmSync(from("state/.ready"), { recursive: true });
  rmSync(from("file"));
  for (const command of ["sync", "verify"]) {
    const { code, stdout } = await run(command, ...options, "--accept-deletes");
    expect({ code, stdout }).toEqual({ code: exitCodes.halted, stdout: "" });
  }
  expect(existsSync(at("file"))).toBe(true);
});

test("a watch halts when it goes, and goes on when it is back", async () => {
  put(".mounted");
  const running = await startWatch(place, ["--require-file", ".mounted"]);
  rmSync(from(".mounted"));
  await running.waitFor(/error: .*halted: \.mounted is not in the source/, 20_000, "stderr");
  rmSync(from("file"));
  put("new");
  await Bun.sleep(300);
  expect([existsSync(at("file")), existsSync(at("new")), existsSync(at(".mounted"))]).toEqual([
    true,
    false,
    true,
  ]);
  put(".mounted");
  await running.waitFor(/the source is back, going on/, 20_000, "stderr");
  await waitUntil(() => existsSync(at("new")) && !existsSync(at("file")), 20_000, 20);
  running.signal("SIGTERM");
  expect(await running.exit).toBe(exitOk);
});

test.each(["/etc/hostname", "../file", "a//b"])("a path that is not below the source: %s", async (name) => {
  const { code, stderr } = await run("sync", "--require-file", name);
  expect(code).toBe(exitCodes.usage);
  expect(stderr).toMatch(
    /--require-file is ".*", which (is absolute|has .*part).*; give a path below the source/,
  );
  expect(existsSync(place.target)).toBe(false);
});
