/**
 * Measures tsync and what people use otherwise, side by side: the same work, the same server, the same link.
 * The command line is in options.ts, what is measured in measures/, the tools are in tools/.
 */
import { writeFileSync } from "node:fs";
import { connectionMeasure, connectionTools } from "./connections.ts";
import { describeMachine } from "./machine.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import type { Report } from "./result.ts";
import { roundTripsMs, runAll } from "./run.ts";
import { placeForTrees } from "./site.ts";
import { ratiosOf, resultTable } from "./table.ts";
import { allTools } from "./tools/all.ts";
import { chooseTools } from "./tools/choose.ts";

process.exit(await main(Bun.argv.slice(2)));

async function main(argv: string[]): Promise<number> {
  const known = allTools.map(({ name }) => name);
  let options: Options;
  try {
    options = parseOptions(argv, known);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}${known.join(", ")}`);
    return 2;
  }
  const { tools, infos } = await chooseTools(options.tools);
  for (const { name, missing } of infos) {
    if (missing !== undefined) console.error(`${name} is left out: ${missing}`);
  }
  if (tools.length === 0) {
    console.error("There is no tool to measure.");
    return 1;
  }

  const place = options.trees ?? placeForTrees();
  const machine = await describeMachine();
  const interrupt = interruption();
  let report: Report;
  try {
    const results = await runAll(tools, {
      quick: options.quick,
      place,
      signal: interrupt,
      progress: (line) => console.error(line),
    });
    const date = new Date().toISOString();
    report = {
      date,
      quick: options.quick,
      machine,
      place,
      tools: infos,
      results,
      ratios: ratiosOf(results),
    };
  } catch (error) {
    if (!interrupt.aborted) throw error;
    console.error("Interrupted: everything is stopped.");
    return 130;
  }
  writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  print(report);
  console.error(`The raw numbers are in ${options.json}.`);
  return 0;
}

/** Aborts at the first Ctrl-C (or SIGTERM, SIGHUP); a second one ends this process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      console.error("Stopping everything...");
      controller.abort();
    });
  }
  return controller.signal;
}

function print({ quick, machine, place, tools, results }: Report): void {
  const { cores, processor, kernel, bun, rsync, ssh } = machine;
  console.log(
    `\n${cores} cores, ${processor}, ${kernel}, Bun ${bun}, rsync ${rsync}, OpenSSH ${ssh}, trees in ${place}`,
  );
  for (const { name, version, missing } of tools) console.log(`${name}: ${version ?? missing}`);
  console.log(`In brackets: times what tsync takes.${quick ? " A quick run: less work." : ""}`);
  const names = tools.filter(({ missing }) => missing === undefined).map(({ name }) => name);
  const ofConnections = results.filter(({ measure }) => measure === connectionMeasure);
  const ofMirrors = results.filter(({ measure }) => measure !== connectionMeasure);
  for (const rttMs of roundTripsMs) {
    console.log(`\n${resultTable(ofMirrors, rttMs, names)}`);
    console.log(`\n${resultTable(ofConnections, rttMs, connectionTools)}`);
  }
}
