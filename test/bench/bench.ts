/**
 * Measures tsync and what people use otherwise, side by side: the same work, the same server, the same link.
 * The command line is in options.ts, what is measured where in schedule.ts, the tools are in tools/.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { connectionMeasure, connectionTools } from "./connections.ts";
import { describeMachine, machineText } from "./machine.ts";
import { millionMeasure, millionTools } from "./million.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { savePlot } from "./plots/save-plot.ts";
import { workPlot } from "./plots/work-plot.ts";
import type { Report, Result } from "./result.ts";
import { runAll } from "./run.ts";
import { bytesNeeded, normal, quick } from "./scale.ts";
import { measures } from "./schedule.ts";
import { isInMemory, placeForTrees } from "./site.ts";
import { ratiosOf, resultTable } from "./table.ts";
import { checkTargets, targetLine } from "./targets.ts";
import { allTools } from "./tools/all.ts";
import { chooseTools } from "./tools/choose.ts";

process.exit(await main(Bun.argv.slice(2)));

async function main(argv: string[]): Promise<number> {
  const known = { tools: allTools.map(({ name }) => name), measures };
  let options: Options;
  try {
    options = parseOptions(argv, known);
    // Before all the work, not after it.
    mkdirSync(dirname(options.json), { recursive: true });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nTry --help.`);
    return 2;
  }
  if (options.help) {
    console.log(usage(known));
    return 0;
  }
  const { tools, infos } = await chooseTools(options.tools);
  for (const { name, missing } of infos) {
    if (missing !== undefined) console.error(`${name} is left out: ${missing}`);
  }
  if (tools.length === 0) {
    console.error("There is no tool to measure.");
    return 1;
  }

  const place = options.trees ?? placeForTrees(bytesNeeded(options.quick ? quick : normal));
  const machine = await describeMachine();
  const interrupt = interruption();
  let report: Report;
  try {
    const { results, leftOut } = await runAll(tools, {
      quick: options.quick,
      measures: options.measures,
      roundTripsMs: options.roundTripsMs,
      place,
      signal: interrupt,
      progress: (line) => console.error(line),
    });
    report = {
      date: new Date().toISOString(),
      quick: options.quick,
      machine,
      place,
      isInMemory: isInMemory(place),
      tools: infos,
      results,
      ratios: ratiosOf(results),
      targets: checkTargets(results),
      leftOut,
    };
  } catch (error) {
    if (!interrupt.aborted) throw error;
    console.error("Interrupted: everything is stopped.");
    return 130;
  }
  print(report);
  for (const file of write(report, options.json)) console.error(`written: ${file}`);
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

/** Writes the numbers and the plots beside them; returns the files. */
function write(report: Report, json: string): string[] {
  const stem = json.replace(/\.json$/, "");
  const files = [
    { file: json, content: `${JSON.stringify(report, null, 2)}\n` },
    { file: `${stem}-save.svg`, content: savePlot(report) },
    { file: `${stem}-work.svg`, content: workPlot(report) },
  ];
  const written: string[] = [];
  for (const { file, content } of files) {
    if (content === null) continue;
    writeFileSync(file, content);
    written.push(file);
  }
  return written;
}

function print(report: Report): void {
  const { quick: isQuick, machine, place, tools, results, targets, leftOut } = report;
  const { bun, rsync, ssh } = machine;
  console.log(`\n${machineText(report)}, Bun ${bun}, rsync ${rsync}, OpenSSH ${ssh}; trees below ${place}`);
  for (const { name, version, missing } of tools)
    console.log(`${name}: ${version ?? `left out: ${missing}`}`);
  for (const { what, reason } of leftOut) console.log(`${what}: left out: ${reason}`);
  console.log(`In brackets: times what tsync takes.${isQuick ? " A quick run: less work." : ""}`);
  const names = tools.filter(({ missing }) => missing === undefined).map(({ name }) => name);
  const show = (ofTable: Result[], heading: string, columns: readonly string[]) => {
    if (ofTable.length > 0) console.log(`\n${resultTable(ofTable, heading, columns)}`);
  };
  const roundTripsMs = [...new Set(results.map(({ rttMs }) => rttMs))].filter((rttMs) => rttMs !== null);
  for (const rttMs of roundTripsMs) {
    const here = results.filter((result) => result.rttMs === rttMs);
    const heading = `round trip ${rttMs} ms`;
    const mirrored = here.filter(({ measure }) => measure !== connectionMeasure);
    show(mirrored, heading, names);
    const connected = here.filter(({ measure }) => measure === connectionMeasure);
    show(connected, heading, connectionTools);
  }
  const large = results.filter(({ measure }) => measure === millionMeasure);
  show(large, "a large tree, mirrored to a directory here", millionTools);
  if (targets.length > 0) console.log(`\n${targets.map(targetLine).join("\n")}`);
}
