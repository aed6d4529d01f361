import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSizeBytes } from "../../src/config/size.ts";

const sizes: [string, number][] = [
  ["0", 0],
  ["100", 100],
  ["100B", 100],
  ["10K", 10_240],
  ["10k", 10_240],
  ["10KiB", 10_240],
  ["10KB", 10_000],
  ["10kb", 10_000],
  ["1.5M", 1_572_864],
  ["1.5MB", 1_500_000],
  [".5K", 512],
  ["0.0015K", 1],
  ["2G", 2_147_483_648],
  ["2GB", 2_000_000_000],
  ["1T", 1_099_511_627_776],
  ["1TB", 1_000_000_000_000],
];

test.each(sizes)("%s is %d bytes", (text, bytes) => {
  expect(parseSizeBytes(text)).toBe(bytes);
});

test("large sizes are exact, or none", () => {
  expect(parseSizeBytes("1PiB")).toBe(2 ** 50);
  expect(parseSizeBytes("1PB")).toBe(10 ** 15);
  expect(parseSizeBytes("9P")).toBeNull();
});

test.each([
  "",
  "K",
  "1X",
  "1 K",
  " 1",
  "1K ",
  "-1",
  "+1",
  "1e3",
  "1Ki",
  "1iB",
  "1BB",
  "0x10",
  ".",
  "1,5M",
  "1K-1",
])('"%s" is not a size', (text) => {
  expect(parseSizeBytes(text)).toBeNull();
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tsync-size-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(sizes.filter(([, bytes]) => bytes > 0))("rsync takes %s for as much", (text, bytes) => {
  for (const size of [bytes, bytes + 1]) {
    writeFileSync(`${folder}/file`, "");
    truncateSync(`${folder}/file`, size);
    const { stdout } = Bun.spawnSync(
      ["rsync", "-n", `--max-size=${text}`, "--out-format=%n", `${folder}/file`, `${folder}/none`],
      { env: { PATH: process.env.PATH ?? "" } },
    );
    expect(stdout.toString().includes("file\n")).toBe(size === bytes);
  }
});
