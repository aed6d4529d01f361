/** Numbers and byte strings: what is written is read again, in whatever pieces it comes. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  ByteReader,
  type Reading,
  readByte,
  readInt,
  readShort,
  readVarint,
  readVstring,
  WireError,
} from "../../../src/target/wire/byte-reader.ts";
import { ByteWriter } from "../../../src/target/wire/byte-writer.ts";
import { IndexReader, IndexWriter, phaseDone } from "../../../src/target/wire/file-index.ts";
import { cuts, fromHex, hexOf, readIn } from "./support.ts";

const written = (write: (to: ByteWriter) => unknown) => {
  const to = new ByteWriter();
  write(to);
  return to.take();
};
const varint = (value: number) => hexOf(written((to) => to.varint(value)));
const varlong = (value: number | bigint, minBytes: number) =>
  hexOf(written((to) => to.varlong(value, minBytes)));

/** Numbers of all lengths, and those at the ends of each. */
const int = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc
    .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: -2, max: 2 }))
    .map(([bits, more]) => 2 ** bits + more),
);

/** Reads as the facts say: the shortest form of `minBytes` or more, its first byte tells how many follow these. */
function decodeVarlong(bytes: Buffer, minBytes: number): { value: bigint; length: number } {
  const first = bytes[0]!;
  let extra = 0;
  while (extra < 6 && first & (0x80 >> extra)) extra++;
  if (extra === 6) extra = first & 0x02 ? 7 : 6;
  const low = bytes.subarray(1, minBytes + extra);
  let value = 0n;
  for (const [at, byte] of low.entries()) value |= BigInt(byte) << BigInt(8 * at);
  const high = first & ((1 << (8 - Math.min(extra, 7))) - 1);
  if (low.length < 8) value |= BigInt(high) << BigInt(8 * low.length);
  return { value: BigInt.asIntN(64, value), length: minBytes + extra };
}

describe("numbers", () => {
  test("are as rsync sends them", () => {
    expect(varint(0)).toBe("00");
    expect(varint(0x7f)).toBe("7f");
    expect(varint(0x80)).toBe("80 80");
    expect(varint(0x2018)).toBe("a0 18");
    expect(varint(0x4000)).toBe("c0 00 40");
    expect(varint(65_534)).toBe("c0 fe ff");
    expect(varint(0x22e3f7ed)).toBe("f0 ed f7 e3 22");
    expect(varint(2 ** 32 - 1)).toBe("f0 ff ff ff ff");
    expect(varint(-1)).toBe("f0 ff ff ff ff");
    expect(varlong(0, 3)).toBe("00 00 00");
    expect(varlong(300, 3)).toBe("00 2c 01");
    expect(varlong(0x6b02e7f2, 4)).toBe("6b f2 e7 02");
    expect(varlong(-6, 4)).toBe("f8 fa ff ff ff ff ff ff ff");
    expect(varlong(2 ** 31, 4)).toBe("80 00 00 00 80");
  });

  test("of 32 bits are read again", () => {
    fc.assert(
      fc.property(fc.array(int, { maxLength: 30 }), cuts, (values, lengths) => {
        const bytes = written((to) => {
          for (const value of values)
            to.varint(value)
              .int(value)
              .short(value)
              .byte(value & 0xff);
        });
        function* read(): Reading<number[]> {
          const found: number[] = [];
          for (const _ of values)
            found.push(yield* readVarint(), yield* readInt(), yield* readShort(), yield* readByte());
          return found;
        }
        const all = values.flatMap((value) => [value, value, value & 0xffff, value & 0xff]);
        expect(readIn(read(), bytes, lengths)).toEqual({ result: all, rest: Buffer.alloc(0) });
      }),
    );
  });

  test("of 64 bits are read again", () => {
    const long = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), int.map(BigInt));
    fc.assert(
      fc.property(long, fc.constantFrom(3, 4), (value, minBytes) => {
        const bytes = written((to) => to.varlong(value, minBytes));
        expect(decodeVarlong(bytes, minBytes)).toEqual({ value, length: bytes.length });
      }),
      { numRuns: 1000 },
    );
  });

  test("that are too large are told so", () => {
    for (const hex of ["f1 00 00 00 00", "ff 00 00 00 00", "f8", "fc"])
      expect(() => readIn(readVarint(), fromHex(hex), [1])).toThrow(WireError);
  });
});

test("byte strings are read again, and take two bytes for their length where one will not do", () => {
  const length = fc.oneof(fc.constantFrom(0, 1, 127, 128, 255, 256, 4096));
  const text = fc.tuple(length, fc.integer({ min: 0, max: 255 })).map(([count, byte]) => {
    return String.fromCharCode(byte).repeat(count);
  });
  fc.assert(
    fc.property(text, text, cuts, (one, other, lengths) => {
      function* read(): Reading<string[]> {
        return [yield* readVstring(), yield* readVstring()];
      }
      const bytes = written((to) => to.vstring(one).vstring(other).int(7));
      const { result, rest } = readIn(read(), bytes, lengths);
      expect(result).toEqual([one, other]);
      expect(hexOf(rest)).toBe("07 00 00 00");
    }),
  );
  const longest = "\xff".repeat(32_767);
  expect(
    readIn(
      readVstring(),
      written((to) => to.vstring(longest)),
      [1000],
    ).result,
  ).toBe(longest);
  expect(hexOf(written((to) => to.vstring("a".repeat(300))).subarray(0, 3))).toBe("81 2c 61");
});

describe("numbers of files", () => {
  const one = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    fc.constant(phaseDone),
    fc.integer({ min: -400, max: -2 }),
    fc.integer({ min: -(2 ** 31) + 1, max: -2 }),
  );
  /** Sequences in steps of all sizes, to and fro. */
  const step = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(253, 254, 255, 0x7fff, 0x8000, -254, -0x8000),
    fc.integer({ min: -(2 ** 20), max: 2 ** 20 }),
  );
  const walk = fc.array(step, { maxLength: 40 }).map((steps) => {
    let at = 0;
    return steps.map((by) => (at = Math.max(0, at + by)));
  });

  const magnitude = (size: number, step: number): Buffer => {
    if (step > 0 && step < 254) return Buffer.from([step]);
    if (step >= 0 && step <= 0x7fff) return Buffer.from([0xfe, step >> 8, step & 0xff]);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(size);
    return Buffer.from([0xfe, bytes[3]! | 0x80, bytes[0]!, bytes[1]!, bytes[2]!]);
  };

  test("are read again, in any order and of both signs", () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(one, { maxLength: 40 }), walk), cuts, (indexes, lengths) => {
        const writer = new IndexWriter();
        let negative = 1;
        const bytes = written((to) => {
          for (const index of indexes) {
            if (index >= phaseDone) writer.write(index, to);
            else {
              // Only the other side sends these: with a byte for the sign, and steps of their own.
              to.byte(0xff).bytes(magnitude(-index, -index - negative));
              negative = -index;
            }
          }
        });
        const reader = new IndexReader();
        function* read(): Reading<number[]> {
          const found: number[] = [];
          for (const _ of indexes) found.push(yield* reader.read());
          return found;
        }
        expect(readIn(read(), bytes, lengths)).toEqual({ result: indexes, rest: Buffer.alloc(0) });
      }),
      { numRuns: 500 },
    );
  });

  test("are as rsync sends them", () => {
    const sequence = (...indexes: number[]) => {
      const writer = new IndexWriter();
      return hexOf(
        written((to) => {
          for (const index of indexes) writer.write(index, to);
        }),
      );
    };
    expect(sequence(0, 1, 3)).toBe("01 01 02");
    expect(sequence(phaseDone, 252, phaseDone, 506)).toBe("00 fd 00 fe 00 fe");
    expect(sequence(5, 5)).toBe("06 fe 00 00");
    expect(sequence(0x7ffe, 0xffff)).toBe("fe 7f ff fe 80 ff ff 00");
    expect(sequence(70_000, 3)).toBe("fe 80 70 11 01 fe 80 03 00 00");
    expect(sequence(0x12345678)).toBe("fe 92 78 56 34");
  });

  test("that make no sense are told so", () => {
    const readAll = (hex: string) => {
      const reader = new IndexReader();
      function* read(): Reading<never> {
        for (;;) yield* reader.read();
      }
      readIn(read(), fromHex(hex), [1]);
    };
    // Beyond 31 bits, and 0 with a minus sign.
    expect(() => readAll("fe ff ff ff ff 05")).toThrow(WireError);
    expect(() => readAll("ff fe 80 00 00 00")).toThrow(WireError);
  });
});

describe("a reader", () => {
  test("refuses to hold as much as a hostile length may ask for", () => {
    function* greedy(length: number): Reading<Buffer> {
      return yield length;
    }
    expect(() => new ByteReader(greedy(2 ** 31 - 1))).toThrow(WireError);
    function* later(): Reading<Buffer> {
      return yield (yield* readInt()) * 20;
    }
    expect(() =>
      readIn(
        later(),
        written((to) => to.int(2 ** 31 - 1)),
        [1],
      ),
    ).toThrow(WireError);
  });

  test("holds input as it is, and takes time in proportion to it, if it comes byte by byte", () => {
    const length = 200_000;
    function* read(): Reading<number> {
      return (yield length).reduce((sum, byte) => sum + byte, 0);
    }
    const start = performance.now();
    expect(readIn(read(), Buffer.alloc(length, 1), [1]).result).toBe(length);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test("takes nothing after its end", () => {
    const reader = new ByteReader(readShort());
    expect(hexOf(reader.push(fromHex("01 02 03")))).toBe("03");
    expect(hexOf(reader.push(fromHex("04 05")))).toBe("04 05");
    expect(reader.result).toBe(0x0201);
  });
});

test("a writer gives out all that was put in, once, in a buffer that is not much larger", () => {
  const part = fc.uint8Array({ maxLength: 3000 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const to = new ByteWriter();
      for (const [at, bytes] of parts.entries())
        at % 2 === 0 ? to.bytes(bytes) : to.text(Buffer.from(bytes).toString("latin1"));
      const whole = Buffer.concat(parts);
      expect(to.length).toBe(whole.length);
      const taken = to.take();
      expect(hexOf(taken)).toBe(hexOf(whole));
      expect(taken.buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * whole.length, 8192));
      expect(to.byte(1).take()).toHaveLength(1);
      expect(to.take()).toHaveLength(0);
      expect(hexOf(taken)).toBe(hexOf(whole));
    }),
  );
});

test("a writer leaves room for a head, and uses memory again when it may", () => {
  const to = new ByteWriter(4);
  expect(to.length).toBe(0);
  to.bytes(Buffer.alloc(1000, 1));
  expect(to.length).toBe(1000);
  const first = to.take();
  expect(first).toHaveLength(1004);
  expect(to.length).toBe(0);
  // What was taken is still needed.
  to.bytes(Buffer.alloc(1000, 2));
  expect(first.at(-1)).toBe(1);
  // There is something that would be written over.
  to.reuse();
  const second = to.bytes(Buffer.alloc(10, 3)).take();
  expect([...second.subarray(-11)]).toEqual([2, ...Array(10).fill(3)]);
  to.reuse();
  const third = to.bytes(Buffer.alloc(500, 4)).take();
  expect(third.buffer === second.buffer && third.byteOffset === second.byteOffset).toBe(true);
  expect(third).toHaveLength(504);
  expect(to.take()).toHaveLength(4);
});
