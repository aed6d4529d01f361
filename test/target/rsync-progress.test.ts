import { expect, test } from "bun:test";
import { isProgressUnknown, ProgressReader, type Sent } from "../../src/target/rsync-progress.ts";

/** As rsync 3.5.0 says it. */
const said =
  "         32,768   0%    0.00kB/s    0:00:00  \r     11,239,424  74%   10.72MB/s    0:00:00  \r" +
  "     15,000,000 100%   11.40MB/s    0:00:01 (xfr#1, to-chk=1/3)\n" +
  "     15,000,004 100%   11.40MB/s    0:00:01 (xfr#2, to-chk=0/3)\n";
const stats = "\nNumber of files: 3 (reg: 2, dir: 1)\nLiteral data: 15,000,004 bytes\n";

function read(pieces: readonly string[]): { rest: string; sent: Sent[] } {
  const sent: Sent[] = [];
  const reader = new ProgressReader((one) => sent.push(one));
  const rest = pieces.map((piece) => reader.take(piece)).join("") + reader.end();
  return { rest, sent };
}

/** What it says of how far it is. */
const all: readonly Sent[] = [
  { files: 0, bytes: 32_768 },
  { files: 0, bytes: 11_239_424 },
  { files: 2, bytes: 15_000_000 },
  { files: 3, bytes: 15_000_004 },
];

test("progress is told, and all else is left as it is", () => {
  const lines = (said + stats).split(/(?<=[\r\n])/);
  expect(read(lines)).toEqual({ rest: stats, sent: [...all] });
});

test("of what comes at once, the last is told", () => {
  expect(read([said + stats])).toEqual({ rest: stats, sent: [all.at(-1)!] });
});

test("however the output is cut into pieces", () => {
  for (const length of [1, 7, 40, 100]) {
    const pieces = (said + stats).match(new RegExp(`[^]{1,${length}}`, "g"))!;
    const { rest, sent } = read(pieces);
    expect(rest).toBe(stats);
    if (length < 40) expect(sent).toEqual([...all]);
    expect(sent.at(-1)).toEqual(all.at(-1)!);
  }
});

test("what only looks like it stays, and takes no memory", () => {
  const other = `x 12 34%\n${"long".repeat(1_000)}`;
  expect(read([other])).toEqual({ rest: other, sent: [] });
});

test("an rsync that does not know the option says so before it does anything", () => {
  const old = "rsync: --info=progress2: unknown option\nrsync error: syntax or usage error (code 1)";
  expect(isProgressUnknown({ code: 1, stderr: old })).toBe(true);
  expect(isProgressUnknown({ code: 1, stderr: "rsync: --what: unknown option" })).toBe(false);
  expect(isProgressUnknown({ code: 23, stderr: 'rsync: open "--info" failed' })).toBe(false);
});
