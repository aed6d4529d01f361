/** What tests of the wire's parts have in common. */
import fc from "fast-check";
import { ByteReader, type Reading } from "../../../src/target/wire/byte-reader.ts";
import type { ListEntry } from "../../../src/target/wire/file-list.ts";

/** Bytes as text, and back: "a0 18". */
export function hexOf(bytes: Buffer): string {
  return bytes.toString("hex").replace(/..(?=.)/g, "$& ");
}

export function fromHex(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
}

/** Lengths of pieces that something is split into, used again and again: single bytes, and larger ones. */
export const cuts = fc.oneof(
  fc.constant([1]),
  fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
  fc.constant([1_000_000]),
);

/** `bytes` in pieces of these lengths. Each is a copy that is overwritten afterwards, as a network's buffer may be. */
export function* inPieces(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const piece = Buffer.from(bytes.subarray(at, at + lengths[turn % lengths.length]!));
    at += piece.length;
    yield piece;
    piece.fill(0xee);
  }
}

/** What `reading` makes of `bytes` in pieces, and what is left of them. */
export function readIn<T>(
  reading: Reading<T>,
  bytes: Buffer,
  lengths: readonly number[],
): { result: T | undefined; rest: Buffer } {
  const reader = new ByteReader(reading);
  const rest: Buffer[] = [];
  for (const piece of inPieces(bytes, lengths)) rest.push(Buffer.from(reader.push(piece)));
  return { result: reader.result, rest: Buffer.concat(rest) };
}

/** An entry of a list; what is not given is as of an empty file. */
export function listEntry(path: string, given: Partial<ListEntry> = {}): ListEntry {
  return {
    path,
    kind: "file",
    mode: 0o644,
    size: 0,
    mtimeSeconds: 0,
    mtimeNanoseconds: 0,
    uid: 0,
    gid: 0,
    link: "",
    ...given,
  };
}

/** A frame as the other side makes it. */
export function frame(tag: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(((7 + tag) * 2 ** 24) | body.length);
  return Buffer.concat([head, body]);
}
