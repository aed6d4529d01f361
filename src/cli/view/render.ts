/** The live view as lines of text: one a target, or two in a narrow window. Pure. */
import { printable } from "../../core/printable.ts";
import type { TargetState } from "../../engine/state.ts";
import { counted, timeLeft } from "../amounts.ts";
import { cut, padTo, shorten, widthOf } from "./fit.ts";
import { progressText } from "./progress-text.ts";
import type { TargetView } from "./target-view.ts";

/** The window, the time, and what the terminal can show. */
export interface Frame {
  /** What a line may take at most. */
  readonly columns: number;
  /** How many lines there may be. */
  readonly rows: number;
  /** By a clock that does not jump. */
  readonly nowMs: number;
  readonly colour: boolean;
  /** False if only ASCII may be shown. */
  readonly unicode: boolean;
}

/** `failing`: in sync, but for some paths. */
type StateName = TargetState["state"] | "failing";

interface Look {
  readonly word: string;
  readonly mark: string;
  readonly ascii: string;
  readonly colour: number;
}

/** How states are shown. The most urgent comes first. */
const looks: Readonly<Record<StateName, Look>> = {
  halted: { word: "halted", mark: "✗", ascii: "x", colour: 31 },
  "backing-off": { word: "waiting", mark: "!", ascii: "!", colour: 33 },
  failing: { word: "failing", mark: "!", ascii: "!", colour: 33 },
  paused: { word: "paused", mark: "~", ascii: "~", colour: 33 },
  syncing: { word: "syncing", mark: "↑", ascii: ">", colour: 36 },
  connecting: { word: "connecting", mark: "·", ascii: ".", colour: 2 },
  stopped: { word: "stopped", mark: "-", ascii: "-", colour: 2 },
  idle: { word: "in sync", mark: "✓", ascii: "=", colour: 32 },
};

const byUrgency = Object.values(looks);

/** Columns below which a target gets two lines, if there is room for that. */
const narrow = 50;

/** How much of a line a name may take, and how wide it may be in any case. */
const nameShare = 0.4;
const nameMin = 8;

/** At most `frame.rows` lines, none wider than `frame.columns`. */
export function render(targets: readonly TargetView[], frame: Frame): string[] {
  const { columns, rows } = frame;
  if (targets.length === 0 || rows < 1 || columns < 1) return [];
  if (columns < narrow && targets.length * 2 <= rows) return targets.flatMap((target) => two(target, frame));
  const shown = targets.length <= rows ? targets : mostUrgent(targets, rows - 1);
  const rest = targets.filter((target) => !shown.includes(target));
  const nameMax = Math.max(nameMin, Math.floor(columns * nameShare));
  const nameColumns = Math.min(nameMax, Math.max(...shown.map(({ name }) => widthOf(plain(name))), 0));
  const wordColumns =
    columns < narrow ? 0 : Math.max(...shown.map((target) => widthOf(lookOf(target).word)), 0);
  return [
    ...shown.map((target) => one(target, nameColumns, wordColumns, frame)),
    ...(rest.length === 0 ? [] : [summary(rest, shown.length > 0, columns)]),
  ];
}

/** When the lines look different although nothing was reported: a second later, or never (null). */
export function nextFrameMs(targets: readonly TargetView[]): number | null {
  const counts = targets.some(
    ({ state, work }) =>
      work !== null || state === null || state.state === "connecting" || state.state === "backing-off",
  );
  return counts ? 1_000 : null;
}

/** Name, state and detail in a line. */
function one(target: TargetView, nameColumns: number, wordColumns: number, frame: Frame): string {
  const look = lookOf(target);
  const name = padTo(shorten(plain(target.name), nameColumns), nameColumns);
  const parts = [name, ...(wordColumns === 0 ? [] : [padTo(look.word, wordColumns)])].join("  ");
  const start = `${frame.unicode ? look.mark : look.ascii} ${parts}`;
  const room = frame.columns - widthOf(start) - 2;
  const detail = (wordColumns === 0 ? stateText : detailOf)(target, room, frame);
  const text = cut(`${start}  ${detail}`.trimEnd(), frame.columns);
  return coloured(text, target, frame);
}

/** The name in a line, all else below it. */
function two(target: TargetView, frame: Frame): string[] {
  const look = lookOf(target);
  const mark = frame.unicode ? look.mark : look.ascii;
  const name = cut(`${mark} ${shorten(plain(target.name), frame.columns - 2)}`, frame.columns);
  return [
    coloured(name, target, frame),
    cut(`  ${stateText(target, frame.columns - 2, frame)}`, frame.columns),
  ];
}

/** State and detail, where the state has no column of its own. */
function stateText(target: TargetView, room: number, frame: Frame): string {
  const detail = detailOf(target, room, frame);
  if (target.work !== null) return detail;
  const { word } = lookOf(target);
  return detail === "" ? word : `${word}, ${detail}`;
}

/** Mark and state in the colour of the state. */
function coloured(text: string, target: TargetView, { colour }: Frame): string {
  if (!colour) return text;
  const look = lookOf(target);
  const paint = (part: string) => `\x1b[${look.colour}m${part}\x1b[0m`;
  const [mark, rest] = [text.slice(0, 1), text.slice(1)];
  const at = rest.indexOf(`  ${look.word}`);
  if (at < 0) return paint(mark) + rest;
  const from = at + 2;
  const to = from + look.word.length;
  return paint(mark) + rest.slice(0, from) + paint(rest.slice(from, to)) + rest.slice(to);
}

function detailOf(target: TargetView, room: number, { nowMs, unicode }: Frame): string {
  const { state, work } = target;
  switch (state?.state) {
    case "syncing":
      return work === null ? "" : progressText(work, room, nowMs, unicode);
    case "idle":
      return idleText(target);
    case "backing-off": {
      const leftMs = target.retryAtMs - nowMs;
      const next = leftMs > 0 ? `next try in ${timeLeft(leftMs)}` : "trying again";
      return `${next}: ${plain(state.reason)}`;
    }
    case "halted":
      return plain(`${state.reason}; ${state.hint}`);
    case "connecting": {
      const sinceMs = nowMs - target.sinceMs;
      return sinceMs < 2_000 ? "" : `for ${timeLeft(sinceMs)}`;
    }
    default:
      return "";
  }
}

/** `1,234 entries, 2 paths fail, last change at 14:03:22`. */
function idleText({ entries, failing, changedAtMs }: TargetView): string {
  const parts = [
    failing > 0 && `${counted(failing, "path")} ${failing === 1 ? "fails" : "fail"}`,
    entries !== null && counted(entries, "entry", "entries"),
    changedAtMs !== null && `last change at ${new Date(changedAtMs).toTimeString().slice(0, 8)}`,
  ];
  return parts.filter((part) => part !== false).join(", ");
}

/** `and 7 more: 5 in sync, 2 connecting`. */
function summary(rest: readonly TargetView[], isMore: boolean, columns: number): string {
  const counts = byUrgency
    .map((look) => ({ look, count: rest.filter((target) => lookOf(target) === look).length }))
    .filter(({ count }) => count > 0)
    .map(({ look, count }) => `${count} ${look.word}`);
  const start = isMore ? `  and ${rest.length} more` : counted(rest.length, "target");
  return cut(`${start}: ${counts.join(", ")}`, columns);
}

/** The `count` most urgent ones, in their order. */
function mostUrgent(targets: readonly TargetView[], count: number): readonly TargetView[] {
  const rank = (target: TargetView) => byUrgency.indexOf(lookOf(target));
  const chosen = new Set(targets.toSorted((a, b) => rank(a) - rank(b)).slice(0, count));
  return targets.filter((target) => chosen.has(target));
}

function lookOf({ state, failing }: TargetView): Look {
  const is = state?.state ?? "connecting";
  return looks[is === "idle" && failing > 0 ? "failing" : is];
}

/** As it may be shown on one line of a terminal. */
function plain(text: string): string {
  return printable(text).replaceAll("\n", " ");
}
