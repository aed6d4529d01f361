/** Runs a command for a channel of the demo's SSH server, as sshd does. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { ServerChannel } from "ssh2";

/** How long a command has to end by itself after SIGTERM. */
const graceMs = 1000;

export interface RunningCommand {
  /** Ends the command and all that it started; resolves when none of it runs. */
  kill(): Promise<void>;
  /** Resolves when the command has ended. */
  readonly ended: Promise<void>;
}

/** Starts `/bin/sh` with `args`; its input, output, exit code or signal go through `channel`. */
export function runCommand(
  channel: ServerChannel,
  args: string[],
  options: { cwd: string; env: Record<string, string> },
): RunningCommand {
  // A process group of its own, so that all that the shell starts can be ended with it.
  const child = spawn("/bin/sh", args, { ...options, stdio: "pipe", detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve()).once("error", () => resolve());
  });
  for (const stream of [channel, channel.stderr, child.stdin]) stream.on("error", () => {});
  channel.pipe(child.stdin);
  void forward(child, channel).catch(() => {});
  let killed: Promise<void> | undefined;
  return {
    ended,
    kill() {
      killed ??= killGroup(child).then(() => ended);
      return killed;
    },
  };
}

/** Passes on the output, then how the command ended. */
async function forward(
  child: ChildProcess & { stdout: Readable; stderr: Readable },
  channel: ServerChannel,
): Promise<void> {
  const write = serialWriter(channel);
  const copy = async (from: Readable, to: Writable) => {
    for await (const chunk of from) await write(to, chunk);
  };
  const [[code, signal]] = await Promise.all([
    once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>,
    copy(child.stdout, channel),
    copy(child.stderr, channel.stderr),
  ]);
  if (signal === null) channel.exit(code ?? 255);
  else channel.exit(signal);
  channel.end();
  channel.resume(); // nobody reads what the client still sends
}

/**
 * Writes one piece after the other, each when the one before has left. ssh2 1.17 needs that: when its stdout and
 * its stderr wait for the client's window, or one of them after the other has, it sends old stdout again.
 */
function serialWriter(channel: ServerChannel): (to: Writable, chunk: Buffer) => Promise<void> {
  const waiting = channel as {
    _chunk?: unknown;
    _chunkcb?: unknown;
    _chunkErr?: unknown;
    _chunkcbErr?: unknown;
  };
  let last: Promise<void> = Promise.resolve();
  return (to, chunk) => {
    last = last.then(() => new Promise((resolve) => to.write(chunk, () => resolve())));
    last = last.then(() => {
      waiting._chunk = waiting._chunkcb = waiting._chunkErr = waiting._chunkcbErr = undefined;
    });
    return last;
  };
}

/** Ends the process group of `child`: first SIGTERM, so that rsync removes its temporary files, then SIGKILL. */
async function killGroup(child: ChildProcess & { stdout: Readable; stderr: Readable }): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const end = performance.now() + graceMs;
  signalGroup(pid, "SIGTERM");
  child.stdout.destroy();
  child.stderr.destroy();
  while (signalGroup(pid, 0) && performance.now() < end) await Bun.sleep(10);
  signalGroup(pid, "SIGKILL");
}

/** False if no process of the group `pid` is left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
