/** Servers that break the rules: a session says so or waits, throws never, and holds no more than it may. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { inOrder } from "../../../src/target/wire/file-list.ts";
import { SendSession } from "../../../src/target/wire/session.ts";
import { frame, fromHex, hexOf, inPieces, listEntry } from "./support.ts";

const entries = inOrder([
  ...Array.from({ length: 10 }, (_, at) => listEntry(`d/${at}`, { size: 10 })),
  listEntry("link", { kind: "symlink", link: "d" }),
  listEntry("made", { kind: "directory" }),
]);
const indexOf = (path: string) => entries.findIndex((entry) => entry.path === path);

/** How much may be held of what was asked for, before the driver is told to read no more. */
const heldBytesMax = 8 * 1024 * 1024;

interface Started {
  readonly session: SendSession;
  readonly arrived: number[];
  /** Answers all that is asked for; the number of answers. */
  readonly serve: () => number;
}

function start(given = entries, ahead = false): Started {
  const arrived: number[] = [];
  const session = new SendSession({
    owner: false,
    group: false,
    names: null,
    greeting: { seed: 1 },
    entries: given,
    onArrived: (index) => arrived.push(index),
  });
  for (const [index, { kind }] of ahead ? given.entries() : [])
    if (kind === "file") session.sendAhead(index, Buffer.from("0123456789"));
  session.begin();
  const serve = () => {
    let answers = 0;
    for (let asked = session.next(); asked !== null; asked = session.next()) {
      const answer = session.answer(asked);
      answer.content(Buffer.from("0123456789"));
      answer.end();
      answers++;
    }
    session.take();
    return answers;
  };
  return { session, arrived, serve };
}

const data = (hex: string) => frame(0, fromHex(hex));
const success = (index: number) => {
  const body = Buffer.alloc(4);
  body.writeInt32LE(index);
  return frame(100, body);
};
/** A request for the file `step` after the one before, without a basis. */
const request = (step: number) => Buffer.from([step, 0x00, 0x80, ...Buffer.alloc(16)]);
const files = entries.flatMap(({ kind }, index) => (kind === "file" ? [index] : []));

/** What a server says in a session in which all goes well. */
const proper = Buffer.concat([
  ...files.map((index, at) => frame(0, request(index - (files[at - 1] ?? -1)))),
  success(indexOf("link")),
  data("00"),
  ...files.map(success),
  data("00 00 00"),
  data("00"),
]);

/** Gives `bytes` to a session, which is to survive it; a second time with all in one piece. */
function survive(bytes: Buffer, lengths: readonly number[], ahead: boolean): SendSession {
  const { session, arrived, serve } = start(entries, ahead);
  for (const piece of inPieces(bytes, lengths)) {
    session.receive(piece);
    expect(serve()).toBeLessThanOrEqual(3 * files.length);
  }
  expect(new Set(arrived).size).toBe(arrived.length);
  for (const index of arrived) expect(["file", "symlink"]).toContain(entries[index]!.kind);
  if (session.broken !== null) {
    expect(session.broken).toMatch(/^[a-z][a-z ():,0-9-]+$/);
    expect(session.isSettled).toBe(true);
    expect(session.next()).toBeNull();
    const before = session.missing.size;
    session.receive(success(files[0]!));
    expect(session.missing.size).toBe(before);
  }
  return session;
}

const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
const body = fc.uint8Array({ maxLength: 80 });
/** Bytes that mean something at many places. */
const telling = fc
  .array(fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff), fc.integer({ min: 0, max: 255 })), {
    maxLength: 60,
  })
  .map((bytes) => Uint8Array.from(bytes));

test("the proper session, which the others are made of, is one", () => {
  const session = survive(proper, [1], false);
  expect({ broken: session.broken, isOver: session.isOver, missing: session.missing.size }).toEqual({
    broken: null,
    isOver: true,
    missing: 0,
  });
});

describe("a session survives", () => {
  test("any bytes", () => {
    fc.assert(
      fc.property(fc.oneof(body, telling), lengths, fc.boolean(), (bytes, cut, ahead) => {
        survive(Buffer.from(bytes), cut, ahead);
      }),
      { numRuns: 2000 },
    );
  });

  test("any frames", () => {
    const tag = fc.oneof(fc.constant(0), fc.constantFrom(1, 2, 3, 4, 22, 33, 42, 86, 100, 101, 102, 9));
    const frames = fc.array(fc.tuple(tag, fc.oneof(body, telling, fc.constant(request(1)))), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(frames, lengths, fc.boolean(), (given, cut, ahead) => {
        survive(Buffer.concat(given.map(([kind, bytes]) => frame(kind, bytes))), cut, ahead);
      }),
      { numRuns: 2000 },
    );
  });

  test("a proper session with bytes flipped, cut, or repeated", () => {
    const place = fc.integer({ min: 0, max: proper.length - 1 });
    const damage = fc.oneof(
      fc.record({ is: fc.constant("flip"), at: place, to: fc.integer({ min: 1, max: 255 }) }),
      fc.record({ is: fc.constant("cut"), at: place, to: place }),
      fc.record({ is: fc.constant("repeat"), at: place, to: place }),
    );
    fc.assert(
      fc.property(
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        lengths,
        fc.boolean(),
        (damages, cut, ahead) => {
          let bytes = Buffer.from(proper);
          for (const { is, at, to } of damages) {
            const [from, end] = [Math.min(at, to), Math.max(at, to)];
            if (is === "flip" && at < bytes.length) bytes[at]! ^= to;
            if (is === "cut") bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(end)]);
            if (is === "repeat") bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(from)]);
          }
          survive(bytes, cut, ahead);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("a proper session that ends anywhere: it waits", () => {
    for (let length = 0; length < proper.length; length++) {
      const session = survive(proper.subarray(0, length), [1000], false);
      expect({ broken: session.broken, isOver: session.isOver }).toEqual({ broken: null, isOver: false });
    }
  });
});

describe("it is told", () => {
  const broken = (...bytes: Buffer[]) => survive(Buffer.concat(bytes), [1000], false).broken;

  test("that a file is asked for that is not there, or what is no file", () => {
    expect(broken(data("fe 7f ff"))).toBe("it asks for a file that is not in the list");
    expect(broken(data("fe ff ff ff ff"))).toBe("it asks for a file that is not in the list");
    // The statistics of what it deleted, which nobody told it to.
    expect(broken(data("ff 02"))).toBe("it asks for a file that is not in the list");
    for (const path of ["d", "made", "link"])
      expect(broken(frame(0, request(indexOf(path) + 1)))).toBe("it asks for the content of what is no file");
  });

  test("that something is in place that was not sent", () => {
    for (const index of [-1, entries.length, 2 ** 31 - 1, indexOf("d"), indexOf("made")])
      expect(broken(success(index))).toBe("it has put something in place that was not sent");
    expect(broken(frame(100, Buffer.alloc(3)))).toBe("it has put something in place that was not sent");
    expect(broken(frame(100, Buffer.alloc(5)))).toBe("it has put something in place that was not sent");
  });

  test("that it gave up, with its exit code", () => {
    expect(broken(frame(86, fromHex("0b 00 00 00")))).toBe("it gave up (code 11)");
    expect(broken(frame(86, fromHex("")))).toBe("it gave up");
  });

  test("that it goes on after the end, with whatever", () => {
    expect(broken(data("00 00 00 00 00 00"))).toBe("it goes on after the end");
    expect(broken(frame(0, Buffer.concat([Buffer.alloc(5), request(files[0]! + 1)])))).toBe(
      "it goes on after the end",
    );
  });

  test("that a length makes no sense", () => {
    for (const count of ["ff ff ff 7f", "ff ff ff ff"])
      expect(
        broken(
          data(`${hexOf(Buffer.from([files[0]! + 1]))} 00 80 ${count} bc 02 00 00 02 00 00 00 00 00 00 00`),
        ),
      ).toMatch(/sums/);
    expect(broken(fromHex("01 00 01 09"))).toBe("a message is too long");
    expect(broken(fromHex("01 00 00 70"))).toBe("a message of an unknown kind (105) came");
  });
});

describe("it holds no more than it may", () => {
  const many = inOrder(Array.from({ length: 100_000 }, (_, at) => listEntry(String(at).padStart(6, "0"))));
  /** A piece of 64 KiB, as one read gives, of whole requests. */
  const perPiece = 3000;

  test("of requests without end", () => {
    const { session } = start(many);
    const piece = frame(0, Buffer.concat(Array.from({ length: perPiece }, () => request(1))));
    let pieces = 0;
    while (!session.isFull && session.broken === null) {
      session.receive(piece);
      pieces++;
      expect(pieces * perPiece).toBeLessThanOrEqual(many.length);
    }
    expect(pieces * perPiece * 102).toBeLessThan(heldBytesMax + 2 * perPiece * 102);
  });

  test("of requests with long names", () => {
    const { session } = start(many);
    const name = Buffer.alloc(32_767, "x");
    const long = Buffer.concat([Buffer.from([0x01, 0x00, 0x10, 0xff, 0xff]), name]);
    let bytes = 0;
    while (!session.isFull) {
      session.receive(frame(0, long));
      bytes += long.length;
      expect(bytes).toBeLessThan(heldBytesMax + 100_000);
    }
  });

  test("and takes on again when they are answered", () => {
    const { session, serve } = start(many);
    const isFull = () => session.isFull;
    const piece = frame(0, Buffer.concat(Array.from({ length: perPiece }, () => request(1))));
    while (!isFull()) session.receive(piece);
    serve();
    expect(isFull()).toBe(false);
    expect(session.hasTurns).toBe(false);
  });

  test("of requests for the same file: it ends the session", () => {
    const again = [
      request(files[0]! + 1),
      ...Array.from({ length: 3 }, () => fromHex(`fe 00 00 00 80 ${"00 ".repeat(16)}`)),
    ];
    const { session, serve } = start();
    for (const one of again) session.receive(frame(0, one));
    expect(session.broken).toBe("it asks for the same file again and again");
    expect(serve()).toBe(0);
    // Even where nothing but attributes is said.
    const changed = start();
    for (let times = 0; times < 4; times++)
      changed.session.receive(data(times === 0 ? "01 08 20" : "fe 00 00 08 20"));
    expect(changed.session.broken).toBe("it asks for the same file again and again");
  });

  test("of complaints", () => {
    const { session } = start();
    for (let times = 0; times < 1000; times++) session.receive(frame(3, Buffer.alloc(1000, "x")));
    for (let times = 0; times < 10_000; times++) session.receive(frame(22, fromHex("01 00 00 00")));
    expect(session.complaints.length).toBeLessThanOrEqual(128 * 1024);
    expect(session.broken).toBeNull();
  });

  test("of what is only told, however much it is", () => {
    const { session, serve } = start();
    const held = () => {
      Bun.gc(true);
      return process.memoryUsage().external;
    };
    const before = held();
    const noise = Buffer.concat([
      ...[2, 33, 42, 101, 102].map((tag) => frame(tag, Buffer.alloc(13_000))),
      ...Array.from({ length: 100 }, () => frame(0, Buffer.alloc(0))),
    ]);
    for (let times = 0; times < 5000; times++) session.receive(noise);
    expect(serve()).toBe(0);
    expect({ bytes: session.bytes, complaints: session.complaints, broken: session.broken }).toEqual({
      bytes: 0,
      complaints: "",
      broken: null,
    });
    // 340 MB went by.
    expect(held() - before).toBeLessThan(10 * 1024 * 1024);
  });

  test("of what it sends, without being told: what was refused and answered waits to be taken", () => {
    const { session } = start();
    for (const [at, index] of files.entries()) {
      session.receive(frame(0, request(index - (files[at - 1] ?? -1))));
      const asked = session.next()!;
      if (at % 2 === 0) session.refuse(asked);
      else {
        const answer = session.answer(asked);
        answer.content(Buffer.alloc(100_000));
        answer.end();
      }
    }
    const waits = session.bytes;
    const taken = session.take().reduce((sum, piece) => sum + piece.length, 0);
    expect(waits).toBeGreaterThan(500_000);
    expect(taken - waits).toBeLessThan(100);
    expect(session.bytes).toBe(0);
  });
});
