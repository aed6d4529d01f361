/** The sums of blocks: as they are read from the wire, and against what a real receiver sent. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type BlockSums, encodeSumHead, readBlockSums } from "../../../src/target/wire/block-sums.ts";
import { ByteReader, WireError } from "../../../src/target/wire/byte-reader.ts";
import { blocksOf, cut, encodeSums, strongOf, sumsOf, weakOf } from "./sums.ts";

function read(pieces: readonly Buffer[]): { sums: BlockSums | undefined; rest: Buffer } {
  const reader = new ByteReader(readBlockSums());
  const rest = pieces.map((piece) => reader.push(piece));
  return { sums: reader.result, rest: Buffer.concat(rest) };
}

const head = (...values: number[]) => {
  const bytes = Buffer.alloc(16);
  for (const [at, value] of values.entries()) bytes.writeInt32LE(value, at * 4);
  return bytes;
};

/** Numbers from a plain generator, so that the content below is known without being written down. */
function madeUp(length: number): Buffer {
  let state = 12345n;
  const bytes = Array.from({ length }, () => {
    state = (state * 1103515245n + 12345n) & 0x7fffffffn;
    return Number(state >> 16n) & 0xff;
  });
  return Buffer.from(bytes);
}

/** What rsync 3.5.0 as receiver sent for `madeUp(2500)`, with `--checksum-seed=305419896`: head and sums. */
const captures = [
  {
    name: "with C in its -e option, at first",
    seedFirst: true,
    bytes: "04000000bc0200000200000090010000fff75742b99ed1fdf352bbdd38058e90c50d6efb245e4f7b",
  },
  {
    name: "with C, asked for again",
    seedFirst: true,
    bytes:
      "04000000bc0200001000000090010000fff75742b99e68e9ef9b0492930b6848c415ff0ad1fdf352bbdd36c6501794141408e747cb5f" +
      "801338058e90c50dc05c2ac3b81960cfcabf8954467d6efb245e4f7b35abb481cda654116ba696075faf",
  },
  {
    name: "without C, at first",
    seedFirst: false,
    bytes: "04000000bc0200000200000090010000fff75742e3bed1fdf352bad038058e904b8d6efb245e0de4",
  },
  {
    name: "without C, asked for again",
    seedFirst: false,
    bytes:
      "04000000bc0200001000000090010000fff75742e3becf8eddf6be9956af4436eadbc3d2d1fdf352bad0699e63f3481eea533263a353" +
      "bd8138058e904b8d8580bb7ae40020e2ab0906f16d126efb245e0de43ffae9605099c8586785f1b345d2",
  },
];

test.each(captures)("what a receiver sent $name", ({ bytes, seedFirst }) => {
  const sent = Buffer.from(bytes, "hex");
  const { sums, rest } = read([sent]);
  const { strongLength, blockLength } = sums!;
  expect(rest).toHaveLength(0);
  expect(sums).toEqual(sumsOf(madeUp(2500), { blockLength, strongLength, seed: 305419896, seedFirst }));
  expect(encodeSumHead(sums!)).toEqual(sent.subarray(0, 16));
  // (The sums of the helper are those by definition.)
  const [block] = blocksOf(madeUp(2500), 700);
  expect(weakOf(block!)).toBe(sums!.weak[0]!);
  expect(
    strongOf(block!, { seed: 305419896, seedFirst }).indexOf(sums!.strong.subarray(0, strongLength)),
  ).toBe(0);
});

const anySums = fc
  .record({
    count: fc.integer({ min: 0, max: 1_000 }),
    strongLength: fc.integer({ min: 1, max: 16 }),
    blockLength: fc.integer({ min: 1, max: 131_072 }),
  })
  .chain(({ count, strongLength, blockLength }) =>
    fc.record({
      count: fc.constant(count),
      strongLength: fc.constant(strongLength),
      blockLength: fc.constant(blockLength),
      remainder: fc.integer({ min: 0, max: blockLength - 1 }),
      weak: fc.uint32Array({ minLength: count, maxLength: count }),
      strong: fc
        .uint8Array({ minLength: count * strongLength, maxLength: count * strongLength })
        .map((bytes) => Buffer.from(bytes)),
    }),
  );

test("sums are the same however they are cut into pieces, and what comes after them is left", () => {
  fc.assert(
    fc.property(
      anySums,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
      fc.uint8Array({ maxLength: 20 }),
      (sums, cuts, after) => {
        const bytes = Buffer.concat([encodeSums(sums), after]);
        expect(read(cut(bytes, cuts))).toEqual({ sums, rest: Buffer.from(after) });
      },
    ),
    { numRuns: 200 },
  );
});

test("byte by byte", () => {
  const sums = sumsOf(madeUp(20_000), { blockLength: 16, strongLength: 3, seed: 7, seedFirst: true });
  expect(read([...encodeSums(sums)].map((byte) => Buffer.from([byte]))).sums).toEqual(sums);
});

test.each([
  [head(-1, 700, 16, 0), "-1 of them"],
  [head(2 ** 31 - 1, 131_072, 16, 0), "2147483647 of them, more than 2097152"],
  [head(1, 0, 16, 0), "blocks of 0 bytes"],
  [head(1, -700, 16, 0), "blocks of -700 bytes"],
  [head(0, -700, 16, 0), "blocks of -700 bytes"],
  [head(1, 131_073, 16, 0), "blocks of 131073 bytes"],
  [head(1, 700, 17, 0), "strong sums of 17 bytes"],
  [head(0, 700, 17, 0), "strong sums of 17 bytes"],
  [head(1, 700, 0, 0), "strong sums of 0 bytes"],
  [head(1, 700, -1, 0), "strong sums of -1 bytes"],
  [head(1, 700, 16, 700), "a last block of 700 bytes after blocks of 700"],
  [head(1, 700, 16, -1), "a last block of -1 bytes"],
])("what makes no sense is refused at the head: %#", (bytes, reason) => {
  const reader = new ByteReader(readBlockSums());
  expect(() => reader.push(bytes)).toThrow(WireError);
  expect(() => new ByteReader(readBlockSums()).push(bytes)).toThrow(reason);
});

test("a head without blocks is taken as it is", () => {
  for (const bytes of [head(0, 0, 0, 0), head(0, 700, 2, 0), head(0, 131_073, 16, 5)])
    expect(encodeSumHead(read([bytes]).sums!)).toEqual(bytes);
});

test("a head alone takes no memory, whatever it announces", () => {
  const heldBytes = () => {
    Bun.gc(true);
    return process.memoryUsage().external;
  };
  const before = heldBytes();
  const readers = Array.from({ length: 50 }, () => {
    const reader = new ByteReader(readBlockSums());
    reader.push(head(2 ** 21, 131_072, 16, 0));
    return reader;
  });
  expect(heldBytes() - before).toBeLessThan(16 * 1024 * 1024);
  expect(readers.every(({ result }) => result === undefined)).toBe(true);
});
