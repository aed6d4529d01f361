/** Runs the local rsync, over an open connection, to a daemon, or to a local directory. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { Fault, isFault } from "../core/fault.ts";
import { toText } from "../core/path.ts";
import type { RemoteCommand } from "./remote-command.ts";
import { rsyncArguments, rsyncEnvironment } from "./rsync-command.ts";
import type { RsyncResult } from "./rsync-output.ts";
import type { RsyncPlace, RunOutlook } from "./rsync-place.ts";
import { isProgressUnknown, ProgressReader, progressFlag, type Sent } from "./rsync-progress.ts";
import { defaultTransfer, type TransferOptions } from "./transfer-options.ts";

/** How much of each of rsync's outputs is kept, unless said otherwise. */
const outputMax = 16 * 1024 * 1024;

const unknownOutlook: RunOutlook = { again: false, isLarge: false };

/** One run of rsync. */
export interface RsyncRun {
  readonly flags: readonly string[];
  readonly place: RsyncPlace;
  /** Absolute path of the directory that the run starts from, as a byte string. */
  readonly base: string;
  readonly input: Buffer;
  /** What is copied, as arguments, if the flags do not say it. */
  readonly paths?: readonly string[] | null;
  /** Where to copy to from `place`, as text; without it, it is copied to there. */
  readonly pullTo?: string;
  readonly outlook?: RunOutlook;
  /** How much of its output is kept. */
  readonly outputMax?: number;
  /** Told now and then how far it is, if rsync can say it. */
  readonly onProgress?: (sent: Sent) => void;
}

/** Programs that cannot say how far they are, as it turned out. */
const withoutProgress = new Set<string>();

/** Runs rsync, and can end what is running. */
export class RsyncRunner {
  readonly #running = new Set<ChildProcess>();

  constructor(
    private readonly options: Pick<TransferOptions, "program" | "silenceMaxMs"> = defaultTransfer,
  ) {}

  /** Runs rsync to its end. A fault: it could not be started or connected. */
  async run({ onProgress, ...run }: RsyncRun): Promise<RsyncResult | Fault> {
    const { program } = this.options;
    if (onProgress === undefined || withoutProgress.has(program)) return await this.#start(run, null);
    const telling = { ...run, flags: [...run.flags, progressFlag] };
    const result = await this.#start(telling, new ProgressReader(onProgress));
    if (isFault(result) || !isProgressUnknown(result)) return result;
    withoutProgress.add(program);
    return await this.#start(run, null);
  }

  async #start(
    run: Omit<RsyncRun, "onProgress">,
    progress: ProgressReader | null,
  ): Promise<RsyncResult | Fault> {
    const { place, paths = null, pullTo } = run;
    const { program, silenceMaxMs } = this.options;
    const more = { paths, silenceMaxMs, ...(pullTo === undefined ? {} : { pullTo }) };
    const child = spawn(program, rsyncArguments(run.flags, place, more), {
      cwd: run.base === "" ? "/" : toText(run.base),
      env: rsyncEnvironment(process.env, place),
      stdio: ["pipe", "pipe", "pipe", ...("open" in place ? (["pipe"] as const) : [])],
    });
    this.#running.add(child);
    const connected =
      "open" in place
        ? connect(child, (command) => place.open(command, run.outlook ?? unknownOutlook), silenceMaxMs)
        : null;
    child.stdin!.on("error", () => {});
    child.stdin!.end(run.input);
    const result = await collect(child, program, { outputMax: run.outputMax ?? outputMax, progress });
    this.#running.delete(child);
    const remote = await connected;
    // A connection that could not be opened is the better explanation for rsync's end.
    if (isFault(remote)) return remote;
    if (isFault(result) || remote === null) return result;
    return { ...result, stderr: result.stderr + remote.stderr };
  }

  /** Ends what is running. */
  stop(): void {
    for (const child of this.#running) child.kill("SIGKILL");
  }
}

/** Joins rsync's pass-through on descriptor 3 with the remote command that it names. */
async function connect(
  child: ChildProcess,
  open: (command: string) => Promise<RemoteCommand | Fault>,
  silenceMaxMs: number,
): Promise<{ stderr: string } | Fault | null> {
  const wire = child.stdio[3] as Duplex | null;
  // rsync could not be started.
  if (wire === null) return null;
  wire.on("error", () => {});
  // It may be over before the remote command has begun.
  const ended = new Promise((resolve) => child.once("close", resolve));
  const command = await readCommand(wire);
  if (command === null) return null;
  const server = await open(command.text);
  if (isFault(server)) {
    child.kill("SIGKILL");
    wire.destroy();
    return server;
  }
  const { channel, output, errors } = server;
  const remote = { stderr: "" };
  errors.on("data", (data: Buffer) => {
    if (remote.stderr.length < outputMax) remote.stderr += data.toString("latin1");
  });
  // (rsync's own --timeout would end a server that was started in advance.)
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const silence = setTimeout(() => {
    remote.stderr += `rsync: nothing travelled for ${silenceMaxMs / 1000} s\n`;
    child.kill("SIGKILL");
    // On a line that is dead no answer to a farewell can be waited for; the pass-through ends with its wire.
    channel.close();
    wire.destroy();
    close();
  }, silenceMaxMs);
  wire.on("data", () => silence.refresh());
  output.on("data", () => silence.refresh());
  channel.write(command.rest);
  wire.pipe(channel);
  output.pipe(wire);
  // What the other side said is complete only when this stream has ended, too.
  channel.on("close", () => (errors.readableEnded ? close() : errors.once("end", close)));
  // What the remote side says about failed files comes with its end at the latest.
  void ended.then(() => {
    channel.close();
    // It ends when all is read, and nobody else reads any more.
    output.resume();
  });
  await closed;
  clearTimeout(silence);
  if (server.said !== "") remote.stderr += `tsync: not run: ${server.said}\n`;
  return remote;
}

/** Reads the remote command, which ends with a NUL; null if rsync ended before it came to that. */
function readCommand(wire: Duplex): Promise<{ text: string; rest: Buffer } | null> {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    const onData = (data: Buffer) => {
      got = Buffer.concat([got, data]);
      const end = got.indexOf(0);
      if (end < 0) return;
      wire.off("data", onData);
      wire.pause();
      resolve({ text: got.toString("latin1", 0, end), rest: got.subarray(end + 1) });
    };
    wire.on("data", onData);
    wire.on("close", () => resolve(null));
  });
}

function collect(
  child: ChildProcess,
  program: string,
  { outputMax, progress }: { readonly outputMax: number; readonly progress: ProgressReader | null },
): Promise<RsyncResult | Fault> {
  return new Promise((resolve) => {
    let stdout = "";
    let stderr = "";
    child.stdout!.on("data", (data: Buffer) => {
      const text = data.toString("latin1");
      const said = progress === null ? text : progress.take(text);
      if (stdout.length < outputMax) stdout += said;
    });
    child.stderr!.on("data", (data: Buffer) => {
      if (stderr.length < outputMax) stderr += data.toString("latin1");
    });
    child.on("error", (error: Error & { code?: string }) => {
      const missing = error.code === "ENOENT";
      resolve(
        missing
          ? new Fault(
              "missing-program",
              `${program} is not installed here`,
              "install it, for example with: apt-get install rsync",
            )
          : new Fault("missing-program", `cannot start ${program}: ${error.message}`),
      );
    });
    child.on("close", (code, signal) => {
      stdout += progress?.end() ?? "";
      resolve({ code, signal, stdout, stderr });
    });
  });
}
