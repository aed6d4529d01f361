/** Tokens, put together again as a receiver does, are the content; and there are few bytes in them if little changed. */
import { describe, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import type { BlockSums } from "../../../src/target/wire/block-sums.ts";
import { DeltaMatcher } from "../../../src/target/wire/delta.ts";
import { spread } from "../../../src/target/wire/rolling-sum.ts";
import { blocksOf, cut, type SumOptions, sumsOf } from "./sums.ts";

type Token = Buffer | number;

const plain: SumOptions = { blockLength: 700, strongLength: 16, seed: 0x12345678, seedFirst: true };

const none: BlockSums = {
  count: 0,
  blockLength: 0,
  strongLength: 0,
  remainder: 0,
  weak: new Uint32Array(),
  strong: Buffer.alloc(0),
};

/** All tokens for content that comes in `pieces`; block numbers for what is a reference. Checks their form. */
function tokensOf(pieces: readonly Buffer[], sums: BlockSums, options = plain) {
  const matcher = new DeltaMatcher(sums, options);
  const pushed = pieces.map((piece) => {
    // (A copy that is spoiled afterwards: nothing may point to it.)
    const copy = Buffer.from(piece);
    const tokens = matcher.push(copy);
    copy.fill(0xee);
    return tokens;
  });
  const last = matcher.end();
  const bytes = Buffer.concat([...pushed, last.tokens]);
  const tokens: Token[] = [];
  let literalBytes = 0;
  let at = 0;
  for (;;) {
    const value = bytes.readInt32LE(at);
    at += 4;
    if (value === 0) break;
    if (value < 0) tokens.push(-value - 1);
    else {
      expect(value).toBeLessThanOrEqual(32_768);
      expect(bytes.length - at).toBeGreaterThan(value);
      tokens.push(bytes.subarray(at, at + value));
      literalBytes += value;
      at += value;
    }
  }
  expect(at).toBe(bytes.length);
  expect(matcher.literalBytes).toBe(literalBytes);
  return { tokens, literalBytes, md5: last.md5, bytes };
}

function md5(content: Buffer): Buffer {
  return createHash("md5").update(content).digest();
}

/** What is sent for `content` to one who has `basis`, in any pieces: checked to give `content` again. */
function send(basis: Buffer, content: Buffer, options = plain, pieces: readonly Buffer[] = [content]) {
  const blocks = blocksOf(basis, options.blockLength);
  const sent = tokensOf(pieces, sumsOf(basis, options), options);
  const received = Buffer.concat(
    sent.tokens.map((token) => (typeof token === "number" ? blocks[token]! : token)),
  );
  expect(received.equals(content)).toBe(true);
  expect(sent.md5).toEqual(md5(content));
  return sent;
}

const numbersOf = (tokens: readonly Token[]) => tokens.filter((token) => typeof token === "number");

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

/** Content that repeats itself, or does not. */
const anyContent = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 40 }))
    .map(([bytes, times]) => Buffer.concat(Array(times).fill(bytes))),
  fc.integer({ min: 0, max: 300 }).map((length) => Buffer.alloc(length)),
);

const anyEdit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.integer({ min: 0, max: 60 }),
  added: fc.uint8Array({ maxLength: 60 }),
});

function edit(content: Buffer, edits: readonly { at: number; removed: number; added: Uint8Array }[]): Buffer {
  return edits.reduce((before, { at, removed, added }) => {
    const from = Math.floor(at * before.length);
    return Buffer.concat([before.subarray(0, from), added, before.subarray(from + removed)]);
  }, content);
}

const anyOptions = fc.record({
  blockLength: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 200 })),
  strongLength: fc.integer({ min: 6, max: 16 }),
  seed: fc.oneof(fc.constant(0), fc.integer()),
  seedFirst: fc.boolean(),
});

const anyCuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

test("what was changed by some edits is sent whole, and the tokens do not depend on the pieces", () => {
  fc.assert(
    fc.property(
      anyContent,
      fc.array(anyEdit, { maxLength: 5 }),
      anyOptions,
      anyCuts,
      (bytes, edits, options, cuts) => {
        const basis = Buffer.from(bytes);
        const content = edit(basis, edits);
        const whole = send(basis, content, options);
        const inPieces = send(basis, content, options, cut(content, cuts));
        expect(inPieces.bytes).toEqual(whole.bytes);
        // Around each edit, one block is not found at most, and the begins of two.
        const changed = edits.reduce((sum, { added }) => sum + added.length, 0);
        expect(whole.literalBytes).toBeLessThanOrEqual(
          changed + (edits.length + 1) * 3 * options.blockLength,
        );
      },
    ),
    { numRuns: 1_500 },
  );
});

test("what is cut out of the basis and put together anew is sent whole", () => {
  fc.assert(
    fc.property(
      anyContent,
      fc.array(fc.tuple(fc.nat(600), fc.nat(300)), { maxLength: 6 }),
      anyOptions,
      (bytes, parts, options) => {
        const basis = Buffer.from(bytes);
        send(
          basis,
          Buffer.concat(parts.map(([from, length]) => basis.subarray(from, from + length))),
          options,
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("nothing but literal bytes where there is no basis", () => {
  for (const length of [0, 1, 32_767, 32_768, 32_769, 65_536, 1_000_000]) {
    const content = randomBytes(length);
    const { tokens, literalBytes, md5: sum } = tokensOf(cut(content, [0.1, 0.5, 0.51]), none);
    expect(Buffer.concat(tokens as Buffer[]).equals(content)).toBe(true);
    expect(tokens).toHaveLength(Math.ceil(length / 32_768));
    expect(literalBytes).toBe(length);
    expect(sum).toEqual(md5(content));
  }
  // (What a head without blocks says besides means nothing.)
  const odd = { ...none, blockLength: 2 ** 31 - 1, remainder: 2 ** 31 - 1 };
  expect(new DeltaMatcher(odd, plain).push(randomBytes(32_768))).toHaveLength(4 + 32_768);
});

test.each([0, 1, 699, 700, 701, 1_399, 1_400, 1_401, 70_000, 1_000_001])(
  "nothing but blocks where %d bytes did not change",
  (length) => {
    const content = randomBytes(length);
    expect(send(content, content).tokens).toEqual(upTo(Math.ceil(length / 700)));
  },
);

test("around the ends of blocks: content that is longer or shorter by little", () => {
  const basis = randomBytes(2_100 + 300);
  for (const blockLength of [300, 700, 2_400, 2_401, 4_000]) {
    for (const length of [0, 1, 299, 300, 699, 700, 701, 1_399, 1_400, 1_401, 2_099, 2_100, 2_101, 2_399]) {
      const options = { ...plain, blockLength };
      const { literalBytes } = send(basis, basis.subarray(0, length), options);
      expect(literalBytes).toBe(length % blockLength);
      send(basis.subarray(0, length), basis, options);
      send(basis, basis.subarray(length), options);
      send(basis.subarray(length), basis, options);
    }
  }
});

describe("1 MiB in blocks of 1,000 bytes", () => {
  const basis = randomBytes(2 ** 20);
  const options = { ...plain, blockLength: 1_000, strongLength: 2 };

  test("one byte in front", () => {
    const { literalBytes, tokens } = send(basis, Buffer.concat([Buffer.from("x"), basis]), options);
    expect(literalBytes).toBe(1);
    expect(numbersOf(tokens)).toEqual(upTo(1_049));
  });

  test("one byte away in front", () => {
    expect(send(basis, basis.subarray(1), options).literalBytes).toBe(999);
  });

  test("a byte in the middle is another", () => {
    const content = Buffer.from(basis);
    content[500_500]! ^= 1;
    expect(send(basis, content, options).literalBytes).toBe(1_000);
  });

  test("something after the end: the last block is not at the end any more", () => {
    expect(send(basis, Buffer.concat([basis, Buffer.from("more")]), options).literalBytes).toBe(576 + 4);
  });

  test("halves that have changed places", () => {
    const content = Buffer.concat([basis.subarray(500_000), basis.subarray(0, 500_000)]);
    expect(send(basis, content, options).literalBytes).toBe(576);
  });

  test("the short last block is found after something new", () => {
    const content = Buffer.concat([randomBytes(5_000), basis.subarray(1_048_000)]);
    expect(send(basis, content, options)).toMatchObject({ literalBytes: 5_000 });
  });
});

test("of equal blocks the one that follows is taken", () => {
  const [a, b] = [randomBytes(700), randomBytes(700)];
  const basis = Buffer.concat([a, a, a, b, a, a, a]);
  expect(send(basis, basis).tokens).toEqual(upTo(7));
  const more = Buffer.concat([b, a, a, a, a]);
  expect(send(basis, more).tokens).toEqual([3, 4, 5, 6, 0]);
});

test("sums alone do not make a short last block a long one, and one sum alone makes no block", () => {
  const content = randomBytes(1_400 + 300);
  const sums = sumsOf(content, plain);
  const last = content.subarray(1_400);
  // The last block, by its sums, is like the first; and has one that is not its own.
  const asFirst = { ...sums, weak: sums.weak.with(2, sums.weak[0]!), strong: Buffer.from(sums.strong) };
  asFirst.strong.copyWithin(32, 0, 16);
  asFirst.weak[0]! ^= 1;
  expect(tokensOf([content], asFirst).tokens).toEqual([content.subarray(0, 700), 1, last]);
  const otherWeak = { ...sums, weak: sums.weak.with(2, sums.weak[2]! ^ 1) };
  expect(tokensOf([content], otherWeak).tokens).toEqual([0, 1, last]);
  const otherStrong = { ...sums, strong: Buffer.from(sums.strong).fill(0, 32) };
  expect(tokensOf([content], otherStrong).tokens).toEqual([0, 1, last]);
});

test("a block is not taken for another with the same weak sum", () => {
  // Changes that are made up for: neither the sum nor the sum of sums is another.
  const one = Buffer.alloc(700);
  const other = Buffer.from(one);
  for (const [at, value] of [1, -2, 1].entries()) other.writeInt8(value, 100 + at);
  const sums = sumsOf(one, plain);
  expect(sumsOf(other, plain).weak).toEqual(sums.weak);
  expect(send(one, other).literalBytes).toBe(700);
  expect(send(Buffer.concat([one, other]), Buffer.concat([other, one])).tokens).toEqual([1, 0]);
});

describe("what would be slow: 4 MiB", () => {
  const megabytes = 4;
  const content = randomBytes(megabytes * 2 ** 20);
  const options = { ...plain, blockLength: 2_048 };
  const zeros = Buffer.alloc(content.length);

  /** Milliseconds for `content`, of which all in one go is done in about 40. */
  function timed(what: () => void): number {
    const begin = performance.now();
    what();
    return performance.now() - begin;
  }

  const slowMs = 5_000;

  test("zeros", () => {
    expect(timed(() => expect(send(zeros, zeros, options).literalBytes).toBe(0))).toBeLessThan(slowMs);
  });

  test("one block again and again, and out of step", () => {
    const block = randomBytes(2_048);
    const repeated = Buffer.concat(Array(2_048).fill(block));
    const outOfStep = repeated.subarray(1_000);
    expect(timed(() => expect(send(repeated, repeated, options).literalBytes).toBe(0))).toBeLessThan(slowMs);
    expect(timed(() => expect(send(repeated, outOfStep, options).literalBytes).toBe(1_048))).toBeLessThan(
      slowMs,
    );
  });

  test("nothing that is known", () => {
    const sums = sumsOf(randomBytes(content.length), options);
    expect(timed(() => tokensOf([content], sums, options))).toBeLessThan(slowMs);
  });

  test("many blocks that differ and have the same weak sum: all are found", () => {
    // In each: four changes that make up for each other, at another place.
    const blocks = upTo(2_000).map((number) => {
      const block = Buffer.alloc(2_048);
      for (const [at, value] of [1, -2, 1].entries()) block.writeInt8(value, number + at);
      return block;
    });
    const basis = Buffer.concat(blocks);
    const sums = sumsOf(basis, options);
    expect(new Set(sums.weak)).toEqual(new Set([0]));
    const backwards = Buffer.concat(blocks.toReversed());
    const took = timed(() => expect(send(basis, backwards, options).literalBytes).toBe(0));
    expect(took).toBeLessThan(slowMs);
  });

  test("the weak sum of a block at each byte, and never the strong one", () => {
    const sums = sumsOf(zeros, options);
    sums.strong.fill(7);
    expect(
      timed(() => expect(tokensOf([zeros], sums, options).literalBytes).toBe(zeros.length)),
    ).toBeLessThan(slowMs);
    // What follows is found as before, as long as blocks follow each other.
    const known = sumsOf(content, options);
    const both = { ...known, weak: known.weak.slice() };
    both.weak[0] = 0;
    const { literalBytes } = tokensOf([zeros, content], both, options);
    expect(literalBytes).toBeLessThan(zeros.length + content.length);
  });

  test("sums that are made to be in each other's way", () => {
    const count = 100_000;
    // All are in the same place of a table of any size.
    const inverse = 0x0e8b2f51;
    expect(spread(inverse)).toBe(1);
    const weak = Uint32Array.from({ length: count }, (_, at) => Math.imul(at, inverse));
    const sums = { ...options, count, remainder: 0, weak, strong: Buffer.alloc(count * 16) };
    expect(timed(() => tokensOf([content], sums, options))).toBeLessThan(slowMs);
  });
});

test("one byte at a time, through a window that has to grow and to move", () => {
  const basis = randomBytes(600_000);
  const content = Buffer.concat([randomBytes(300_000), basis.subarray(1_000), randomBytes(50_000)]);
  const options = { ...plain, blockLength: 5_000 };
  const whole = send(basis, content, options);
  const bytes = Array.from(content, (_, at) => content.subarray(at, at + 1));
  expect(send(basis, content, options, bytes).bytes.equals(whole.bytes)).toBe(true);
});

test("what is held does not grow with the content", () => {
  const basis = randomBytes(1_000_000);
  const sums = sumsOf(basis, { ...plain, blockLength: 131_072 });
  const matcher = new DeltaMatcher(sums, plain);
  const piece = randomBytes(250_000);
  let tokens = 0;
  let content = 0;
  for (let times = 0; times < 60; times++) {
    tokens += matcher.push(piece).length;
    content += piece.length;
    expect(content - tokens).toBeLessThan(131_072 + 32_768);
  }
});
