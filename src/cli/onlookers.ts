/** Tells those who look on how the mirrors do: the process that started this one in the background, and the service manager. */
import type { Report } from "../engine/report.ts";
import { ServiceManager } from "../service/service-manager.ts";
import type { Starter } from "./background.ts";
import type { Lines } from "./lines.ts";
import type { Prepared } from "./prepare.ts";
import type { Printer } from "./printer.ts";
import type { RunningMirrors } from "./running.ts";
import { type Awaited, StartUp } from "./start-up.ts";
import { statusText } from "./status-text.ts";

/** What they are told through. */
export interface OnlookersOptions {
  readonly printer: Printer;
  readonly lines: Lines;
  /** Waits until all is well; null if nobody does. */
  readonly starter: Starter | null;
}

/** See above. */
export class Onlookers {
  readonly #manager: ServiceManager | null;
  readonly #startUp: StartUp;
  #running: RunningMirrors | null = null;

  /** Those of the mirrors `prepared`. */
  constructor(
    prepared: readonly Prepared[],
    private readonly options: OnlookersOptions,
  ) {
    const { printer, starter } = options;
    const hint = "it may take this tsync for one that failed";
    const warn = (reason: string) => printer.report({ event: "warning", reason, hint });
    this.#manager = ServiceManager.find(process.env, warn);
    this.#startUp = new StartUp(awaitedOf(prepared, starter !== null), {
      ready: () => this.#ready(),
      failed: () => {
        // Somebody waits to hear that all targets are served.
        if (starter !== null || this.#manager !== null) this.#running?.stop();
      },
    });
  }

  /** `running` begins to work. */
  begin(running: RunningMirrors): void {
    this.#running = running;
    this.#manager?.watch(() => !running.isStuck);
    this.#startUp.begin();
  }

  /** Takes a report of the mirror with this name. */
  report(mirror: string | null, report: Report): void {
    this.#startUp.report(mirror, report);
    const running = this.#running;
    if (report.event === "state" && running !== null)
      this.#manager?.status(() => statusText(running.status()));
  }

  /** Another configuration is being taken over. */
  reloading(done: Promise<unknown>): void {
    if (!this.#startUp.isOver) return;
    this.#manager?.reloading();
    void done.finally(() => this.#manager?.ready());
  }

  /** The program comes to its end. */
  stopping(): void {
    this.#manager?.stopping();
  }

  #ready(): void {
    const { starter, lines, printer } = this.options;
    if (starter !== null) {
      lines.detach();
      printer.info(`going on in the background as process ${process.pid}`);
      starter.leave();
    }
    this.#manager?.ready();
  }
}

/** The targets that must be connected before the start is over; those that may fail are awaited only if told so. */
function awaitedOf(prepared: readonly Prepared[], alsoInsisting: boolean): Awaited[] {
  return prepared
    .flatMap(({ name: mirror, workers }) =>
      workers.map(({ name: target, insist }) => ({ mirror, target, mayFail: insist })),
    )
    .filter(({ mayFail }) => alsoInsisting || !mayFail);
}
