/** Compares one target with the source, once (`tsync verify`). */
import { acknowledgeFinding } from "../core/acknowledge.ts";
import { compareInTree, countFindings, type Finding, type FindingCounts } from "../core/drift.ts";
import { Fault, isFault } from "../core/fault.ts";
import { display, type Path, root } from "../core/path.ts";
import { checkRoot, explainHalt } from "../core/safety.ts";
import { confirm } from "./confirm.ts";
import { isMarked } from "./guard.ts";
import { Verification } from "./verification.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** How much is compared at a time. */
const stepMax = { entries: 10_000, contentBytes: 1024 * 1024 * 1024 };

/** How often, and after what pauses, something is tried again that may work later. */
const pausesMs = [500, 1_000, 2_000, 4_000];

/** What verifying needs of a worker. */
type VerifyOptions = Pick<
  WorkerOptions,
  | "name"
  | "source"
  | "ledger"
  | "target"
  | "deleteExcluded"
  | "acceptDeletes"
  | "requireFile"
  | "comparesContent"
>;

/** How it is done, and who is told. */
export interface VerifyHow {
  /** True if another tsync is at work on the target. */
  readonly isLive: boolean;
  /** True if the ledger is to learn what was found. */
  readonly learn: boolean;
  /** Gets the findings in the order of the tree. */
  readonly found: (finding: Finding) => void;
  /** Gets what could not be compared. */
  readonly unreadable: (path: Path, reason: string) => void;
}

/** What a comparison came to. */
export interface Verified extends FindingCounts {
  /** How many entries were compared. */
  entries: number;
  /** How many could not be read. */
  unreadable: number;
  /** How many changed at each look. */
  changing: number;
  /** How much of what is extra tsync did not put there, as far as the ledger tells. */
  foreign: number;
}

/** Compares all of it. Changes nothing on the target. */
export async function verify(options: VerifyOptions, how: VerifyHow): Promise<Verified | Fault> {
  const connect = () => options.target.connect();
  // The other one may be just at work where only one can be.
  const lost = await (how.isLive ? patiently(options, connect) : connect());
  const fault = lost ?? checkTarget(options) ?? checkSource(options);
  if (fault !== null) return fault;
  const counts = { missing: 0, different: 0, extra: 0 };
  const total: Verified = { ...counts, entries: 0, unreadable: 0, changing: 0, foreign: 0 };
  const verification = new Verification(options, stepMax);
  let waiting: Finding[] = [];
  /** Tells what nothing that comes later belongs before. */
  const tell = (frontier: Path | null) => {
    const isDue = ({ path }: Finding) => frontier === null || compareInTree(path, frontier) <= 0;
    const due = waiting.filter(isDue);
    waiting = waiting.filter((finding) => !isDue(finding));
    for (const finding of due.sort((a, b) => compareInTree(a.path, b.path))) how.found(finding);
  };
  for (;;) {
    const step = await patiently(options, () => verification.next());
    if (step === null) break;
    if (isFault(step)) return step;
    // With the source gone, everything would be extra.
    const gone = step.findings.some(({ is }) => is === "extra") ? checkSource(options) : null;
    if (gone !== null) return gone;
    const confirmed = await patiently(options, () => confirm(options, step.findings, how.isLive));
    if (isFault(confirmed)) return confirmed;
    total.entries += step.entries;
    total.unreadable += step.unreadable.length;
    total.changing += confirmed.changing;
    countFindings(total, confirmed.findings);
    for (const { is, path } of confirmed.findings)
      if (is === "extra" && options.ledger.get(path) === null) total.foreign++;
    for (const { path, reason } of step.unreadable) how.unreadable(path, reason);
    if (how.learn) learn(options, confirmed.findings);
    waiting.push(...confirmed.findings);
    tell(verification.frontier);
  }
  tell(null);
  return total;
}

/** Does `work`, again on a new connection if the one that there was is lost or busy. */
async function patiently<T>({ target }: VerifyOptions, work: () => Promise<T | Fault>): Promise<T | Fault> {
  let result = await work();
  for (const pauseMs of pausesMs) {
    if (!isFault(result) || !result.retry) break;
    await Bun.sleep(pauseMs);
    result = (await target.connect()) ?? (await work());
  }
  return result;
}

function learn({ ledger }: VerifyOptions, findings: readonly Finding[]): void {
  ledger.transaction(() => {
    for (const finding of findings) acknowledgeFinding(ledger, finding);
  });
}

/** Says that the target is not the one that the ledger is about. */
function checkTarget({ name, ledger, target }: VerifyOptions): Fault | null {
  const known = ledger.meta("identity");
  const hint = "mount or restore it; tsync sync compares everything with it and sends what differs";
  if (known !== null && known !== target.identity)
    return new Fault("target", `the target ${name} is another directory than before`, hint);
  if (target.isEmpty && !ledger.isEmpty())
    return new Fault("target", `the target ${name} is empty, but was not before`, hint);
  return null;
}

/** Says that the source is not what it was. */
function checkSource(options: VerifyOptions): Fault | null {
  const { source, ledger, acceptDeletes, requireFile } = options;
  const names = source.list(root);
  const isEmpty = Array.isArray(names) && !names.some((name) => source.look(name) !== null);
  const found = checkRoot({ root: source.look(root), isEmpty }, ledger.get(root), !ledger.isEmpty());
  const halt = isMarked(options) ? (acceptDeletes ? null : found) : "source-unmarked";
  if (halt === null) return null;
  const { message, hint } = explainHalt(halt, display(source.base), display(requireFile ?? root));
  return new Fault("halted", message, hint);
}
