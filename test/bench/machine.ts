/** Describes the machine, without which the numbers mean little. */
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { runProcess } from "../helpers/process.ts";
import type { Report } from "./result.ts";

export interface Machine {
  cores: number;
  processor: string;
  memoryGb: number;
  kernel: string;
  /** Over the last minute before the run: others may be at work. */
  load: number;
  bun: string;
  rsync: string;
  ssh: string;
}

export async function describeMachine(): Promise<Machine> {
  return {
    cores: availableParallelism(),
    processor: `${cpus()[0]?.model ?? "unknown"} (${process.arch})`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    load: loadavg()[0] ?? 0,
    bun: Bun.version,
    rsync: (await versionOf(["rsync", "--version"])) ?? "missing",
    ssh: (await versionOf(["ssh", "-V"])) ?? "missing",
  };
}

/** The machine in one line, without the versions of programs. */
export function machineText({ machine, isInMemory }: Pick<Report, "machine" | "isInMemory">): string {
  const { cores, processor, memoryGb, kernel, load } = machine;
  const trees = isInMemory ? "in memory" : "on disk";
  return `${cores} cores, ${processor}, ${memoryGb} GB, ${kernel}, load before the run ${load.toFixed(1)}, trees ${trees}`;
}

/** The first number with dots that the program prints (or all it prints, if short), null if it is missing. */
export async function versionOf(argv: string[]): Promise<string | null> {
  if (Bun.which(argv[0] ?? "") === null) return null;
  const { stdout, stderr } = await runProcess(argv);
  const output = `${stdout}${stderr}`;
  return /\d+(\.\d+)+\S*/.exec(output)?.[0].replace(/,$/, "") ?? output.trim().slice(0, 40);
}
