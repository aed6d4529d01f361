/** Takes away what an account's start-up files print before a command runs. */
import { Transform, type TransformCallback } from "node:stream";

/** How much is kept of what came before the mark. */
const saidMax = 300;

/** Passes on what comes after the line that ends with `mark`; everything if that is empty. */
export class AfterMark extends Transform {
  readonly #mark: Buffer;
  #found: boolean;
  #before = Buffer.alloc(0);

  constructor(mark: string) {
    super();
    this.#mark = Buffer.from(`${mark}\n`);
    this.#found = mark === "";
  }

  /** The end of what came in place of the mark; empty once that was found. */
  get said(): string {
    return this.#found ? "" : this.#before.subarray(-saidMax).toString("latin1");
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (!this.#found) chunk = this.#afterNoise(chunk);
    done(null, chunk);
  }

  #afterNoise(chunk: Buffer): Buffer {
    const bytes = Buffer.concat([this.#before, chunk]);
    const at = bytes.indexOf(this.#mark);
    this.#found = at >= 0;
    if (this.#found) return bytes.subarray(at + this.#mark.length);
    // The mark may have come in part.
    this.#before = Buffer.from(bytes.subarray(-Math.max(saidMax, this.#mark.length)));
    return Buffer.alloc(0);
  }
}
