/** Shared by the tests of src/ssh: settled results, throw-away keys and configurations. */
import { readFileSync, writeFileSync } from "node:fs";
import type { ClientChannel } from "ssh2";
import { Fault, isFault } from "../../src/core/fault.ts";
import type { Asker } from "../../src/ssh/auth/asker.ts";
import { channelExit } from "../../src/ssh/channel-exit.ts";
import { type HostConfig, resolveHost } from "../../src/ssh/config/config.ts";
import type { Executor } from "../../src/ssh/connection.ts";
import { type Running, runProcess, startProcess, waitUntil } from "../helpers/process.ts";
import type { TestSshd } from "../helpers/sshd.ts";

/** The value, or an exception that tells the fault. */
export function succeed<T>(result: T | Fault): T {
  if (isFault(result)) throw new Error(`${result.code}: ${result}`);
  return result;
}

/** The fault, or an exception because there was none. */
export function failure(result: unknown): Fault {
  if (!(result instanceof Fault)) throw new Error("expected a fault");
  return result;
}

/** Runs OpenSSH's tool; throws unless it exits with 0. */
export async function run(argv: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await runProcess(argv, { env });
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
  return stdout;
}

/** Makes a key pair in `path` and `path.pub`, and returns the public key (type and base64). */
export async function makeKey(path: string, flags: string[] = ["-t", "ed25519", "-N", ""]): Promise<string> {
  await run(["ssh-keygen", "-q", ...flags, "-C", "made-by-test", "-f", path]);
  return readFileSync(`${path}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
}

/**
 * Writes an ssh_config that reaches `sshd` through `port`, in which `changes` come first, and so win; resolves
 * `testhost` with it.
 */
export async function configOf(
  sshd: TestSshd,
  changes: string[] = [],
  port = sshd.port,
): Promise<HostConfig> {
  const configFile = sshd.clientConfigFor(port);
  writeFileSync(configFile, `Host *\n${changes.join("\n")}\n${readFileSync(configFile, "utf8")}`);
  return succeed(await resolveHost({ host: sshd.host }, { configFile }));
}

export interface Output {
  stdout: Buffer;
  stderr: Buffer;
  code: number | null;
  signal: string | null;
}

/** Runs a command to its end. `input` is all of its stdin. */
export async function capture(
  connection: Executor,
  command: string | Uint8Array,
  input = "",
): Promise<Output> {
  const channel: ClientChannel = succeed(await connection.exec(command));
  const exit = channelExit(channel);
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  channel.on("data", (chunk: Buffer) => chunks.stdout.push(chunk));
  channel.stderr.on("data", (chunk: Buffer) => chunks.stderr.push(chunk));
  channel.end(input);
  const ended = await exit;
  return { ...ended, stdout: Buffer.concat(chunks.stdout), stderr: Buffer.concat(chunks.stderr) };
}

type Answer = string | null | (() => Promise<string | null>);

/** Answers questions in the order given, and with null when there are no answers left; keeps what was said. */
export class FakeAsker implements Asker {
  canAsk = true;
  readonly questions: string[] = [];
  readonly told: string[] = [];
  /** The most questions that were open at the same time. */
  pendingMax = 0;
  #pending = 0;
  readonly #answers: Answer[];

  constructor(...answers: Answer[]) {
    this.#answers = answers;
  }

  /** There is nobody. */
  gone(): this {
    this.canAsk = false;
    return this;
  }

  async text(question: string): Promise<string | null> {
    this.questions.push(question);
    this.pendingMax = Math.max(this.pendingMax, ++this.#pending);
    const answer = this.#answers.shift() ?? null;
    await Bun.sleep(0);
    this.#pending--;
    return typeof answer === "function" ? await answer() : answer;
  }

  secret(question: string): Promise<string | null> {
    return this.text(question);
  }

  tell(text: string): void {
    this.told.push(text);
  }
}

/** Starts an agent on `socket` and waits until it answers; `env` is for what it asks the user with. */
export async function startAgent(socket: string, env: Record<string, string> = {}): Promise<Running> {
  const agent = startProcess(["ssh-agent", "-D", "-a", socket], { env });
  // 2: there is nobody on the socket, or not yet.
  const answers = async () =>
    (await runProcess(["ssh-add", "-l"], { env: { SSH_AUTH_SOCK: socket } })).code !== 2;
  await waitUntil(answers, 5_000);
  return agent;
}
