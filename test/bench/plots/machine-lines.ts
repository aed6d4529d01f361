/** What was measured where, at the foot of a plot: without that the numbers mean little. */
import { machineText } from "../machine.ts";
import type { Report } from "../result.ts";
import { text } from "./svg.ts";

/** Two lines of text from `x`, `y` on. */
export function machineLines(report: Report, x: number, y: number): string[] {
  const { date, quick, tools } = report;
  const versions = tools
    .filter(({ version }) => version !== null)
    .map(({ name, version }) => `${name} ${version}`.replace("rsync -a", "rsync"));
  const style = { style: "faint", size: 11 };
  return [
    text(x, y, machineText(report), style),
    text(x, y + 16, `${date.slice(0, 10)}${quick ? ", a quick run" : ""}: ${versions.join(", ")}`, style),
  ];
}
