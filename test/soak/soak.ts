/** The soak's command line: `bun test/soak/soak.ts [--minutes N] [--seed S]`. Exits with 1 after a divergence. */
import { parseArgs } from "node:util";
import { told } from "./figures.ts";
import { soak } from "./run.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error("usage: npm run soak -- [--minutes N] [--seed S]");
  process.exit(2);
}
const figures = await soak({
  seed,
  durationMs: minutes * 60_000,
  chaosMs: [4_000, 12_000],
  pauseShare: 1,
  convergeMaxMs: 120_000,
  progress: (line) => console.error(line),
});
console.log(told(figures));
process.exit(figures.findings.length === 0 ? 0 : 1);
