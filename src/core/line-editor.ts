/** Turns the keys that are typed into a line, where the terminal itself does not. */

const [ctrlC, ctrlD, backspace, ctrlU, esc, del] = [0x03, 0x04, 0x08, 0x15, 0x1b, 0x7f];
const ends: readonly number[] = [0x0a, 0x0d];

/** As OpenSSH. */
const bytesMax = 1_023;

/** What the keys so far amount to. `gaveUp` is Ctrl-D in an empty line, `interrupted` Ctrl-C. */
export type LineState = "typing" | "done" | "gaveUp" | "interrupted";

/** One line that is being typed, in UTF-8. */
export class LineEditor {
  readonly #bytes: number[] = [];

  /** What has been typed. */
  get text(): string {
    return Buffer.from(this.#bytes).toString("utf8");
  }

  /** Takes what was typed. What comes behind the end of the line is lost. */
  type(keys: Uint8Array): LineState {
    // An arrow or function key; nobody's password.
    if (keys[0] === esc) return "typing";
    for (const key of keys) {
      if (ends.includes(key)) return "done";
      if (key === ctrlC) return "interrupted";
      if (key === ctrlD && this.#bytes.length === 0) return "gaveUp";
      if (key === backspace || key === del) this.#removeLast();
      else if (key === ctrlU) this.#bytes.length = 0;
      else if (key >= 0x20 && this.#bytes.length < bytesMax) this.#bytes.push(key);
    }
    return "typing";
  }

  /** One character, which may be several bytes. */
  #removeLast(): void {
    while (((this.#bytes.pop() ?? 0) & 0xc0) === 0x80);
  }
}
