/** Compares with rsync itself. */
import { expect, test } from "bun:test";
import { lstatSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { isUnsafeLink, linkFate } from "../../src/core/links.ts";
import { tempDir } from "../helpers/process.ts";

const folder = tempDir("tsync-links-");
const part = fc.constantFrom("..", "..", ".", "a", "b", "", "...", "..a");
const link = fc
  .array(part, { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join("/"))
  .filter((text) => text !== "");
const place = fc.constantFrom("", "d/", "d/e/", "d/e/f/");

/** For each link whether rsync, told `option`, sends it as a link. */
function rsyncKeeps(links: readonly { path: string; text: string }[], option: string): boolean[] {
  rmSync(`${folder}/s`, { recursive: true, force: true });
  rmSync(`${folder}/t`, { recursive: true, force: true });
  mkdirSync(`${folder}/s`, { recursive: true });
  mkdirSync(`${folder}/t/d/e/f`, { recursive: true });
  for (const { path, text } of links) {
    mkdirSync(dirname(`${folder}/s/${path}`), { recursive: true });
    symlinkSync(text, `${folder}/s/${path}`);
  }
  const list = links.map(({ path }) => `./${path}\0`).join("");
  const argv = ["rsync", "-lR", option, "--no-implied-dirs", "--files-from=-", "--from0", ".", "../t/."];
  Bun.spawnSync(argv, { cwd: `${folder}/s`, stdin: Buffer.from(list), stderr: "ignore" });
  return links.map(
    ({ path }) => lstatSync(`${folder}/t/${path}`, { throwIfNoEntry: false })?.isSymbolicLink() === true,
  );
}

test("takes for unsafe what rsync does", () => {
  const links = fc.array(fc.tuple(place, link), { minLength: 10, maxLength: 40 });
  fc.assert(
    fc.property(links, (made) => {
      const all = made.map(([where, text], at) => ({ path: `${where}l${at}`, text }));
      const expected = all.map(({ path, text }) => !isUnsafeLink(path, text));
      for (const option of ["--safe-links", "--copy-unsafe-links"]) {
        const kept = rsyncKeeps(all, option);
        expect(all.filter((_, at) => kept[at] !== expected[at])).toEqual([]);
      }
    }),
    { numRuns: 25 },
  );
});

test("what becomes of a link", () => {
  const rules = { links: true, copyLinks: false, copyUnsafeLinks: false, safeLinks: false };
  const fates = (change: Partial<typeof rules>) =>
    ["safe", "../unsafe"].map((text) => linkFate({ ...rules, ...change }, "link", text));
  expect(fates({})).toEqual(["keep", "keep"]);
  expect(fates({ links: false })).toEqual(["omit", "omit"]);
  expect(fates({ safeLinks: true })).toEqual(["keep", "omit"]);
  expect(fates({ copyUnsafeLinks: true })).toEqual(["keep", "follow"]);
  expect(fates({ copyUnsafeLinks: true, safeLinks: true })).toEqual(["keep", "follow"]);
  expect(fates({ copyUnsafeLinks: true, links: false })).toEqual(["omit", "follow"]);
  expect(fates({ copyLinks: true, links: false })).toEqual(["follow", "follow"]);
});
