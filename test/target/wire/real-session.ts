/** Sends to a real `rsync --server` of this machine over pipes, by a session of the sender alone. */
import type { Path } from "../../../src/core/path.ts";
import { receiverCommand } from "../../../src/target/rsync-command.ts";
import { defaultTransfer, type TransferOptions } from "../../../src/target/transfer-options.ts";
import { ByteReader } from "../../../src/target/wire/byte-reader.ts";
import type { ListEntry, ListOptions } from "../../../src/target/wire/file-list.ts";
import { greet, readGreeting } from "../../../src/target/wire/greeting.ts";
import { SendSession } from "../../../src/target/wire/session.ts";
import { killAtExit } from "../../helpers/janitor.ts";

export interface RealSession {
  /** Absolute. */
  readonly directory: string;
  /** As from `inOrder`. */
  readonly entries: readonly ListEntry[];
  /** Null: it cannot be read. */
  readonly contentOf: (path: Path) => Buffer | null;
  /** The first time, this fails in the middle: it is sent with a wrong sum. */
  readonly fails?: (path: Path) => boolean;
  /** All files go out before they are asked for; the directories that they are in are there. */
  readonly ahead: boolean;
  readonly list: ListOptions;
  readonly transfer?: Partial<TransferOptions>;
  /** What comes of the server is passed on in pieces of so many bytes; as it comes if this is not given. */
  readonly pieceBytes?: number;
}

export interface RealEnd {
  readonly arrived: ReadonlySet<Path>;
  readonly broken: string | null;
  readonly isOver: boolean;
  readonly complaints: string;
  readonly literalBytes: number;
  readonly code: number;
  readonly stderr: string;
}

/** Runs one session to the end of the server. */
export async function sendForReal(options: RealSession): Promise<RealEnd> {
  const { directory, entries, contentOf, fails, ahead, list } = options;
  const failed = new Set<Path>();
  const transfer = { ...defaultTransfer, owner: list.owner, group: list.group, ...options.transfer };
  const server = Bun.spawn(["sh", "-c", `exec ${receiverCommand(true, directory, true, transfer)}`], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  const forget = killAtExit(server.pid);
  const stderr = new Response(server.stderr).text();
  const greeting = new ByteReader(readGreeting());
  let session: SendSession | null = null;
  let wake = () => {};
  let hasEnded = false;
  const take = (data: Buffer) => {
    if (session !== null) session.receive(data);
    else greeting.push(data);
    wake();
  };
  const reading = (async () => {
    for await (const chunk of server.stdout) {
      const data = Buffer.from(chunk);
      const step = options.pieceBytes ?? data.length;
      for (let at = 0; at < data.length; at += step) take(data.subarray(at, at + step));
    }
    hasEnded = true;
    wake();
  })();
  const until = async (isSo: () => boolean) => {
    while (!isSo() && !hasEnded) await new Promise<void>((resolve) => (wake = resolve));
  };
  const send = async (pieces: readonly Buffer[]) => {
    for (const piece of pieces) server.stdin.write(piece);
    await server.stdin.flush();
  };

  await send([greet()]);
  await until(() => greeting.result !== undefined);
  if (greeting.result === undefined) throw new Error(`no greeting: ${await stderr}`);
  const arrived = new Set<Path>();
  const started = new SendSession({
    ...list,
    greeting: greeting.result,
    entries,
    onArrived: (index) => arrived.add(entries[index]!.path),
  });
  session = started;
  for (const [index, { path, kind }] of ahead ? entries.entries() : []) {
    const content = kind === "file" ? contentOf(path) : null;
    if (content === null) continue;
    started.sendAhead(index, content);
    if (started.bytes > 64 * 1024) await send(started.take());
  }
  started.begin();
  for (;;) {
    for (let asked = started.next(); asked !== null; asked = started.next()) {
      const { path } = entries[asked.index]!;
      const content = contentOf(path);
      if (content === null) started.refuse(asked);
      else {
        const answer = started.answer(asked);
        answer.content(content);
        if (fails?.(path) && !failed.has(path)) answer.fail();
        else answer.end();
        failed.add(path);
      }
    }
    await send(started.take());
    if (started.isOver || started.broken !== null || hasEnded) break;
    await until(() => started.hasTurns || started.isOver || started.broken !== null);
  }
  await server.stdin.end();
  await reading;
  const code = await server.exited;
  forget();
  return {
    arrived,
    broken: started.broken,
    isOver: started.isOver,
    complaints: started.complaints,
    literalBytes: started.literalBytes,
    code,
    stderr: await stderr,
  };
}
