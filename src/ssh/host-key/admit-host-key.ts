/** Decides whether a server's key is let in, with the user where that is wanted, and keeps the keys that are new. */
import { Fault, isFault } from "../../core/fault.ts";
import { printable } from "../../core/printable.ts";
import { type Asker, inSeries } from "../auth/asker.ts";
import type { HostConfig } from "../config/config.ts";
import { addHostKey } from "./add-host-key.ts";
import {
  certificateAuthority,
  fingerprint,
  hostKeyFault,
  hostKeyType,
  judgeHostKey,
  shortKeyType,
} from "./host-key.ts";
import {
  canBeListed,
  findHostKeys,
  findOtherNames,
  type HostKeyEntry,
  knownHostsName,
} from "./known-hosts.ts";

/** What a server shows of itself. */
export interface Offer {
  /** A key blob (RFC 4253 6.6). */
  readonly key: Buffer;
  /** The server's address; null where a program or another host leads to it. */
  readonly address: string | null;
  /** True once nobody waits for the decision any more. */
  readonly isOver: () => boolean;
}

/**
 * Decides about the key that a server offers; null lets it in. `known` is what `findHostKeys` found. An unknown key
 * is asked about, refused, or added, as StrictHostKeyChecking says; for what is refused in any case, see
 * `hostKeyFault`.
 */
export async function admitHostKey(
  config: HostConfig,
  known: HostKeyEntry[],
  offer: Offer,
  asker: Asker,
): Promise<Fault | null> {
  const verdict = judgeHostKey(known, offer.key);
  const fault = hostKeyFault(verdict, known, offer.key, config);
  const { strictHostKeyChecking: strict, batchMode } = config;
  const mayBeNew = strict === "ask" ? asker.canAsk && !batchMode : strict !== "yes";
  if (verdict !== "unknown" || !mayBeNew || !canBeListed(config)) return fault;
  return await inTurn(() => decide(config, offer, asker));
}

/** Decisions about unknown keys are made one at a time, so that nobody is asked about the same key twice. */
let turn: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** Keys that the user did not want; kept for those who were waiting meanwhile. */
const refused = new Map<string, Fault>();

/** Keys that were let in and could not be added to a file; they stay so as long as this process runs. */
const letIn = new Set<string>();

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  waiting++;
  const mine = turn.then(work).finally(() => {
    if (--waiting === 0) refused.clear();
  });
  turn = mine.catch(() => {});
  return await mine;
}

async function decide(config: HostConfig, offer: Offer, asker: Asker): Promise<Fault | null> {
  const { key } = offer;
  const name = knownHostsName(config);
  if (offer.isOver()) return givenUp(config);
  // Who was first, in this process or another one, may have added it.
  const known = await findHostKeys(config);
  if (isFault(known)) return known;
  const verdict = judgeHostKey(known, key);
  if (verdict !== "unknown") return hostKeyFault(verdict, known, key, config);

  const file = config.userKnownHostsFiles[0]!;
  const id = JSON.stringify([name, file, key.toString("base64")]);
  if (letIn.has(id)) return null;
  const authority = certificateAuthority(known);
  if (config.strictHostKeyChecking === "ask") {
    const answer =
      refused.get(id) ?? (await inSeries(asker, (inner) => ask(config, offer, authority, inner)));
    if (answer?.code === "host-key") refused.set(id, answer);
    if (answer !== null) return answer;
  } else if (authority !== "") asker.tell(printable(authority));

  const problem = await addHostKey(config, file, key);
  if (problem !== null) letIn.add(id);
  asker.tell(
    printable(
      problem === null
        ? `Warning: Permanently added '${name}' (${shortKeyType(key)}) to the list of known hosts.`
        : `Failed to add the host to the list of known hosts (${file}): ${problem}`,
    ),
  );
  return null;
}

/** Other places of the same key that are shown, as many as ssh shows. */
const otherNamesMax = 8;
/** How often an answer may be something else than was asked for. */
const questionsMax = 10;

/** Asks in the words of ssh; null if the key may come in. */
async function ask(config: HostConfig, offer: Offer, authority: string, asker: Asker): Promise<Fault | null> {
  const others = await findOtherNames(config, offer.key);
  if (isFault(others)) return others;
  const print = fingerprint(offer.key);
  const lines = [
    ...(authority === "" ? [] : [authority]),
    `The authenticity of host '${knownHostsName(config)} (${addressText(config, offer)})' can't be established.`,
    `${shortKeyType(offer.key)} key fingerprint is ${print}.`,
    ...otherNamesText(others),
    "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
  ];
  let question = printable(lines.join("\n"));
  for (let asked = 0; asked < questionsMax; asked++) {
    const text = await asker.text(question);
    // It was withdrawn, which says nothing to those who wait.
    if (text === null && offer.isOver()) return givenUp(config);
    const answer = /[^ \t\n]*/.exec(text?.trimStart() ?? "")![0];
    if (answer.toLowerCase() === "yes" || answer === print) return null;
    if (answer === "" || answer.toLowerCase() === "no") break;
    question = "Please type 'yes', 'no' or the fingerprint: ";
  }
  return new Fault(
    "host-key",
    `the host key of ${config.hostname}:${config.port} was not accepted: it offers the ${hostKeyType(offer.key)} key ${print}`,
    "compare the fingerprint with the server's own (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there)",
  );
}

function givenUp(config: HostConfig): Fault {
  return new Fault("interrupted", `connecting to ${config.hostname}:${config.port} was given up`);
}

function addressText({ port }: HostConfig, { address }: Offer): string {
  if (address === null) return "<no hostip for proxy command>";
  return port === 22 ? address : `[${address}]:${port}`;
}

function otherNamesText(others: string[]): string[] {
  if (others.length === 0) return ["This key is not known by any other names."];
  const omitted = others.length - otherNamesMax;
  return [
    "This host key is known by the following other names/addresses:",
    ...others.slice(0, otherNamesMax).map((other) => `    ${other}`),
    ...(omitted > 0 ? [`    (${omitted} additional names omitted)`] : []),
  ];
}
