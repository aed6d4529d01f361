/** Prints a plan for `--dry-run`, on standard output. */

import { pathOf } from "../core/operation.ts";
import { display } from "../core/path.ts";
import type { Plan } from "../core/plan.ts";
import { bytes, count, counted } from "./amounts.ts";
import { describe } from "./printer.ts";

/** Which plan it is, and how it is printed. */
interface PlanLabel {
  /** The mirror's name, if it is to be told. */
  readonly mirror: string | null;
  readonly target: string;
  readonly json: boolean;
}

/** Prints every operation of `plan`, and a summary. */
export function printPlan(plan: Plan, { mirror, target, json }: PlanLabel): void {
  const prefix = mirror === null ? "" : `${mirror}: `;
  const of = mirror === null ? { target } : { mirror, target };
  const steps = [...plan.steps, ...plan.closing];
  const moved = steps.filter((step) => step.do === "move").length;
  const removed = steps.filter((step) => step.do.startsWith("remove")).length;
  const directories = steps.filter((step) => step.do === "make-directory").length;
  const sendBytes = plan.sends.reduce(
    (sum, send) => sum + (send.entry.kind === "file" ? send.entry.size : 0),
    0,
  );
  const lines: string[] = [];
  if (json) {
    const event = "plan";
    for (const step of steps) {
      const from = step.do === "move" ? { from: display(step.from) } : {};
      lines.push(JSON.stringify({ event, ...of, do: step.do, path: display(pathOf(step)), ...from }));
    }
    for (const { path, entry } of plan.sends) {
      lines.push(
        JSON.stringify({
          event,
          ...of,
          do: "send",
          path: display(path),
          bytes: entry.kind === "file" ? entry.size : 0,
        }),
      );
    }
    lines.push(
      JSON.stringify({
        event: "plan-summary",
        ...of,
        moved,
        removed,
        directories,
        sent: plan.sends.length,
        bytes: sendBytes,
      }),
    );
  } else {
    for (const step of steps)
      lines.push(describe(step.do === "move" ? { do: "move", path: step.to, from: step.from } : step));
    for (const { path, entry } of plan.sends) {
      lines.push(
        entry.kind === "file" ? `send ${display(path)} (${bytes(entry.size)})` : `send ${display(path)}`,
      );
    }
    for (const { path, reason } of plan.problems) lines.push(`cannot read ${display(path)}: ${reason}`);
    lines.push(
      `${prefix}${target}: ${count(moved)} to move, ${count(removed)} to remove, ${counted(directories, "directory", "directories")} to make, ` +
        `${count(plan.sends.length)} to send (at most ${bytes(sendBytes)}); nothing was touched`,
    );
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}
