/** Whole sessions with a model of the receiver. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeList, inOrder, type ListEntry } from "../../../src/target/wire/file-list.ts";
import { type Request, SendSession } from "../../../src/target/wire/session.ts";
import { Random } from "../../helpers/trees.ts";
import { lists } from "./random-list.ts";
import { type Fate, ReceiverModel } from "./receiver-model.ts";
import { listEntry } from "./support.ts";

const list = { owner: true, group: true, names: null };

interface Play {
  readonly entries: readonly ListEntry[];
  readonly seed: number;
  /** Files go out before they are asked for, but some. */
  readonly ahead: boolean;
  readonly fates: readonly Fate[];
  /** Of what is asked for, this part is refused, and this one fails at first. */
  readonly refuses: number;
  readonly fails: number;
}

interface Played {
  readonly session: SendSession;
  readonly model: ReceiverModel;
  readonly ordered: readonly ListEntry[];
  readonly arrived: ReadonlySet<number>;
}

/** Plays a session to its end, the two sides in any order and bytes in any pieces. */
function play({ entries, seed, ahead, fates, refuses, fails }: Play): Played {
  const random = new Random(seed);
  const ordered = inOrder(entries);
  const contents = ordered.map(({ size }) => random.bytes(size));
  const arrived = new Set<number>();
  const session: SendSession = new SendSession({
    ...list,
    greeting: { seed: 5 },
    entries: ordered,
    onArrived: (index) => {
      expect(model.acknowledged.has(index)).toBe(true);
      expect(arrived.has(index)).toBe(false);
      arrived.add(index);
    },
  });
  const model = new ReceiverModel({
    entries: ordered,
    listBytes: encodeList(ordered, list),
    fates: ordered.map((_, at) => fates[at % fates.length]!),
    extras: ordered.map(() => extrasOf(random)),
    sums: ordered.map(() => sumsOf(random)),
    openMax: random.pick([1, 3, 50]),
    contentOf: (index) => contents[index]!,
  });
  const hasDirectories = ordered.some(({ kind }) => kind === "directory");
  let settledWith: number | null = null;
  let [up, down] = [Buffer.alloc(0), Buffer.alloc(0)];
  const failed = new Set<number>();

  const answer = (request: Request) => {
    if (random.chance(refuses)) {
      session.refuse(request);
      return;
    }
    const answering = session.answer(request);
    const content = contents[request.index]!;
    for (let at = 0; at < content.length; ) {
      const piece = content.subarray(at, at + 1 + random.int(1000));
      answering.content(piece);
      at += piece.length;
    }
    if (!failed.has(request.index) && random.chance(fails)) answering.fail();
    else answering.end();
    failed.add(request.index);
  };
  const steps = [
    () => {
      const piece = up.subarray(0, 1 + random.int(500));
      up = up.subarray(piece.length);
      model.push(piece);
    },
    () => {
      const piece = down.subarray(0, random.pick([1, 7, 1000]));
      down = down.subarray(piece.length);
      session.receive(piece);
    },
    () => {
      const request = session.next();
      if (request !== null) answer(request);
    },
  ];
  const look = () => {
    up = Buffer.concat([up, ...session.take()]);
    down = Buffer.concat([down, model.take()]);
    // What has become of a directory is known only at the end.
    if (hasDirectories && session.isSettled) expect(session.isOver).toBe(true);
    // Once it is settled, nothing more is to arrive.
    if (settledWith !== null) expect(session.missing.size).toBe(settledWith);
    else if (session.isSettled) settledWith = session.missing.size;
  };
  const files = ahead ? [...ordered.entries()].filter(([, { kind }]) => kind === "file") : [];
  for (const [index] of files) {
    if (random.chance(0.1)) continue;
    session.sendAhead(index, contents[index]!);
    for (let more = random.int(4); more > 0; more--) {
      random.pick(steps.slice(0, 2))();
      look();
    }
  }
  session.begin();
  look();
  while (up.length > 0 || down.length > 0 || session.hasTurns) {
    random.pick(steps)();
    look();
  }
  return { session, model, ordered, arrived };
}

/** What comes with a request: that it is a transfer, and perhaps what basis it has, and under which name. */
function extrasOf(random: Random): Buffer {
  const name = random.bytes(random.pick([1, 100, 200]));
  const vstring = Buffer.concat([Buffer.from(name.length > 127 ? [0x80, name.length] : [name.length]), name]);
  return random.pick([
    Buffer.from([0x00, 0xa0]),
    Buffer.from([0x0d, 0x80]),
    Buffer.from([0x00, 0x88, 0x80]),
    Buffer.concat([Buffer.from([0x00, 0x98, 0x81]), vstring]),
  ]);
}

/** Sums that are of nothing here, so that content goes as it is. */
function sumsOf(random: Random): { head: Buffer; blocks: Buffer } {
  const count = random.pick([0, 0, 1, 3]);
  const head = Buffer.alloc(16);
  if (count === 0) return { head, blocks: Buffer.alloc(0) };
  head.writeInt32LE(count, 0);
  head.writeInt32LE(700, 4);
  head.writeInt32LE(16, 8);
  head.writeInt32LE(random.pick([0, 1, 699]), 12);
  return { head, blocks: random.bytes(count * 20) };
}

const plays = fc.record({
  entries: lists,
  seed: fc.integer(),
  ahead: fc.boolean(),
  fates: fc.array(fc.constantFrom<Fate>("fine", "fine", "fine", "repeated", "lost", "there"), {
    minLength: 1,
    maxLength: 10,
  }),
  refuses: fc.constantFrom(0, 0, 0.3),
  fails: fc.constantFrom(0, 0, 0.3),
});

describe("a session", () => {
  test("comes to its end, and what is in place is what was acknowledged", () => {
    fc.assert(
      fc.property(plays, (given) => {
        const { session, model, ordered, arrived } = play(given);
        expect(session.broken).toBeNull();
        expect({ ours: session.isOver, theirs: model.isOver }).toEqual({ ours: true, theirs: true });
        expect(session.isSettled).toBe(true);
        expect([...arrived].sort()).toEqual([...model.acknowledged].sort());
        const acknowledgeable = [...ordered.keys()].filter((index) =>
          ["file", "symlink"].includes(ordered[index]!.kind),
        );
        expect([...session.missing].sort()).toEqual(
          acknowledgeable.filter((index) => !model.acknowledged.has(index)).sort(),
        );
        expect(session.complaints).toBe("");
      }),
      { numRuns: 500 },
    );
  });

  test("in which nothing fails has all in place", () => {
    fc.assert(
      fc.property(plays, (given) => {
        const fates: Fate[] = ["fine", "repeated"];
        const { session, ordered } = play({ ...given, fates, refuses: 0, fails: 0 });
        expect(session.missing.size).toBe(0);
        const sizes = ordered.reduce((sum, { size }) => sum + size, 0);
        expect(session.literalBytes).toBeGreaterThanOrEqual(sizes);
      }),
      { numRuns: 200 },
    );
  });

  test("of what goes ahead sends nothing twice", () => {
    const entries = Array.from({ length: 40 }, (_, at) => listEntry(`${at}`, { size: 100 }));
    for (let seed = 0; seed < 50; seed++) {
      const { session } = play({ entries, seed, ahead: true, fates: ["fine"], refuses: 0, fails: 0 });
      expect(session.literalBytes).toBe(4000);
    }
  });

  test("in which a file cannot be read to its end sends it again", () => {
    const entries = Array.from({ length: 5 }, (_, at) => listEntry(`${at}`, { size: 100 }));
    const { session } = play({ entries, seed: 1, ahead: false, fates: ["fine"], refuses: 0, fails: 1 });
    expect(session.literalBytes).toBe(1000);
    expect(session.missing.size).toBe(0);
  });

  const started = (given: readonly ListEntry[]) => {
    const session = new SendSession({ ...list, greeting: { seed: 5 }, entries: given, onArrived: () => {} });
    session.take();
    return session;
  };

  test("ends its first phase at once if nothing will be asked for", () => {
    const [one, other] = [listEntry("a"), listEntry("b")];
    const bytesAfter = (given: ListEntry[], ahead: number[]) => {
      const session = started(given);
      for (const index of ahead) session.sendAhead(index, Buffer.alloc(0));
      session.take();
      session.begin();
      return Buffer.concat(session.take()).toString("hex");
    };
    expect(bytesAfter([one, other], [0, 1])).toBe("0100000700");
    expect(bytesAfter([one, other], [1])).toBe("");
    expect(bytesAfter([one, listEntry("link", { kind: "symlink", link: "a" })], [0])).toBe("");
    expect(bytesAfter([one, listEntry("made", { kind: "directory" })], [0])).toBe("");
    expect(bytesAfter(inOrder([listEntry("d/a")]), [1])).toBe("0100000700");
  });

  test("waits with the next file until one is answered", () => {
    const session = started([listEntry("a"), listEntry("b")]);
    session.begin();
    // Two requests, in one frame.
    const request = `010080${"00".repeat(16)}`;
    session.receive(Buffer.from(`26000007${request}${request}`, "hex"));
    const asked = session.next()!;
    expect(asked.index).toBe(0);
    expect(session.next()).toBeNull();
    const answer = session.answer(asked);
    expect(session.next()).toBeNull();
    answer.end();
    const second = session.next()!;
    expect(second.index).toBe(1);
    session.refuse(second);
    expect(session.next()).toBeNull();
    expect(session.hasTurns).toBe(false);
  });

  test("answers nothing before all is sent that goes ahead", () => {
    const session = started([listEntry("a"), listEntry("b")]);
    session.receive(Buffer.from(`13000007010080${"00".repeat(16)}`, "hex"));
    expect(session.next()).toBeNull();
    session.begin();
    expect(session.next()?.index).toBe(0);
  });
});
