/** What can go wrong with a simulated target, and when. */
import type { Random } from "../helpers/trees.ts";

/** How the next call ends. */
export type CallFault =
  /** The connection is lost before anything was done. */
  | "cut-before"
  /** It is lost in the middle: some was done, and some of that is known. */
  | "cut-half"
  /** All was done, and nobody hears of it. */
  | "cut-after"
  /** Some paths fail, for once. */
  | "fail-some";

/** Chances of one scenario. */
export interface FaultRates {
  /** Of a call to end in a fault. */
  readonly call: number;
  /** Of an event to be lost; the kernel tells of it, later. */
  readonly event: number;
  /** Of a step to be the end of tsync, in the middle of whatever it does. */
  readonly crash: number;
}

export const noFaults: FaultRates = { call: 0, event: 0, crash: 0 };

const kinds: readonly CallFault[] = ["cut-before", "cut-half", "cut-half", "cut-after", "fail-some"];

/** The fault of the next call, if it is to have one. */
export function nextFault(rates: FaultRates, random: Random): CallFault | null {
  return random.chance(rates.call) ? random.pick(kinds) : null;
}
