/** Tells an account that serves files by SFTP, and nothing else, from one that is of no use in another way. */
import { Fault, isFault } from "../core/fault.ts";
import type { Executor } from "../ssh/connection.ts";
import { startShell } from "./remote-command.ts";

/** How SFTP begins: a greeting (its length, its kind, the version), and the kind of the answer. */
const greeting = Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]);
const answerKind = 2;

/** How long the answer may take. */
const patienceMs = 10_000;

/** The fault for an account that answers to any command as an SFTP server does; null for any other. */
export async function sftpOnly(connection: Executor): Promise<Fault | null> {
  const channel = await startShell(connection);
  if (isFault(channel)) return null;
  const answer = await new Promise<Buffer>((resolve) => {
    let got = Buffer.alloc(0);
    const timer = setTimeout(() => resolve(got), patienceMs);
    channel.on("data", (data: Buffer) => {
      got = Buffer.concat([got, data]);
      if (got.length > greeting.length) resolve(got);
    });
    channel.stderr.resume();
    channel.on("error", () => {});
    channel.on("close", () => resolve(got));
    channel.write(greeting);
    channel.once("close", () => clearTimeout(timer));
  });
  channel.close();
  if (answer[4] !== answerKind || answer[0] !== 0 || answer[1] !== 0) return null;
  return new Fault(
    "missing-program",
    `the account at ${connection.describe} is for sftp only`,
    "tsync needs a shell or rsync there",
  );
}
