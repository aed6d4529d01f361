/** `npm run sim -- [--seed N] [--count M]`: simulations until one goes wrong. */
import { parseArgs } from "node:util";
import { simulateMany } from "./run.ts";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, count: { type: "string", default: "2000" } },
});
const [seed, count] = [Number(values.seed), Number(values.count)];
if (!Number.isInteger(seed) || !Number.isInteger(count) || count < 1) {
  console.error("usage: npm run sim -- [--seed N] [--count M]");
  process.exit(2);
}
const startMs = performance.now();
const summary = await simulateMany(seed, count);
const seconds = Math.round((performance.now() - startMs) / 1000);
console.log(
  `${summary.count} simulations from seed ${seed} in ${seconds} s: ${summary.crashes} crashes, ${summary.moved} moves`,
);
if (summary.failure !== null) {
  console.error(summary.failure);
  process.exit(1);
}
process.exit(0);
