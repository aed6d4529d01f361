/** Frames: what is put into them comes out again, in whatever pieces they come. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { WireError } from "../../../src/target/wire/byte-reader.ts";
import { Demultiplexer, dataFrames, headBytes, messageFrame, tags } from "../../../src/target/wire/frames.ts";
import { cuts, frame, fromHex, hexOf, inPieces } from "./support.ts";

/** What comes out: data joined up to the next message, as both have one order. */
function takeApart(bytes: Buffer, lengths: readonly number[]): string[] {
  const found: string[] = [];
  let data = "";
  const flush = () => {
    if (data !== "") found.push(`data ${data}`);
    data = "";
  };
  const frames = new Demultiplexer({
    data: (piece) => {
      data += piece.toString("hex");
    },
    message: (tag, body) => {
      flush();
      found.push(`${tag} ${body.toString("hex")}`);
    },
  });
  for (const piece of inPieces(bytes, lengths)) frames.push(piece);
  flush();
  return found;
}

const body = fc.uint8Array({ maxLength: 60 });
const message = fc.record({ tag: fc.constantFrom(...Object.values(tags)), body });

const framesOf = (data: Buffer) => dataFrames(Buffer.concat([Buffer.alloc(headBytes), data]));

describe("frames", () => {
  test("come out as they were put in, data and messages in their order", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 30 }), cuts, (messages, lengths) => {
        const bytes = Buffer.concat(messages.map(({ tag, body }) => frame(tag, body)));
        const expected: string[] = [];
        for (const { tag, body } of messages) {
          const hex = Buffer.from(body).toString("hex");
          if (tag !== tags.data) expected.push(`${tag} ${hex}`);
          else if (hex === "") continue;
          else if (expected.at(-1)?.startsWith("data")) expected.push(`${expected.pop()}${hex}`);
          else expected.push(`data ${hex}`);
        }
        expect(takeApart(bytes, lengths)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("carry data of any length, each no more than is sensible", () => {
    for (const length of [0, 1, 1_048_575, 1_048_576, 1_048_577, 2_500_000]) {
      const data = Buffer.alloc(length, "0123456789abcdefg");
      const frames = framesOf(data);
      const whole = Buffer.concat(frames);
      expect(takeApart(whole, [65_536])).toEqual(length === 0 ? [] : [`data ${data.toString("hex")}`]);
      for (const piece of frames) expect(piece.length).toBeLessThanOrEqual(1_048_576 + headBytes);
      if (length <= 1_048_576) expect(frames).toHaveLength(1);
    }
  });

  test("are as rsync sends them", () => {
    expect(hexOf(Buffer.concat(framesOf(fromHex("01 00"))))).toBe("02 00 00 07 01 00");
    expect(hexOf(messageFrame(tags.noSend, 5))).toBe("04 00 00 6d 05 00 00 00");
    expect(takeApart(fromHex("01 00 00 07 00  04 00 00 6b 02 00 00 00"), [1])).toEqual([
      "data 00",
      "100 02000000",
    ]);
  });

  test("of unknown kinds, or of messages without end, are refused as soon as they begin", () => {
    for (const hex of ["00 00 00 00", "00 00 00 06", "01 00 00 0c 00", "00 00 00 ff"])
      expect(() => takeApart(fromHex(hex), [1])).toThrow(WireError);
    expect(() => takeApart(fromHex("01 00 01 09"), [4])).toThrow("a message is too long");
    expect(takeApart(frame(tags.info, Buffer.alloc(65_536)), [1000])).toHaveLength(1);
    // Data is passed on, so it may be as long as can be said.
    expect(() => takeApart(fromHex("ff ff ff 07 01"), [1])).not.toThrow();
  });
});
