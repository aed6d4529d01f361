/** Makes the hooks of a mirror's targets run: here, or on the target's host. */
import { Fault } from "../core/fault.ts";
import { display } from "../core/path.ts";
import type { MirrorOptions } from "../engine/mirror.ts";
import type { Report, Reporter } from "../engine/report.ts";
import { commandHook, type StartProgram } from "../hooks/command-hook.ts";
import { functionHook } from "../hooks/function-hook.ts";
import { HookLog } from "../hooks/hook-log.ts";
import { type Debt, OwedHook } from "../hooks/owed-hook.ts";
import { type PlannedHook, TargetHooks } from "../hooks/target-hooks.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ledgerFault } from "../ledger/open-database.ts";
import { startProgram } from "../system/program.ts";
import type { Target } from "../target/target.ts";
import type { WantedHook } from "./hook-options.ts";
import type { Prepared } from "./prepare.ts";

type Worker = MirrorOptions["workers"][number];

/** See above. What hooks print, and how they fail, goes to `report`. */
export class MirrorHooks {
  readonly #targets: ReadonlyMap<string, TargetHooks>;

  constructor({ name, source, workers, hooks }: Prepared, report: Reporter) {
    const targets = workers.map((worker, at): [string, TargetHooks] => {
      const about = { mirror: name, source: display(source.base || "/"), target: worker.name };
      return [
        worker.name,
        new TargetHooks(
          about,
          hooks[at]!.map((hook) => planned(hook, worker, report)),
        ),
      ];
    });
    this.#targets = new Map(targets);
  }

  /** The same worker, which waits for hooks where that is asked for. */
  awaitedBy(worker: Worker): Worker {
    return { ...worker, hold: () => this.#targets.get(worker.name)!.hold };
  }

  /** Something happened. */
  report(report: Report): void {
    if ("target" in report) this.#targets.get(report.target)?.report(report);
  }

  /** Resolves when no hook runs or waits. */
  async finish(): Promise<void> {
    await Promise.all([...this.#targets.values()].map((hooks) => hooks.finish()));
  }

  /** Lets the hooks that run go on for a moment, then ends them. */
  stop(): void {
    for (const hooks of this.#targets.values()) void hooks.stop();
  }
}

function planned({ name, run, timeoutMs, waits }: WantedHook, worker: Worker, report: Reporter): PlannedHook {
  const log = new HookLog({ target: worker.name, hook: name }, report);
  if (typeof run === "function") return { name, waits, hook: functionHook(run, timeoutMs, log) };
  if (name !== "on-synced-remote") {
    return { name, waits, hook: commandHook(startHere(run as readonly string[]), timeoutMs, log) };
  }
  const hook = commandHook(startThere(worker.target, run), timeoutMs, log);
  return { name, waits, hook: new OwedHook(hook, debtIn(worker.ledger)) };
}

function startHere(argv: readonly string[]): StartProgram {
  return async (input) => {
    const program = startProgram(argv, input);
    if (!("problem" in program)) return program;
    return new Fault("missing-program", `${argv[0]} cannot be started: ${program.problem}`);
  };
}

function startThere(target: Target, run: readonly string[] | string): StartProgram {
  return async (input) =>
    (await target.start?.(run, input)) ?? new Fault("target", "nothing can be run there");
}

function debtIn(ledger: Ledger): Debt {
  return {
    isOwed: () => ledger.meta("remote-hook") === "owed",
    set: (isOwed) => {
      try {
        ledger.setMeta("remote-hook", isOwed ? "owed" : "done");
      } catch (error) {
        // The disk fails: that it stays owed does no harm, and whoever writes next tells of it.
        if (isOwed || ledgerFault(error) === null) throw error;
      }
    },
  };
}
