/** Tells what happens: lines for people, and JSON lines for programs; where to, see lines.ts. */
import { type ConsolaInstance, createConsola } from "consola/core";
import type { Fault, Faults } from "../core/fault.ts";
import { display } from "../core/path.ts";
import { printable } from "../core/printable.ts";
import { RateLimiter } from "../core/rate-limit.ts";
import type { Done, Report } from "../engine/report.ts";
import { steadyMs } from "../system/steady-clock.ts";
import type { Terminal } from "../system/terminal.ts";
import { bytes, count, counted, duration } from "./amounts.ts";
import { driftLine, driftObject } from "./drift-printer.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Level, Lines } from "./lines.ts";

/** How much is printed, and in which form. */
export interface PrinterOptions {
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  /** The mirror that all of it is about, if it has a name. */
  readonly mirror?: string;
  /** In front of each line. */
  readonly prefix?: string;
  /** Where questions may be open: lines go above them. */
  readonly terminal?: Terminal;
  /** Where lines go; without it, to the standard outputs. */
  readonly lines?: Lines;
}

type Verified = Extract<Report, { event: "verified" }>;

/** How much one event may print with `--verbose`. */
const linesMax = 1_000;

/** How many paths that fail or work again are named one by one, and in which time. */
const lineLimits = { countMax: 20, windowMs: 10_000 };

/** How often a program is told of progress. */
const progressEveryMs = 1_000;

/** See above. */
export class Printer {
  readonly #console: ConsolaInstance;
  readonly #lines: Lines;
  readonly #limiter = new RateLimiter(lineLimits);
  /** When the progress of a target was last told to programs. */
  readonly #progressMs = new Map<string, number>();
  #flushing: Timer | null = null;

  constructor(private readonly options: PrinterOptions) {
    this.#lines = options.lines ?? new Lines(options);
    this.#console = createConsola({
      level: options.quiet ? 1 : options.verbose ? 4 : 3,
      reporters: [
        {
          // What is said may hold what a server said.
          log: ({ type, args }) =>
            this.#lines.say(levelOf(type), (options.prefix ?? "") + printable(args.join(" "))),
        },
      ],
    });
  }

  /** For the mirror called `name`: which one it is stands in each line if there are `several`, and in JSON. */
  of(name: string | null, several: boolean): Printer {
    if (name === null) return this;
    return new Printer({ ...this.options, mirror: name, ...(several ? { prefix: `${name}: ` } : {}) });
  }

  /** Something that is neither an event of a mirror nor an error. */
  info(text: string): void {
    this.#console.info(text);
  }

  /** A failure that ends the command. */
  fault(fault: Fault): void {
    if (this.#lines.takesEvents)
      this.#json({ event: "error", code: fault.code, reason: fault.message, hint: fault.hint });
    this.#console.error(fault.toString());
  }

  /** Failures that end the command; returns its exit code. */
  faults({ list }: Faults): number {
    for (const fault of list) this.fault(fault);
    return exitCodes[list[0]!.code];
  }

  /** An event of a mirror. */
  report(report: Report): void {
    if (this.#lines.takesEvents && this.#isForPrograms(report))
      this.#json(toJson(report, this.options.verbose));
    if (this.#isTooMuch(report)) return;
    switch (report.event) {
      case "connected":
        this.#console.info(`connected to ${report.target}`);
        break;
      case "batch":
        for (const done of report.done.slice(0, linesMax)) this.#console.debug(describe(done));
        this.#console.info(`${report.target}: ${summary(report)} in ${duration(report.elapsedMs)}`);
        break;
      case "in-sync": {
        const failing =
          report.failing === 0 ? "" : `, except for ${counted(report.failing, "path")} that fail`;
        this.#console.info(
          `${report.target} is in sync (${counted(report.entries, "entry", "entries")})${failing}`,
        );
        break;
      }
      case "kept":
        this.#console.info(
          `${report.target}: ${counted(report.count, "entry", "entries")} there that the source does not have ` +
            `(${display(report.example)}${report.count > 1 ? ", …" : ""}), kept; --delete exact would remove them`,
        );
        break;
      case "failing":
        this.#console.warn(
          `${report.target}: ${display(report.path)}: ${report.reason}; next try in ${duration(report.retryMs)}`,
        );
        break;
      case "recovered":
        this.#console.info(`${report.target}: ${display(report.path)} works again`);
        break;
      case "disconnected": {
        const hint = report.hint === "" ? "" : `; ${report.hint}`;
        this.#console.warn(
          `${report.target}: ${report.reason}${hint}; next try in ${duration(report.retryMs)}`,
        );
        break;
      }
      case "halted":
        this.#console.error(`${report.target}: halted: ${report.reason}; ${report.hint}`);
        break;
      case "resumed":
        this.#console.info(`${report.target}: the source is back, going on`);
        break;
      case "drift":
        this.#console.warn(`${report.target}: changed there by somebody else: ${driftLine(report)}`);
        break;
      case "verified":
        this.#console.info(`${report.target}: ${verifiedText(report)}`);
        break;
      case "hook-output":
        this.#console.info(`${report.target}: ${report.hook}: ${report.line}`);
        break;
      case "hook-failed": {
        const hint = report.hint === "" ? "" : `; ${report.hint}`;
        this.#console.warn(`${report.target}: ${report.hook}: ${report.reason}${hint}`);
        break;
      }
      case "gave-up": {
        // Without others the end of the mirror tells it at once.
        const hint = report.hint === "" ? "" : `; ${report.hint}`;
        const others = counted(report.others, "other target goes", "other targets go");
        if (report.others > 0)
          this.#console.warn(
            `${report.target}: given up (--insist would try again): ${report.reason}${hint}; ${others} on`,
          );
        break;
      }
      case "said":
        this.#console.info(`${report.target}: ${report.line}`);
        break;
      case "warning":
        this.#console.warn(`${report.reason}${report.hint === "" ? "" : `; ${report.hint}`}`);
        break;
    }
  }

  /** Tells how much was not told. */
  flush(end = true): void {
    for (const [text, count] of this.#limiter.takeHeldBack(Date.now(), end))
      this.#console.warn(`${text.replace("#", counted(count, "more path"))}; -v names all`);
  }

  /** True if there were many lines of the kind of `report` already: it is counted, and told later. */
  #isTooMuch(report: Report): boolean {
    if (this.options.verbose || (report.event !== "failing" && report.event !== "recovered")) return false;
    const what = report.event === "failing" ? "failed" : "worked again";
    if (this.#limiter.allows(`${report.target}: # ${what}`, Date.now())) return false;
    this.#flushing ??= setInterval(() => this.flush(false), lineLimits.windowMs / 2).unref();
    return true;
  }

  /** False for what would be told too often. */
  #isForPrograms(report: Report): boolean {
    if (report.event === "progress-end") return false;
    if (report.event !== "progress") return true;
    const nowMs = steadyMs();
    if (nowMs - (this.#progressMs.get(report.target) ?? 0) < progressEveryMs) return false;
    this.#progressMs.set(report.target, nowMs);
    return true;
  }

  #json(event: object): void {
    const { mirror } = this.options;
    this.#lines.event(JSON.stringify(mirror === undefined ? event : { mirror, ...event }));
  }
}

function levelOf(type: string): Level {
  return type === "error" || type === "warn" || type === "debug" ? type : "info";
}

/** `3 moved, 1 removed, 12 sent (4.2 KiB of content)`. */
function summary(report: Extract<Report, { event: "batch" }>): string {
  const parts = [
    report.moved > 0 && `${count(report.moved)} moved`,
    report.removed > 0 && `${count(report.removed)} removed`,
    report.directories > 0 && `${counted(report.directories, "directory", "directories")} made`,
    report.modes > 0 && `${counted(report.modes, "mode")} set`,
    report.sent > 0 && `${count(report.sent)} sent (${bytes(report.contentBytes)} of content)`,
  ];
  const only = report.done.length === 1 ? ` [${display(report.done[0]!.path)}]` : "";
  return parts.filter((part) => part !== false).join(", ") + only;
}

/** `1,234 entries compared in 2 s: 1 missing, 2 different, 3 extra`. */
function verifiedText({ entries, unreadable, elapsedMs, missing, different, extra }: Verified): string {
  const parts = [
    missing > 0 && `${count(missing)} missing`,
    different > 0 && `${count(different)} different`,
    extra > 0 && `${count(extra)} extra`,
    unreadable > 0 && `${count(unreadable)} that cannot be compared`,
  ].filter((part) => part !== false);
  const found = parts.length === 0 ? "all are as they should be" : parts.join(", ");
  return `${counted(entries, "entry", "entries")} compared in ${duration(elapsedMs)}: ${found}`;
}

/** One operation in a few words, as `--verbose` and `--dry-run` print it. */
export function describe(done: Done): string {
  const path = display(done.path);
  switch (done.do) {
    case "move":
      return `move ${display(done.from ?? "")} -> ${path}`;
    case "remove":
      return `remove ${path}`;
    case "remove-directory":
      return `remove directory ${path}`;
    case "remove-tree":
      return `remove ${path} with all in it`;
    case "make-directory":
      return `make directory ${path}`;
    case "set-mode":
      return `set mode of ${path}`;
    case "send":
      return `send ${path}`;
  }
}

/** Paths as text; what was done one by one only if it is asked for. */
function toJson(report: Report, verbose: boolean): object {
  const time = new Date().toISOString();
  if (report.event === "batch") {
    const { done, ...rest } = report;
    const shown = done.map((one) => ({
      ...one,
      path: display(one.path),
      ...(one.from && { from: display(one.from) }),
    }));
    return { time, ...rest, ...(verbose ? { done: shown } : {}) };
  }
  if (report.event === "drift") {
    const { event, target } = report;
    return { time, event, target, ...driftObject(report) };
  }
  if ("path" in report) return { time, ...report, path: display(report.path) };
  if ("example" in report) return { time, ...report, example: display(report.example) };
  return { time, ...report };
}
