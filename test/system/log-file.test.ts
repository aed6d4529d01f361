import { expect, test } from "bun:test";
import { constants, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { LogFile } from "../../src/system/log-file.ts";
import { runProcess, tempDir } from "../helpers/process.ts";

const dir = tempDir("tsync-log-");
const missing = (count: number, why: string) => `${count} missing: ${why}`;

function open(path: string, options: { bytesMax?: number } = {}): LogFile {
  const log = LogFile.open(path, { missing, ...options });
  if (typeof log === "string") throw new Error(log);
  return log;
}

test("lines that could not be written are counted, and none is glued to one that was cut", async () => {
  const path = join(dir, "pipe");
  await runProcess(["mkfifo", path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const log = open(path);
  const line = "x".repeat(60_000);
  // A pipe holds 64 KiB: of the second line a part, of the others nothing.
  for (let n = 0; n < 4; n++) log.write(line);
  const drained = Buffer.alloc(200_000);
  let length = readSync(reader, drained);
  log.write("after");
  length += readSync(reader, drained, length, 1_000, null);
  const lines = drained.toString("utf8", 0, length).split("\n");
  expect(lines.length).toBe(5);
  expect(lines[0]).toBe(line);
  expect(line.startsWith(lines[1]!)).toBe(true);
  expect(lines[2]).toMatch(/^3 missing: EAGAIN/);
  expect(lines.slice(3)).toEqual(["after", ""]);
});

test("one that cares for its own size is put aside once", () => {
  const path = join(dir, "own");
  const log = open(path, { bytesMax: 100 });
  for (let n = 0; n < 50; n++) log.write(`line ${n}`);
  const [now, before] = [readFileSync(path, "utf8"), readFileSync(`${path}.1`, "utf8")];
  expect(now).toEndWith("line 49\n");
  expect(before.length).toBeLessThan(120);
  expect(`${before}${now}`).toMatch(/^(line \d+\n)+$/);
  expect(existsSync(`${path}.2`)).toBe(false);
});
