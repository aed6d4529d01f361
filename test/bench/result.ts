/** What a run of the benchmark yields; the JSON file holds exactly this. */
import type { Machine } from "./machine.ts";

/** `rate`: bytes a second. */
export type Unit = "ms" | "bytes" | "count" | "rate";

/** One number, which makes one cell of the table. */
export interface Reading {
  /** What it is, of its measure; the same for all tools, and however much work there is. */
  key: string;
  /** The row's title; the same for all tools. */
  title: string;
  unit: Unit;
  /** Null if the tool did not get there. */
  value: number | null;
  /** Stands in the cell in place of the value, such as `> 60 s`. */
  text?: string;
  /** Without a value: it would have been more than this, for that was waited. */
  atLeast?: number;
  /** The single numbers behind the value; null: missed. */
  raw?: (number | null)[];
}

/** One tool at one measure. */
export interface Result {
  /** In ms; null where nothing went over a link. */
  rttMs: number | null;
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
  rttMs: number | null;
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

/** Something that tsync is meant to reach, and what it did reach in this run. */
export interface Target {
  /** What is compared with what. */
  title: string;
  /** Null: it was not measured. */
  met: boolean | null;
  /** The value and its limit for people, with their units. */
  value: string;
  limit: string;
}

/** A measure that could not be taken. */
export interface LeftOut {
  what: string;
  reason: string;
}

export interface Report {
  date: string;
  quick: boolean;
  machine: Machine;
  /** The folder that the trees were in. */
  place: string;
  /** Whether that is only in memory, and no disk. */
  isInMemory: boolean;
  tools: ToolInfo[];
  results: Result[];
  ratios: Ratio[];
  targets: Target[];
  leftOut: LeftOut[];
}
