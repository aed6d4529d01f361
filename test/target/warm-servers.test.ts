import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { Fault } from "../../src/core/fault.ts";
import { WarmServers } from "../../src/target/warm-servers.ts";

/** A server that is made by hand. */
class FakeServer {
  readonly closed: Promise<void>;
  readonly end: () => void;
  isDismissed = false;

  constructor(
    readonly command: string,
    readonly isSpare: boolean,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.end = resolve;
  }

  dismiss(): void {
    this.isDismissed = true;
    this.end();
  }
}

const noRoom = new Fault("connection", "there is no room", "", true);
let opened: FakeServer[];
/** What the next ones are, in place of a server. */
let answers: (Promise<FakeServer | Fault> | Fault)[];

function make(countMax = 2, idleMaxMs = 60_000): WarmServers<FakeServer> {
  const open = (command: string, isSpare: boolean) => {
    const answer = answers.shift();
    if (answer !== undefined) return Promise.resolve(answer);
    const server = new FakeServer(command, isSpare);
    opened.push(server);
    return Promise.resolve(server);
  };
  return new WarmServers(open, { countMax, idleMaxMs });
}

/** Lets what is resolved take its course. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

async function pass(ms: number): Promise<void> {
  await settle();
  jest.advanceTimersByTime(ms);
  await settle();
}

beforeEach(() => {
  jest.useFakeTimers();
  opened = [];
  answers = [];
});
afterEach(() => {
  jest.useRealTimers();
});

test("without preparation each is opened when it is taken", async () => {
  const servers = make();
  expect(await servers.take("a")).toBe(opened[0]!);
  expect(opened).toMatchObject([{ command: "a", isSpare: false }]);
});

test("those that wait are taken in the order of their start, and are started in advance", async () => {
  const servers = make();
  servers.prepare("a");
  expect(opened).toMatchObject([
    { command: "a", isSpare: true },
    { command: "a", isSpare: true },
  ]);
  const [first, second] = opened;
  expect(await servers.take("a")).toBe(first!);
  servers.prepare("a");
  expect(await servers.take("a")).toBe(second!);
  expect(opened).toHaveLength(3);
  expect(await servers.take("a")).toBe(opened[2]!);
  // None waits any more.
  expect(await servers.take("a")).toMatchObject({ isSpare: false });
});

test("one that is being started is waited for", async () => {
  const servers = make(1);
  const { promise, resolve } = Promise.withResolvers<FakeServer | Fault>();
  answers.push(promise);
  servers.prepare("a");
  const taken = servers.take("a");
  const server = new FakeServer("a", true);
  resolve(server);
  expect(await taken).toBe(server);
  expect(opened).toEqual([]);
});

test("one that could not be started is passed over, and tried again with the next preparation only", async () => {
  const servers = make();
  answers.push(noRoom, noRoom);
  servers.prepare("a");
  expect(await servers.take("a")).toMatchObject({ isSpare: false });
  await pass(1_000_000);
  expect(opened).toHaveLength(1);
  servers.prepare("a");
  expect(opened).toHaveLength(3);
  servers.close();
});

test("one that has ended while it waited is never handed out", async () => {
  const servers = make();
  servers.prepare("a");
  opened[0]!.end();
  await settle();
  expect(await servers.take("a")).toBe(opened[1]!);
});

test("those that end are replaced, later each time, until one is taken", async () => {
  const servers = make(1, 10_000_000);
  servers.prepare("a");
  for (const [death, atLeastMs] of [500, 1_000, 2_000].entries()) {
    opened[death]!.end();
    await pass(atLeastMs - 1);
    expect(opened).toHaveLength(death + 1);
    // (The wait is random: up to twice that.)
    await pass(atLeastMs + 1);
    expect(opened).toHaveLength(death + 2);
  }
  await servers.take("a");
  servers.prepare("a");
  opened.at(-1)!.end();
  const count = opened.length;
  await pass(1_001);
  expect(opened).toHaveLength(count + 1);
  // It is never given up.
  for (let death = 0; death < 20; death++) {
    opened.at(-1)!.end();
    await pass(300_001);
  }
  expect(opened).toHaveLength(count + 21);
  servers.close();
});

test("a preparation does not make the wait for a replacement shorter", async () => {
  const servers = make(1);
  servers.prepare("a");
  opened[0]!.end();
  await settle();
  servers.prepare("a");
  await pass(499);
  expect(opened).toHaveLength(1);
  servers.close();
});

test("they are let go when nothing was prepared for long, and start again then", async () => {
  const servers = make(2, 10_000);
  servers.prepare("a");
  await pass(9_000);
  servers.prepare("a");
  await pass(9_000);
  expect(opened.map(({ isDismissed }) => isDismissed)).toEqual([false, false]);
  await pass(1_001);
  expect(opened.map(({ isDismissed }) => isDismissed)).toEqual([true, true]);
  // They are not missed.
  await pass(1_000_000);
  expect(opened).toHaveLength(2);
  expect(await servers.take("a")).toMatchObject({ isSpare: false });
  servers.prepare("a");
  expect(opened).toHaveLength(5);
  servers.close();
});

test("one that is taken is not let go with the others", async () => {
  const servers = make(2, 10_000);
  servers.prepare("a");
  const taken = await servers.take("a");
  await pass(10_001);
  expect(taken).toMatchObject({ isDismissed: false });
  expect(opened[1]).toMatchObject({ isDismissed: true });
});

test("none are kept if they may not wait at all", async () => {
  const servers = make(2, 0);
  servers.prepare("a");
  await pass(1_000_000);
  expect(opened).toEqual([]);
});

test("another command has its own; those for the one before are let go", async () => {
  const servers = make();
  servers.prepare("a");
  // What is asked for once leaves them as they are.
  expect(await servers.take("b")).toMatchObject({ command: "b", isSpare: false });
  expect(opened.map(({ isDismissed }) => isDismissed)).toEqual([false, false, false]);
  servers.prepare("b");
  await settle();
  expect(opened.slice(0, 2).map(({ isDismissed }) => isDismissed)).toEqual([true, true]);
  expect(await servers.take("b")).toBe(opened[3]!);
  servers.close();
});

test("one that is still being started when all are let go is let go once it has", async () => {
  const servers = make(1);
  const { promise, resolve } = Promise.withResolvers<FakeServer | Fault>();
  answers.push(promise);
  servers.prepare("a");
  servers.close();
  const late = new FakeServer("a", true);
  resolve(late);
  await settle();
  expect(late.isDismissed).toBe(true);
  await pass(1_000_000);
  expect(opened).toEqual([]);
});

test("no replacement is started once all are let go", async () => {
  const servers = make(1);
  servers.prepare("a");
  opened[0]!.end();
  await settle();
  servers.close();
  await pass(1_000_000);
  expect(opened).toHaveLength(1);
});
