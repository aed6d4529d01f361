/** The command line of the benchmark. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const usage = `usage: bun test/bench/bench.ts [--quick] [--json FILE] [--only TOOL,TOOL] [--trees DIR]

  --quick      less work: about 2 minutes instead of 6
  --json FILE  where the raw numbers go (default bench-result.json)
  --trees DIR  where the trees lie (default: in memory, /dev/shm, else with the temporary files)
  --only ...   only these of the tools: `;

export interface Options {
  quick: boolean;
  json: string;
  /** The folder for the trees, if one was given. */
  trees: string | undefined;
  /** Names of tools, all of them known. */
  tools: string[];
}

/** Throws on what it does not know. */
export function parseOptions(argv: string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "string", default: "bench-result.json" },
      trees: { type: "string" },
      only: { type: "string" },
    },
  });
  const wanted = values.only?.split(",") ?? known;
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`unknown tool: ${unknown || "(none)"}`);
  const { quick, json } = values;
  const trees = values.trees === undefined ? undefined : resolve(values.trees);
  return { quick, json, trees, tools: known.filter((name) => wanted.includes(name)) };
}
