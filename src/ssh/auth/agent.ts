/** Asks an ssh-agent which keys it has, and lets it sign. */
import { connect } from "node:net";
import { OpenSSHAgent, type ParsedKey, type SigningRequestOptions, utils } from "ssh2";
import { printable } from "../../core/printable.ts";
import { Fields } from "./openssh-key.ts";

/** What an agent has. */
export interface AgentKeys {
  readonly keys: readonly ParsedKey[];
  /** Sentences about what it has besides. */
  readonly leftOut: readonly string[];
}

const timeoutMs = 5_000;

/** How long the user may take to confirm the use of a key, where the agent asks for that. */
const signMaxMs = 60_000;

const bytesMax = 1024 * 1024;

/** SSH_AGENTC_REQUEST_IDENTITIES, and the answer to it. */
const [requestIdentities, identitiesAnswer] = [11, 12];

/** The keys of the agent at `socket`; null if it does not answer. */
export async function readAgent(socket: string): Promise<AgentKeys | null> {
  const answer = await ask(socket, Buffer.from([0, 0, 0, 1, requestIdentities]));
  if (answer?.[0] !== identitiesAnswer) return null;
  const keys: ParsedKey[] = [];
  const leftOut: string[] = [];
  try {
    const fields = new Fields(answer, 1);
    for (let left = fields.uint32(); left > 0; left--) {
      const blob = fields.string();
      const comment = fields.string().toString("utf8");
      const key = utils.parseKey(blob);
      if (key instanceof Error)
        leftOut.push(whyLeftOut(new Fields(blob).string().toString("latin1"), comment));
      else keys.push(Object.assign(key, { comment }));
    }
  } catch {
    return null;
  }
  return { keys, leftOut };
}

function whyLeftOut(type: string, comment: string): string {
  const what = type.includes("-cert-")
    ? "is a certificate"
    : type.startsWith("sk-")
      ? "needs a security key (FIDO)"
      : `is of the kind ${type}`;
  return printable(`${comment || type} of the agent ${what}, which tsync cannot use`);
}

/** One request and its answer, without the lengths in front; null if there is none. */
function ask(socket: string, request: Buffer): Promise<Buffer | null> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const stream = connect(socket);
    const end = (result: Buffer | null) => {
      clearTimeout(timer);
      stream.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(null), timeoutMs);
    stream
      .on("connect", () => stream.write(request))
      .on("error", () => end(null))
      .on("close", () => end(null))
      .on("data", (data: Buffer) => {
        answer = Buffer.concat([answer, data]);
        const length = answer.length < 4 ? Number.POSITIVE_INFINITY : answer.readUInt32BE(0);
        if (answer.length >= 4 + length) end(answer.subarray(4, 4 + length));
        else if (answer.length > bytesMax) end(null);
      });
  });
}

/** Lets the agent at `socket` sign with one of its keys. Rejects if it will not. */
export function signByAgent(
  socket: string,
  key: ParsedKey,
  data: Buffer,
  options: SigningRequestOptions,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`the agent did not sign within ${signMaxMs / 1000} s`));
    const timer = setTimeout(late, signMaxMs);
    new OpenSSHAgent(socket).sign(key, data, options, (error, signature) => {
      clearTimeout(timer);
      if (signature === undefined) reject(error ?? new Error("it gave no signature"));
      else resolve(signature);
    });
  });
}
