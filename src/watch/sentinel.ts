/** Proves that all file events up to now have been delivered. */
import { type FSWatcher, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How long a sentinel's own event may take; after that the kernel has lost it, as in an overflow. */
const passMaxMs = 2_000;

/**
 * A private directory that is watched through the same queue as the tree: once the event of a file made there
 * arrives, all events before it have arrived.
 */
export class Sentinel {
  #folder: string | null = null;
  #watch: FSWatcher | null = null;
  #count = 0;
  readonly #waiting = new Map<string, () => void>();

  /** Resolves once every event of a change made before this call has been delivered. */
  async pass(): Promise<void> {
    const folder = this.#open();
    const name = `${this.#count++}`;
    const arrived = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, passMaxMs);
      this.#waiting.set(name, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    const file = join(folder, name);
    writeFileSync(file, "");
    await arrived;
    this.#waiting.delete(name);
    rmSync(file, { force: true });
    // Events that were read together are handed out watch by watch: let the others have their turn.
    await Bun.sleep(1);
  }

  close(): void {
    this.#watch?.close();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  #open(): string {
    if (this.#folder !== null) return this.#folder;
    const folder = mkdtempSync(join(tmpdir(), "tsync-sentinel-"));
    this.#watch = watch(folder, (_event, name) => {
      if (name !== null) this.#waiting.get(name)?.();
    });
    this.#folder = folder;
    return folder;
  }
}
