/** Thousands of changes a second for a while: does the tool catch up, how soon, and what does that take? */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../helpers/trees.ts";
import { ExpectedTree } from "../expected-tree.ts";
import { formatCount } from "../format.ts";
import { type Measure, timeReading } from "./measure.ts";

const changesPerSecond = 5000;
const directories = 20;
const filesAtStart = 2000;
/** There are never more. */
const filesMax = 6000;
const bytesMax = 2048;
const root = "busy";

export const sustained: Measure = {
  name: "sustained",
  about: `${formatCount(changesPerSecond)} changes a second (saves, new files, renames, removals): time from the last to equal`,
  agreeLimitMs: 10_000,
  prepare({ source }) {
    for (let i = 0; i < directories; i++) mkdirSync(join(source, root, `d${i}`), { recursive: true });
    const work = new Work(join(source, root));
    while (work.files.length < filesAtStart) work.create();
  },
  async run({ source, destination, wait, usage }, { sustainedMs, bulkLimitMs }) {
    const work = new Work(join(source, root), filesAtStart);
    const processorMs = usage.processorMs();
    const start = performance.now();
    const elapsedMs = () => performance.now() - start;
    let done = 0;
    while (elapsedMs() < sustainedMs) {
      const due = Math.min(elapsedMs(), sustainedMs) * (changesPerSecond / 1000);
      for (; done < due; done++) work.change();
      usage.sample();
      await Bun.sleep(5);
    }
    const last = performance.now();
    const expected = new ExpectedTree(join(source, root), { exact: true });
    const isEqual = () => {
      usage.sample();
      return expected.isAt(join(destination, root));
    };
    const seen = await wait(isEqual, bulkLimitMs);
    const of = `${formatCount(changesPerSecond)} changes a second for ${sustainedMs / 1000} s`;
    return [
      timeReading(`${of}: equal after the last`, last, seen, bulkLimitMs),
      {
        key: "changes",
        title: "  changes made a second",
        unit: "count",
        value: Math.round(done / ((last - start) / 1000)),
      },
      {
        key: "processor",
        title: "  processor time of the tool here",
        unit: "ms",
        value: usage.processorMs() - processorMs,
      },
      { key: "memory", title: "  peak memory here meanwhile", unit: "bytes", value: usage.peakBytes },
    ];
  },
};

/** Changes files by chance; the same changes each time. */
class Work {
  readonly files: string[] = [];
  readonly #root: string;
  readonly #random = new Random(10);
  readonly #content: Buffer;
  #made = 0;

  /** `made`: as many files are there already, made by another one. */
  constructor(root: string, made = 0) {
    this.#root = root;
    this.#content = this.#random.bytes(2 * bytesMax);
    while (this.#made < made) this.files.push(this.#freshName());
  }

  change(): void {
    const chance = this.#random.int(100);
    if (this.files.length === 0) this.create();
    else if (chance < 60) this.#save(this.#random.int(this.files.length));
    else if (chance < 80 && this.files.length < filesMax) this.create();
    else if (chance < 90) this.#rename(this.#random.int(this.files.length));
    else this.#remove(this.#random.int(this.files.length));
  }

  create(): void {
    this.files.push(this.#freshName());
    this.#save(this.files.length - 1);
  }

  #freshName(): string {
    const made = this.#made++;
    return join(this.#root, `d${made % directories}`, `f${made}`);
  }

  #save(index: number): void {
    const offset = this.#random.int(bytesMax);
    const bytes = 1 + this.#random.int(bytesMax);
    writeFileSync(this.files[index]!, this.#content.subarray(offset, offset + bytes));
  }

  #rename(index: number): void {
    const name = this.#freshName();
    renameSync(this.files[index]!, name);
    this.files[index] = name;
  }

  #remove(index: number): void {
    rmSync(this.files[index]!);
    this.files[index] = this.files.at(-1)!;
    this.files.pop();
  }
}
