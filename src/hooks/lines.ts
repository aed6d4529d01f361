/** Longest line that is kept, in characters. */
const lineMax = 1_000;

/** Cuts text that comes in pieces into lines; of a long one only the beginning is kept, and empty ones are left out. */
export class Lines {
  #line = "";

  constructor(private readonly onLine: (line: string) => void) {}

  take(piece: string): void {
    const parts = piece.split(/[\r\n]+/);
    for (const [at, part] of parts.entries()) {
      if (at > 0) this.end();
      // One more than is kept shows that it was longer.
      this.#line += part.slice(0, lineMax + 1 - this.#line.length);
    }
  }

  /** What there is of a line is all that comes of it. */
  end(): void {
    const line = this.#line;
    this.#line = "";
    if (line !== "") this.onLine(line.length > lineMax ? `${line.slice(0, lineMax)}…` : line);
  }
}
