/** The names are those that the real rsync gives. */
import { expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesOfTemporary } from "../../src/core/temporary-name.ts";
import { startProcess, tempDir, waitUntil } from "../helpers/process.ts";

test.each(["plain", ".hidden", "a.b", "line\nbreak", "ends.with.abcdef"])("%j", async (name) => {
  const [from, to] = [tempDir("tsync-from-"), tempDir("tsync-to-")];
  writeFileSync(join(from, name), Buffer.alloc(30_000_000));
  const running = startProcess(["rsync", "--bwlimit=500", join(from, name), `${to}/`]);
  await waitUntil(() => readdirSync(to).length > 0, 10_000);
  const [temporary] = readdirSync(to);
  running.signal("SIGKILL");
  await running.exit;
  expect(filesOfTemporary(temporary!)).toContain(name);
});

test("other names are none", () => {
  for (const name of [
    "plain",
    ".hidden",
    "a.abcdef",
    ".a.abcde",
    ".a.abcdefg",
    ".a.abc_ef",
    "..abcdef",
    ".abcdef",
  ])
    expect(filesOfTemporary(name)).toEqual([]);
});
