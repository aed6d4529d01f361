/** How sessions begin, with all that may answer there. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ByteReader, WireError } from "../../../src/target/wire/byte-reader.ts";
import { greet, readGreeting, UnsupportedServer } from "../../../src/target/wire/greeting.ts";
import { cuts, fromHex, hexOf, readIn } from "./support.ts";

const answer = (bytes: Buffer | string, lengths: readonly number[] = [1]) =>
  readIn(readGreeting(), typeof bytes === "string" ? fromHex(bytes) : bytes, lengths);

test("the number of our protocol is said first", () => {
  expect(hexOf(greet())).toBe("1f 00 00 00");
});

describe("a server", () => {
  test("of rsync 3.5.0, 3.1.3 and what may come after is understood", () => {
    fc.assert(
      fc.property(cuts, (lengths) => {
        // Captured.
        expect(answer("20 00 00 00 7e 25 89 1d 6b", lengths).result).toEqual({ seed: 0x6b1d8925 });
        expect(answer("1f 00 00 00 3e ff ff ff ff", lengths).result).toEqual({ seed: -1 });
        expect(answer("28 00 00 00 7e 00 00 00 00 00", lengths)).toEqual({
          result: { seed: 0 },
          rest: fromHex("00"),
        });
      }),
    );
  });

  test("that is older is told apart from one that is broken", () => {
    // rsync 3.1.0, 3.0.9 and 2.6.9; openrsync of OpenBSD and of macOS.
    for (const hex of ["1f 00 00 00 0e", "1e 00 00 00", "1d 00 00 00", "1b 00 00 00"])
      expect(() => answer(hex)).toThrow(UnsupportedServer);
    expect(() => answer("1f 00 00 00 0e")).toThrow("it is older than rsync 3.1.3");
    expect(() => answer("1b 00 00 00")).toThrow("its protocol is 27, not 31 or later");
  });

  test("that says something before it is told to be no rsync", () => {
    const noise = [
      "Welcome!\r\n",
      "Last login: Tue",
      "\x1b[2J\x1b[H",
      "\n\n\n\n",
      "stty: standard input",
      "    ",
    ];
    for (const text of noise)
      for (const lengths of [[1], [3, 1], [1000]])
        expect(() => answer(Buffer.from(`${text}\x1f\0\0\0\x7e\0\0\0\0`, "latin1"), lengths)).toThrow(
          "what answers there is no rsync",
        );
    expect(() => answer("13 00 00 00")).toThrow(WireError);
    expect(() => answer("29 00 00 00")).toThrow(WireError);
    expect(() => answer("ff ff ff ff")).toThrow(WireError);
  });

  test("that offers lists in parts, or sums by agreement, was not asked for that", () => {
    // 0x7f: with lists in parts. 0x1fe: with sums by agreement.
    for (const hex of ["1f 00 00 00 7f", "20 00 00 00 81 fe"])
      expect(() => answer(hex)).toThrow("it offers what it was not asked for");
  });

  test("that sends anything at all is waited for, understood, or refused", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 20 }).map((rest) => Uint8Array.from([31, 0, 0, 0, ...rest])),
    );
    fc.assert(
      fc.property(bytes, cuts, (given, lengths) => {
        const reader = new ByteReader(readGreeting());
        try {
          for (let at = 0; at < given.length; at += lengths[0]!)
            reader.push(Buffer.from(given.subarray(at, at + lengths[0]!)));
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          return;
        }
        expect(reader.result !== undefined || given.length < 13).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
