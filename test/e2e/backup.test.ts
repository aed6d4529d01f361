/** `--backup` and its options with the compiled program, on a local target and through ssh. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitOk } from "../../src/cli/exit-codes.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { snapshot } from "../helpers/trees.ts";
import { makePlace, type Place, tsync } from "../helpers/tsync.ts";

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

describe.each(["local", "ssh"])("%s target", (kind) => {
  let place: Place;
  beforeEach(() => {
    place = makePlace();
  });
  const from = (path: string) => join(place.source, path);
  const put = (path: string, content: string) => writeFileSync(from(path), content);
  async function sync(...args: string[]): Promise<string> {
    const destination =
      kind === "ssh" ? [`${sshd.host}:${place.target}`, "-F", sshd.configFile] : [place.target];
    const { code, stderr } = await tsync(place, ["sync", place.source, ...destination, ...args]);
    expect(stderr).not.toMatch(/warning|error|failing/);
    expect(code).toBe(exitOk);
    return stderr;
  }
  const files = () =>
    Object.fromEntries(
      [...snapshot(place.target)]
        .filter(([, line]) => line.startsWith("file"))
        .map(([path]) => [path, readFileSync(join(place.target, path), "utf8")]),
    );
  /** Content is changed, a file and a directory are removed, a file is moved over another. */
  async function change(args: string[]): Promise<void> {
    mkdirSync(from("directory"));
    put("changes", "one");
    put("goes", "gone");
    put("moves", "moved");
    put("there", "replaced");
    put("directory/file", "deep");
    mkdirSync(place.target);
    writeFileSync(join(place.target, "extra"), "extra");
    writeFileSync(join(place.target, "changes"), "before");
    await sync(...args);
    put("changes", "two!");
    rmSync(from("goes"));
    rmSync(from("directory"), { recursive: true });
    renameSync(from("moves"), from("there"));
    await sync(...args);
  }

  test.each([
    ["relative", "old/copies"],
    ["absolute, but in the target", null],
  ])("--backup-dir, %s", async (_, given) => {
    const args = ["--delete", "exact", "--backup-dir", given ?? join(place.target, "old/copies/")];
    mkdirSync(from("old/copies"), { recursive: true });
    put("old/copies/file", "never mirrored");
    await change(args);
    const expected = {
      changes: "two!",
      there: "moved",
      "old/copies/extra": "extra",
      "old/copies/changes": "one",
      "old/copies/goes": "gone",
      "old/copies/there": "replaced",
      "old/copies/directory/file": "deep",
    };
    expect(files()).toEqual(expected);
    expect(await sync(...args)).not.toMatch(/removed|sent/);
    rmSync(from("old"), { recursive: true });
    await sync(...args);
    expect(files()).toEqual(expected);
  });

  test("--backup with a suffix", async () => {
    const args = ["--delete", "exact", "--backup", "--suffix", ".bak"];
    await change(args);
    const expected = {
      changes: "two!",
      "changes.bak": "one",
      "extra.bak": "extra",
      "goes.bak": "gone",
      there: "moved",
      "there.bak": "replaced",
      "directory/file.bak": "deep",
    };
    expect(files()).toEqual(expected);
    put("changes.bak", "would be lost");
    expect(await sync(...args)).not.toMatch(/removed|sent/);
    expect(files()).toEqual(expected);
  });

  test("without it nothing is kept", async () => {
    await change(["--delete", "exact"]);
    expect(files()).toEqual({ changes: "two!", there: "moved" });
  });
});
