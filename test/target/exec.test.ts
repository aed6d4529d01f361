/** Targets that a command keeps: what it is told, how its answers are understood, and how a call may end. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { anyMode } from "../../src/core/as-mirrored.ts";
import type { Entry } from "../../src/core/entry.ts";
import { type Fault, isFault } from "../../src/core/fault.ts";
import type { Outcome, Send, Step } from "../../src/core/operation.ts";
import { fromText } from "../../src/core/path.ts";
import { NoAnswer, readAnswer } from "../../src/target/exec/answer.ts";
import { type Batch, encodeBatch } from "../../src/target/exec/batch.ts";
import { type ExecOptions, ExecTarget, operationsMax } from "../../src/target/exec/exec.ts";
import { Source } from "../../src/watch/source.ts";
import { applierOf } from "../helpers/apply-batch.ts";
import { exercise } from "../helpers/exercise.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";
import { bytesOf } from "../helpers/trees.ts";

const entry: Entry = {
  kind: "file",
  mode: 0o644,
  size: 12,
  mtimeMs: 1_700_000_000_123.5,
  uid: 1000,
  gid: 100,
  dev: 0,
  ino: 1,
  birthMs: 1,
  link: "",
};
const directoryEntry: Entry = { ...entry, kind: "directory", size: 0, mode: 0o500 };
const batchOf = (...operations: Batch["operations"]): Batch => ({
  mirror: "www",
  target: "bucket",
  source: "/var/www",
  again: false,
  operations,
});
const sendOf = (path: string, more: Partial<Entry> = {}): Batch["operations"][number] => ({
  do: "send",
  path,
  entry: { ...entry, ...more },
  compare: "changed",
});

describe("what a command is told", () => {
  const operations: Batch["operations"] = [
    { do: "move", from: "a", to: "b/a" },
    { do: "remove", path: "x" },
    { do: "remove-directory", path: "d" },
    { do: "make-directory", path: "new", entry: directoryEntry },
    { do: "set-mode", path: "new", mode: 0o2755 },
    sendOf("file"),
    { ...sendOf("link", { kind: "symlink", link: "to" }), compare: "unless-equal" } as Send & { do: "send" },
  ];

  test("as JSON", () => {
    const text = encodeBatch(batchOf(...operations), "json").toString();
    expect(text.endsWith("}\n")).toBe(true);
    expect(text.trimEnd()).not.toContain("\n");
    expect(JSON.parse(text)).toEqual({
      version: 1,
      mirror: "www",
      target: "bucket",
      source: "/var/www",
      again: false,
      operations: [
        { do: "move", from: "a", to: "b/a" },
        { do: "remove", path: "x" },
        { do: "remove-directory", path: "d" },
        { do: "make-directory", path: "new", mode: "0700", uid: 1000, gid: 100 },
        { do: "set-mode", path: "new", mode: "2755" },
        {
          do: "send",
          path: "file",
          kind: "file",
          content: "changed",
          size: 12,
          mode: "0644",
          mtimeMs: 1_700_000_000_123.5,
          uid: 1000,
          gid: 100,
        },
        {
          do: "send",
          path: "link",
          kind: "symlink",
          content: "unknown",
          link: "to",
          mtimeMs: 1_700_000_000_123.5,
          uid: 1000,
          gid: 100,
        },
      ],
    });
  });

  test("as fields", () => {
    expect(encodeBatch(batchOf(...operations), "nul").toString()).toBe(
      "move\0a\0b/a\0remove\0x\0remove-directory\0d\0make-directory\0new\x000700\0" +
        "set-mode\0new\x002755\0send\0file\0file\0send\0symlink\0link\0",
    );
  });

  test("names that are no text are bytes, and never another name", () => {
    const [odd, good] = ["caf\xe9", fromText("café\u{1f600}")];
    const [move, send] = JSON.parse(
      encodeBatch(batchOf({ do: "move", from: odd, to: good }, sendOf(odd)), "json").toString(),
    ).operations;
    expect(move).toEqual({ do: "move", fromBytes: "Y2Fm6Q==", to: "café\u{1f600}" });
    expect("path" in send).toBe(false);
    expect(Buffer.from(send.pathBytes, "base64").toString("latin1")).toBe(odd);
    expect(encodeBatch(batchOf({ do: "remove", path: odd }), "nul").toString("latin1")).toBe(
      `remove\0${odd}\0`,
    );
  });

  test("what is not mirrored is not there", () => {
    const told = (one: Batch["operations"][number]) =>
      JSON.parse(encodeBatch(batchOf(one), "json").toString()).operations[0];
    expect(
      told({ do: "make-directory", path: "d", entry: { ...directoryEntry, mode: anyMode, uid: -2 } }),
    ).toEqual({
      do: "make-directory",
      path: "d",
      gid: 100,
    });
    expect("mode" in told(sendOf("f", { mode: anyMode }))).toBe(false);
  });
});

describe("what a command answers", () => {
  test("as JSON lines", () => {
    const text = '{"failed":"é","reason":"full"}\n\n{"failedBytes":"6Q=="}\n{"missing":"b"}';
    expect(readAnswer(fromText(text), "json")).toEqual({
      failed: new Map([
        ["\xc3\xa9", "full"],
        ["\xe9", "the command gave no reason"],
      ]),
      missing: new Set(["b"]),
    });
  });

  test("as fields", () => {
    expect(readAnswer("failed\0a\nb\0full\0missing\0\xff\0failed\0c\0\0", "nul")).toEqual({
      failed: new Map([
        ["a\nb", "full"],
        ["c", "the command gave no reason"],
      ]),
      missing: new Set(["\xff"]),
    });
  });

  test.each(["uploading a", "{}", "null", "[]", '{"failed":1}', '{"failed":"a"', '{"path":"a"}'])(
    "%s is no answer",
    (line) => {
      expect(readAnswer(`{"failed":"x"}\n${line}\n`, "json")).toEqual(new NoAnswer(line));
    },
  );

  test.each(["failed\0a\0", "failed\0", "missing\0", "done\0a\0", "failed\0a\0why", "uploading\n"])(
    "%j is no answer",
    (output) => {
      expect(readAnswer(output, "nul")).toBeInstanceOf(NoAnswer);
    },
  );

  test("whatever it prints, it is read to an end", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom("json" as const, "nul" as const), (bytes, format) => {
        readAnswer(Buffer.from(bytes).toString("latin1"), format);
      }),
    );
  });
});

describe("a call", () => {
  let folder: string;
  let source: string;
  let said: string[];
  const opened: ExecTarget[] = [];
  beforeEach(() => {
    folder = tempDir("tsync-exec-");
    source = `${folder}/source`;
    said = [];
    mkdirSync(source);
    mkdirSync(`${folder}/target`);
  });
  afterEach(async () => {
    for (const target of opened.splice(0)) await target.close();
  });

  function open(argv: readonly string[], more: Partial<ExecOptions> = {}): ExecTarget {
    const base = {
      name: "bucket",
      format: "json",
      moves: true,
      mirror: "www",
      silenceMaxMs: 30_000,
    } as const;
    const target = new ExecTarget({ ...base, argv, base: source, say: (line) => said.push(line), ...more });
    opened.push(target);
    return target;
  }

  /** A connected target whose command is a script of sh. */
  async function script(text: string, more: Partial<ExecOptions> = {}): Promise<ExecTarget> {
    const file = join(folder, "command");
    writeFileSync(file, `#!/bin/sh\n${text}`, { mode: 0o755 });
    const target = open([file, "first", "$second"], more);
    expect(await target.connect()).toBeNull();
    return target;
  }

  const steps: readonly Step[] = [
    { do: "move", from: "a", to: "b" },
    { do: "remove", path: "c" },
  ];
  async function run(target: ExecTarget, list = steps, replay = false) {
    const outcomes: Outcome[] = [];
    const fault = await target.run(list, (at, outcome) => (outcomes[at] = outcome), replay);
    return { outcomes, fault };
  }
  const expectFault = (fault: Fault | null, message: RegExp, retry: boolean) => {
    expect(fault?.message).toMatch(message);
    expect(fault?.retry).toBe(retry);
  };

  test.each(["json", "nul"] as const)(
    "does all of it in order, with names of all bytes: %s",
    async (format) => {
      const target = open(applierOf(format, `${folder}/target`), { format });
      await exercise(target, source, `${folder}/target`, oddNames);
    },
  );

  test("is started in the source, with its facts in the environment, and gets its arguments as they are", async () => {
    const facts = `"$PWD" "$TSYNC_MIRROR" "$TSYNC_TARGET" "$TSYNC_SOURCE" "$TSYNC_AGAIN" "$1" "$2"`;
    const target = await script(`printf '%s\\n' ${facts} >&2; cat >"../told"`);
    expect(await run(target)).toEqual({ outcomes: [{ is: "done" }, { is: "done" }], fault: null });
    // (An empty line is left out.)
    expect(said).toEqual([source, "www", "bucket", source, "first", "$second"]);
    expect(JSON.parse(readFileSync(join(folder, "told"), "utf8"))).toMatchObject({ again: false });
    await run(target, steps, true);
    expect(said).toContain("1");
    expect(JSON.parse(readFileSync(join(folder, "told"), "utf8"))).toMatchObject({ again: true });
  });

  test("exit code 0 means done, but for what is named", async () => {
    const target = await script(`echo '{"failed":"c","reason":"no right"}'; echo '{"missing":"a"}'`);
    expect(await run(target)).toEqual({
      outcomes: [{ is: "missing" }, { is: "failed", reason: "no right" }],
      fault: null,
    });
  });

  test("another exit code means that all failed, with the reasons that are known", async () => {
    const target = await script(`echo '{"failed":"c","reason":"no right"}'; echo 'out of luck' >&2; exit 3`);
    expect(await run(target)).toEqual({
      outcomes: [
        { is: "failed", reason: "command ended with exit code 3: out of luck" },
        { is: "failed", reason: "no right" },
      ],
      fault: null,
    });
    writeFileSync(join(source, "file"), "");
    const sends: Send[] = [{ path: "file", entry: new Source(source).look("file")!, compare: "changed" }];
    const report = await target.send(sends);
    if (isFault(report)) throw new Error(`${report}`);
    expect([...report.failed.keys()]).toEqual(["file"]);
  });

  test("75, a signal and silence mean later: nothing is known", async () => {
    const later = await run(await script("echo 'try at noon' >&2; exit 75"));
    expect(later.outcomes).toEqual([]);
    expectFault(later.fault, /^command asks to be called again later \(exit code 75\): try at noon$/, true);
    const killed = await run(await script("kill -9 $$"));
    expect(killed.outcomes).toEqual([]);
    expectFault(killed.fault, /was ended by SIGKILL/, true);
    // What it started goes with it, and is made to if need be.
    const silent = await script(`trap '' TERM; sleep 1000 & echo $! >../pid; wait; wait; sleep 1000`, {
      silenceMaxMs: 1_000,
    });
    const { outcomes, fault } = await run(silent);
    expect(outcomes).toEqual([]);
    expectFault(fault, /printed nothing for 1 s, and was ended/, true);
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    await waitUntil(() => !isAlive(pid), 5_000);
  });

  test("lives as long as it says something", async () => {
    const target = await script("for i in 1 2 3 4 5 6; do echo $i >&2; sleep 0.4; done", {
      silenceMaxMs: 1_500,
    });
    expect((await run(target)).fault).toBeNull();
    expect(said).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  test("may leave its input unread, print much, and leave something running", async () => {
    const many = Array.from(
      { length: operationsMax },
      (_, at): Step => ({ do: "remove", path: "x".repeat(200) + at }),
    );
    expect((await run(await script("exit 0"), many)).fault).toBeNull();
    expect((await run(await script("yes | head -c 3000000 >&2"))).fault).toBeNull();
    expect(said.length).toBe(101);
    expect(said.at(-1)).toMatch(/^\(\d+ more lines\)$/);
    expectFault((await run(await script("yes | head -c 20000000"))).fault, /printed too much/, false);
    const startMs = performance.now();
    expect((await run(await script("sleep 30 & echo $! >../pid"))).fault).toBeNull();
    expect(performance.now() - startMs).toBeLessThan(10_000);
    process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGKILL");
  });

  test("what is no answer, or one about something else, is told", async () => {
    expectFault(
      (await run(await script("echo uploading"))).fault,
      /printed "uploading" on its standard output/,
      false,
    );
    const stranger = await run(await script(`echo '{"failed":"other","reason":"x"}'`));
    expectFault(stranger.fault, /printed that other failed, which was not in the batch/, false);
    expectFault(
      (await run(await script(`echo '{"missing":"b"}'`))).fault,
      /that b is missing, which was not to be moved/,
      false,
    );
  });

  test("a long list goes out in several calls, and what came before a failure is done", async () => {
    const target = await script("echo >>../calls; [ $(wc -l <../calls) -lt 3 ] || exit 75");
    const many = Array.from(
      { length: 2.5 * operationsMax },
      (_, at): Step => ({ do: "remove", path: `${at}` }),
    );
    const { outcomes, fault } = await run(target, many);
    expect(outcomes.length).toBe(2 * operationsMax);
    expect(fault?.retry).toBe(true);
  });

  test("directories alone need no call", async () => {
    mkdirSync(join(source, "d"));
    const target = await script("touch ../called");
    const report = await target.send([
      { path: "d", entry: new Source(source).look("d")!, compare: "unless-equal" },
    ]);
    expect(report).toMatchObject({ failed: new Map(), contentBytes: 0 });
    expect(existsSync(join(folder, "called"))).toBe(false);
  });

  test("a command that is not there, or cannot be run, is told before anything is tried", async () => {
    writeFileSync(join(folder, "plain"), "", { mode: 0o644 });
    symlinkSync("nowhere", join(folder, "dangling"));
    for (const program of ["missing", "plain", "dangling", "."].map((name) => join(folder, name)))
      expect(await open([program]).connect()).toMatchObject({ code: "missing-program" });
    expect(await open(["tsync-no-such-program"]).connect()).toMatchObject({ code: "missing-program" });
    expect(await open(["true"]).connect()).toBeNull();
    const file = join(folder, "command");
    writeFileSync(file, "#!/no/such/interpreter\n", { mode: 0o755 });
    const target = open([file]);
    expect(await target.connect()).toBeNull();
    expectFault((await run(target)).fault, /cannot start command/, false);
    chmodSync(file, 0o644);
    expectFault((await run(target)).fault, /cannot start command/, false);
  });

  test("closing ends what is running", async () => {
    const target = await script("echo $$ >../pid; sleep 1000");
    const running = run(target);
    await waitUntil(() => existsSync(join(folder, "pid")), 5_000);
    await target.close();
    expect((await running).fault?.retry).toBe(true);
  });

  test("nothing can be learnt of what it holds", async () => {
    const target = await script("exit 0");
    expect(target.isOpaque).toBe(true);
    expect(await target.list()).toEqual([]);
    expect(isFault(await target.compare())).toBe(true);
    expect(isFault(await target.inspect())).toBe(true);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that has ended and whom nobody has asked for its end.
    return !/^State:\sZ/m.test(readFileSync(bytesOf(`/proc/${pid}/status`), "utf8"));
  } catch {
    return false;
  }
}
