/** How far work is, in words and as a bar, as long as there is room for. Pure. */
import type { Progress } from "../../engine/progress.ts";
import { amountOf, bytes, count, counted, timeLeft } from "../amounts.ts";
import { padTo, widthOf } from "./fit.ts";
import { bytesPerSecond, leftMs, share, stalledMs } from "./pace.ts";
import type { Work } from "./target-view.ts";

/** How much of the room the bar takes, and how many columns that may be. */
const barShare = 0.25;
const barMax = 30;
const barMin = 6;

/** `1023 KiB/s`. */
const rateColumns = 10;

/** The longest text about `work` that fits into `columns`; the last resort may be too wide. */
export function progressText(work: Work, columns: number, nowMs: number, unicode: boolean): string {
  const done = share(work.progress);
  const barColumns = Math.min(barMax, Math.floor(columns * barShare));
  const hasBar = done !== null && barColumns >= barMin;
  const start = hasBar ? `${bar(done, barColumns, unicode)} ` : "";
  const part = done === null ? "" : `${Math.floor(done * 100)} %`.padStart(hasBar ? 5 : 0);
  const { files, amount, rate, left } = steady(wordsOf(work, nowMs), work.progress);
  const choices = [
    [part, files, amount, rate, left],
    [part, amount, rate, left],
    [part, amount, left],
    [part, rate, left],
    [part, left],
    done === null ? [amount] : [part],
  ].map((words) => (start + words.filter((word) => word !== "").join("  ")).trimEnd());
  return choices.find((choice) => widthOf(choice) <= columns) ?? choices.at(-1)!;
}

/** `57 %, 712 of 1,250 files, 1.2 of 2.1 GiB`. */
export function doneText(progress: Progress): string {
  const done = share(progress);
  const part = done === null ? "" : `${Math.floor(done * 100)} %, `;
  return `${part}${filesText(progress)}, ${amountText(progress)}`;
}

/** The same, and how fast it goes on, for a log. */
export function progressLine(work: Work, nowMs: number): string {
  const { rate, left } = wordsOf(work, nowMs);
  return [`sending: ${doneText(work.progress)}`, rate, left].filter((word) => word !== "").join(", ");
}

/** What there is to say. */
interface Words {
  readonly files: string;
  readonly amount: string;
  readonly rate: string;
  /** Empty if it is not known. */
  readonly left: string;
}

/** The words as wide as they get, so that they do not jump about while the numbers change. */
function steady(words: Words, progress: Progress): Words {
  const end = { ...progress, filesDone: progress.files, bytesDone: progress.bytes };
  return {
    files: words.files.padStart(widthOf(filesText(end))),
    amount: words.amount.padStart(widthOf(amountText(end))),
    rate: words.rate.padStart(rateColumns),
    left: words.left,
  };
}

function wordsOf({ progress, pace }: Work, nowMs: number): Words {
  const stall = stalledMs(pace, nowMs);
  const speed = bytesPerSecond(pace);
  const left = leftMs(pace, progress, nowMs);
  return {
    files: filesText(progress),
    amount: amountText(progress),
    rate:
      stall !== null
        ? `nothing for ${timeLeft(stall)}`
        : speed === null
          ? ""
          : `${bytes(Math.round(speed))}/s`,
    left: stall !== null || left === null ? "" : `${timeLeft(left)} left`,
  };
}

function filesText({ filesDone, files, isOpen }: Progress): string {
  return isOpen ? `${counted(filesDone, "file")} so far` : `${count(filesDone)} of ${counted(files, "file")}`;
}

/** `1.2 of 2.6 GiB`. */
function amountText({ bytesDone, bytes: all, isOpen }: Progress): string {
  if (isOpen) return bytes(bytesDone);
  const [done, total] = [amountOf(bytesDone), amountOf(all)];
  return done.unit === total.unit
    ? `${done.amount} of ${bytes(all)}`
    : `${bytes(bytesDone)} of ${bytes(all)}`;
}

function bar(done: number, columns: number, unicode: boolean): string {
  const full = Math.floor(done * columns);
  const [sign, blank] = unicode ? ["█", "░"] : ["#", "."];
  return padTo(sign.repeat(full) + blank.repeat(columns - full), columns);
}
