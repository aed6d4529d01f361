/** One file is saved again and again: how soon can its new content be read? */
import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../helpers/trees.ts";
import { baseFile } from "../base-tree.ts";
import { percentile } from "../statistics.ts";
import type { Measure } from "./measure.ts";

const limitMs = 15_000;
/** After so many misses the rest is left out. */
const missesMax = 3;
/** Between two saves; a little more by chance, so as not to keep step with anything. */
const pauseMs = 150;
const jitterMs = 50;
const fileBytes = 4096;

export const saves: Measure = {
  name: "saves",
  prepare() {},
  async run({ source, destination, wait, bytes }, scale) {
    const random = new Random(7);
    const [from, to] = [join(source, baseFile), join(destination, baseFile)];
    const raw: (number | null)[] = [];
    let text = "missed";
    for (let i = 1; i <= scale.saves; i++) {
      // Each save has a size of its own: rsync takes a file of the same size and second for the same file, so
      // the others would miss most saves.
      const content = random.bytes(fileBytes + i);
      const start = performance.now();
      writeFileSync(from, content);
      const seen = await wait(() => hasContent(to, content), limitMs);
      raw.push(typeof seen === "number" ? seen - start : null);
      if (typeof seen === "string") text = seen;
      if (raw.filter((time) => time === null).length === missesMax) break;
      await Bun.sleep(pauseMs + random.int(jitterMs));
    }
    const times = raw.filter((time) => time !== null);
    const total = await bytes();
    const time = (title: string, value: number | null) => ({
      title,
      unit: "ms" as const,
      value,
      ...(value === null ? { text } : {}),
    });
    return [
      { ...time("save to visible, p50", percentile(times, 50)), raw },
      time("save to visible, p99", percentile(times, 99)),
      {
        title: "  saves missed",
        unit: "count",
        value: raw.length - times.length,
        text: `${raw.length - times.length} of ${raw.length}`,
      },
      { title: "  bytes on the link a save", unit: "bytes", value: Math.round(total / raw.length) },
    ];
  },
};

function hasContent(path: string, content: Buffer): boolean {
  try {
    return lstatSync(path).size === content.length && readFileSync(path).equals(content);
  } catch {
    return false;
  }
}
