/** Runs the local rsync, over an open connection or to a local directory. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import type { ClientChannel } from "ssh2";
import { Fault, isFault } from "../core/fault.ts";
import type { Send } from "../core/operation.ts";
import { type Path, toText } from "../core/path.ts";
import {
  fileList,
  pathArguments,
  type RsyncRun,
  rsyncArguments,
  rsyncEnvironment,
} from "./rsync-arguments.ts";
import {
  isDoubtful,
  isSourceRace,
  lastMessage,
  literalBytes,
  pathsEqual,
  type RsyncResult,
  reasonFor,
  rsyncFault,
} from "./rsync-output.ts";
import type { SendReport } from "./target.ts";
import { defaultTransfer, type TransferOptions } from "./transfer-options.ts";

/** How much of each of rsync's outputs is kept. */
const outputMax = 16 * 1024 * 1024;

/** Where rsync sends to: a local directory, or what `open` connects to the remote command it asks for. */
export type RsyncDestination = { readonly directory: string } | { readonly open: OpenCommand };

/** Starts the remote side of a transfer that compares files as said. */
type OpenCommand = (command: string, compare: Send["compare"]) => Promise<ClientChannel | Fault>;

/** Sends content from one source tree to one target. */
export class Rsync {
  readonly #running = new Set<ChildProcess>();

  constructor(
    /** Absolute path of the source's root, as a byte string. */
    private readonly base: string,
    private readonly destination: RsyncDestination,
    private readonly transfer: TransferOptions = defaultTransfer,
  ) {}

  /** Sends each of `sends`; see `Target.send`. */
  async send(sends: readonly Send[], share = 1): Promise<SendReport | Fault> {
    const failed = new Map<Path, string>();
    const missed = new Set<Path>();
    let contentBytes = 0;
    for (const { group, ...how } of this.#groups(sends)) {
      const result = await this.#run(group, { ...how, share });
      if (isFault(result)) return result;
      const fault = rsyncFault(result);
      if (fault !== null) return fault;
      contentBytes += literalBytes(result.stdout);
      if (!isDoubtful(result)) continue;
      const wrong = await this.#findFailed(group, result.stderr);
      if (isFault(wrong)) return wrong;
      for (const [path, reason] of wrong) {
        if (isSourceRace(reason)) missed.add(path);
        else failed.set(path, reason);
      }
    }
    return { failed, missed, contentBytes };
  }

  /** Ends what is running. */
  stop(): void {
    for (const child of this.#running) child.kill("SIGKILL");
  }

  /** What goes into one run of rsync each. */
  #groups(sends: readonly Send[]): { group: Send[]; compare: Send["compare"]; grown: boolean }[] {
    const grows = (send: Send) => this.transfer.append !== "no" && send.grown === true;
    return [
      { compare: "changed" as const, grown: true },
      { compare: "changed" as const, grown: false },
      { compare: "unless-equal" as const, grown: false },
    ]
      .map((how) => ({
        ...how,
        group: sends.filter((send) => send.compare === how.compare && grows(send) === how.grown),
      }))
      .filter(({ group }) => group.length > 0);
  }

  /** After a run that did not end clean: what another look does not find equal, to the nanosecond. */
  async #findFailed(sends: readonly Send[], stderr: string): Promise<Map<Path, string> | Fault> {
    const check = await this.#run(sends, { compare: "unless-equal", check: true });
    if (isFault(check)) return check;
    const fault = rsyncFault(check);
    if (fault !== null) return fault;
    const equal = pathsEqual(check.stdout);
    const failed = new Map<Path, string>();
    const said = stderr + check.stderr;
    for (const { path } of sends) {
      if (!equal.has(path)) failed.set(path, reasonFor(path, said) || lastMessage(said));
    }
    return failed;
  }

  async #run(sends: readonly Send[], how: How): Promise<RsyncResult | Fault> {
    const { destination, transfer } = this;
    const paths = pathArguments(sends);
    let child: ChildProcess;
    try {
      child = this.#start(sends, { ...how, paths });
    } catch (error) {
      // The kernel's room for arguments is smaller than it is as a rule.
      if (paths === null || (error as { code?: string }).code !== "E2BIG") throw error;
      child = this.#start(sends, { ...how, paths: null });
    }
    this.#running.add(child);
    const connected =
      "open" in destination ? connect(child, how.compare, destination.open, transfer.silenceMaxMs) : null;
    const result = await collect(child, transfer.program);
    this.#running.delete(child);
    const remote = await connected;
    // A connection that could not be opened is the better explanation for rsync's end.
    if (isFault(remote)) return remote;
    if (isFault(result) || remote === null) return result;
    return { ...result, stderr: result.stderr + remote.stderr };
  }

  #start(sends: readonly Send[], how: How & Pick<RsyncRun, "paths">): ChildProcess {
    const { destination, transfer } = this;
    const local = "directory" in destination ? destination.directory : null;
    const child = spawn(transfer.program, rsyncArguments({ ...how, localDestination: local }, transfer), {
      cwd: this.base === "" ? "/" : toText(this.base),
      env: rsyncEnvironment(process.env),
      stdio: ["pipe", "pipe", "pipe", ...(local === null ? (["pipe"] as const) : [])],
    });
    child.stdin!.on("error", () => {});
    if (how.paths === null) child.stdin!.end(fileList(sends));
    else child.stdin!.end();
    return child;
  }
}

/** What is to be done with the paths of one run. */
type How = Omit<RsyncRun, "localDestination" | "paths">;

/** Joins rsync's pass-through on descriptor 3 with the channel of the remote command that it names. */
async function connect(
  child: ChildProcess,
  compare: Send["compare"],
  open: OpenCommand,
  silenceMaxMs: number,
): Promise<{ stderr: string } | Fault | null> {
  const wire = child.stdio[3] as Duplex | null;
  // rsync could not be started.
  if (wire === null) return null;
  wire.on("error", () => {});
  const command = await readCommand(wire);
  if (command === null) return null;
  const channel = await open(command.text, compare);
  if (isFault(channel)) {
    child.kill("SIGKILL");
    wire.destroy();
    return channel;
  }
  const remote = { stderr: "" };
  channel.stderr.on("data", (data: Buffer) => {
    if (remote.stderr.length < outputMax) remote.stderr += data.toString("latin1");
  });
  channel.on("error", () => {});
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
  channel.on("data", () => silence.refresh());
  channel.write(command.rest);
  wire.pipe(channel);
  channel.pipe(wire);
  channel.on("close", close);
  void closed.then(() => wire.end());
  // What the remote side says about failed files comes with its end at the latest.
  child.on("close", () => channel.close());
  await closed;
  clearTimeout(silence);
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

function collect(child: ChildProcess, program: string): Promise<RsyncResult | Fault> {
  return new Promise((resolve) => {
    let stdout = "";
    let stderr = "";
    child.stdout!.on("data", (data: Buffer) => {
      if (stdout.length < outputMax) stdout += data.toString("latin1");
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
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
