/** How both sides of rsync's protocol begin, before anything is known of files. Pure. */
import { type Reading, readInt, readVarint, WireError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

/** The protocol that is spoken here, and the oldest one that will do: with times to the nanosecond. */
const protocol = 31;

/** What a server may say that it does, as bits. */
const does = { incrementalRecursion: 0x01, seedFirst: 0x20, negotiation: 0x80 };

/** What the server said. */
export interface Greeting {
  /** A number that goes into the strong sums of blocks, before the block. */
  readonly seed: number;
}

/** A server that works, but not in a way that is spoken here. */
export class UnsupportedServer extends WireError {}

/** What is sent first, at once. */
export function greet(): Buffer {
  return new ByteWriter().int(protocol).take();
}

/** Reads the server's part. Throws `UnsupportedServer` for what is older than rsync 3.1.3, or no rsync of that family. */
export function* readGreeting(): Reading<Greeting> {
  const theirs = yield* readInt();
  if (theirs < 20 || theirs > 40) throw new WireError("what answers there is no rsync");
  if (theirs < protocol) throw new UnsupportedServer(`its protocol is ${theirs}, not ${protocol} or later`);
  const flags = yield* readVarint();
  if ((flags & (does.incrementalRecursion | does.negotiation)) !== 0)
    throw new WireError("it offers what it was not asked for");
  // Bytes in another order before that: rsync 3.1.3 is the first that has this.
  if ((flags & does.seedFirst) === 0) throw new UnsupportedServer("it is older than rsync 3.1.3");
  return { seed: yield* readInt() };
}
