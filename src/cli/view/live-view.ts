/** Shows on a terminal what each target is doing, below the lines that are printed. */
import type { Report } from "../../engine/report.ts";
import { StatusArea } from "../../system/status-area.ts";
import { steadyMs } from "../../system/steady-clock.ts";
import type { Terminal } from "../../system/terminal.ts";
import { nextFrameMs, render } from "./render.ts";
import { afterReport, newTarget, type TargetView } from "./target-view.ts";

/** How long a frame stays at least. */
const frameMs = 125;

/** How long it takes until the first one: what is over by then needs none. */
const firstMs = 300;

/** How soon it is tried again to show what could not be shown. */
const againMs = 1_000;

/** How much of the window the view takes at most. */
const rowsShare = 0.6;

type Environment = Record<string, string | undefined>;

/** True if standard error is a terminal that can show more than lines. */
export function canShowView(env: Environment): boolean {
  return process.stderr.isTTY === true && env.TERM !== undefined && env.TERM !== "dumb";
}

/** See above. */
export class LiveView {
  readonly #mirrors = new Set<MirrorView>();
  readonly #area: StatusArea;
  readonly #look: { readonly colour: boolean; readonly unicode: boolean };
  #timer: Timer | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #shownMs = steadyMs() + firstMs - frameMs;

  constructor(terminal: Terminal, env: Environment) {
    const charset = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
    this.#look = { colour: !env.NO_COLOR, unicode: /utf-?8/i.test(charset) };
    this.#area = new StatusArea(process.stderr as never, () => this.#draw());
    terminal.keepBelow(this.#area);
  }

  /** Shows a mirror's targets, with its name if there is one to be told, until it is removed. */
  add(mirror: string | null, targets: readonly string[]): MirrorView {
    const update = () => this.#wake(this.#shownMs + frameMs);
    const remove = () => {
      this.#mirrors.delete(view);
      update();
    };
    const view = new MirrorView(mirror, targets, { update, remove });
    this.#mirrors.add(view);
    update();
    return view;
  }

  /** Takes it off the screen. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#area.close();
  }

  #wake(atMs: number): void {
    if (this.#dueMs <= atMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueMs = atMs;
    this.#timer = setTimeout(() => this.#draw(), Math.max(0, atMs - steadyMs())).unref();
  }

  #draw(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    const nowMs = steadyMs();
    if (!this.#area.isReady) {
      this.#wake(nowMs + againMs);
      return;
    }
    const targets = [...this.#mirrors].flatMap((mirror) => mirror.targets);
    const { columns, rows } = this.#area.size;
    this.#area.show(
      render(targets, {
        // A terminal would go to the next line behind the last column.
        columns: columns - 1,
        rows: Math.floor((rows - 1) * rowsShare),
        nowMs,
        ...this.#look,
      }),
    );
    this.#shownMs = nowMs;
    const nextMs = nextFrameMs(targets);
    if (nextMs !== null) this.#wake(nowMs + nextMs);
  }
}

/** The targets of one mirror in the view. */
class MirrorView {
  readonly #targets: Map<string, TargetView>;

  constructor(
    mirror: string | null,
    targets: readonly string[],
    private readonly view: { readonly update: () => void; readonly remove: () => void },
  ) {
    const nowMs = steadyMs();
    const shown = (target: string) => (mirror === null ? target : `${mirror}: ${target}`);
    this.#targets = new Map(targets.map((target) => [target, newTarget(shown(target), nowMs)]));
  }

  get targets(): TargetView[] {
    return [...this.#targets.values()];
  }

  /** An event of the mirror. */
  report(report: Report): void {
    if (!("target" in report)) return;
    const target = this.#targets.get(report.target);
    if (target === undefined) return;
    const after = afterReport(target, report, steadyMs(), Date.now());
    if (after === target) return;
    this.#targets.set(report.target, after);
    this.view.update();
  }

  /** It has ended. */
  remove(): void {
    this.view.remove();
  }
}
