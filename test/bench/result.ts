/** What a run of the benchmark yields; the JSON file holds exactly this. */
import type { Machine } from "./machine.ts";

export type Unit = "ms" | "bytes" | "count";

/** One number, which makes one cell of the table. */
export interface Reading {
  /** The row's title; the same for all tools. */
  title: string;
  unit: Unit;
  /** Null if the tool did not get there. */
  value: number | null;
  /** Stands in the cell in place of the value, such as `> 60 s`. */
  text?: string;
  /** The single numbers behind the value; null: missed. */
  raw?: (number | null)[];
}

/** One tool at one measure. */
export interface Result {
  rttMs: number;
  tool: string;
  measure: string;
  readings: Reading[];
  /** Why there are no readings, or null. */
  failure: string | null;
  /** From the start of the tool until the whole tree was at the destination. */
  firstSyncMs: number | null;
  /** How many entries differed between both trees at the end; null if it did not come so far. */
  divergences: number | null;
  /** Some of them, for people. */
  differences: string[];
}

/** How large one number is compared to that of tsync. */
export interface Ratio {
  rttMs: number;
  title: string;
  tool: string;
  ratio: number;
}

export interface ToolInfo {
  name: string;
  /** Null if the tool is missing. */
  version: string | null;
  /** What to do about a missing tool. */
  missing?: string;
}

export interface Report {
  date: string;
  quick: boolean;
  machine: Machine;
  /** The folder that the trees were in. */
  place: string;
  tools: ToolInfo[];
  results: Result[];
  ratios: Ratio[];
}
