/** A wall clock that jumps for tsync alone, by a library that is loaded into it (libfaketime), where that is there. */
import { writeFileSync } from "node:fs";

/** See above. */
export class Clock {
  readonly #file: string;

  private constructor(
    folder: string,
    private readonly library: string,
  ) {
    this.#file = `${folder}/clock`;
    this.set("+0");
  }

  /** Null where the library is not installed. */
  static find(folder: string): Clock | null {
    const library = [
      ...new Bun.Glob("*/faketime/libfaketime.so.1").scanSync({ cwd: "/usr/lib", absolute: true }),
    ][0];
    return library === undefined ? null : new Clock(folder, library);
  }

  /** The environment of a process that is to see this clock. Times of files stay as they are. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    };
  }

  /** Sets how far it is off, such as `-1h` or `+0`. */
  set(offset: string): void {
    writeFileSync(this.#file, `${offset}\n`);
  }
}
