/** The command line of the benchmark. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";

/** A round trip may be so long, in ms. */
const rttMaxMs = 1000;

export interface Options {
  help: boolean;
  quick: boolean;
  /** The file for the numbers; the plots go beside it. */
  json: string;
  /** The folder for the trees, if one was given. */
  trees: string | undefined;
  /** Names of tools, all of them known. */
  tools: string[];
  /** Names of measures, all of them known. */
  measures: string[];
  /** Round trips in ms, if some were given. */
  roundTripsMs: number[] | undefined;
}

/** What may be asked for by name. */
export interface Known {
  tools: readonly string[];
  measures: readonly { name: string; about: string }[];
}

/** Throws on what it does not know. */
export function parseOptions(argv: string[], known: Known): Options {
  const { values } = parseArgs({
    args: argv,
    options: {
      help: { type: "boolean", short: "h", default: false },
      quick: { type: "boolean", default: false },
      json: { type: "string", default: "bench-result.json" },
      trees: { type: "string" },
      only: { type: "string" },
      measure: { type: "string" },
      rtt: { type: "string" },
    },
  });
  const { help, quick, json } = values;
  return {
    help,
    quick,
    json,
    trees: values.trees === undefined ? undefined : resolve(values.trees),
    tools: choice("tool", values.only, known.tools),
    measures: choice(
      "measure",
      values.measure,
      known.measures.map(({ name }) => name),
    ),
    roundTripsMs: values.rtt?.split(",").map(parseRoundTrip),
  };
}

/** The text of `--help`. */
export function usage({ tools, measures }: Known): string {
  const width = Math.max(...measures.map(({ name }) => name.length));
  return `usage: bun test/bench/bench.ts [OPTIONS]

  --quick             less work, fewer round trips, some measures with tsync only: 5 minutes instead of 40
  --only TOOL,...     only these tools: ${tools.join(", ")}
  --measure NAME,...  only these measures, see below
  --rtt MS,...        each measure at these round trips (default: 0, 20, 50 and 100 ms, some only at one or two)
  --json FILE         where the numbers go (default bench-result.json); the plots go beside it as SVG
  --trees DIR         where the trees lie (default: in memory, /dev/shm, else with the temporary files)

Measures:
${measures.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join("\n")}`;
}

/** The names in a list with commas, in their usual order; all if there is no list. */
function choice(what: string, list: string | undefined, known: readonly string[]): string[] {
  const wanted = list?.split(",") ?? known;
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`unknown ${what}: ${unknown || "(none)"}; there are ${known.join(", ")}`);
  }
  return known.filter((name) => wanted.includes(name));
}

function parseRoundTrip(text: string): number {
  const ms = Number(text);
  if (!/^\d+$/.test(text) || ms > rttMaxMs) {
    throw new Error(`--rtt ${text || "(none)"}: a round trip is a whole number of ms, ${rttMaxMs} at most`);
  }
  return ms;
}
