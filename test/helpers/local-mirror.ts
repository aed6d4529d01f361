/** A mirror within the process of the test, of a folder to another one. */
import { fromText } from "../../src/core/path.ts";
import { usualDeletionLimit } from "../../src/core/safety.ts";
import { Mirror, type MirrorOptions } from "../../src/engine/mirror.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { LocalTarget } from "../../src/target/local.ts";
import type { Target } from "../../src/target/target.ts";
import { defaultTransfer } from "../../src/target/transfer-options.ts";
import { type SelectionOptions, wholeSource } from "../../src/watch/selection.ts";
import { Source } from "../../src/watch/source.ts";
import type { ViewRules } from "../../src/watch/view.ts";

/** See above. */
export interface LocalMirrorOptions
  extends Pick<MirrorOptions, "behindLinksMs" | "groundMs" | "surroundings"> {
  readonly report?: MirrorOptions["report"];
  /** What of the source is mirrored. */
  readonly selection?: SelectionOptions;
  /** How the source is looked at. */
  readonly view?: ViewRules | null;
  /** The target, if it is none like all others. */
  readonly target?: Target;
}

/** Mirrors `folder/source` to `folder/target`; to be watched and stopped. */
export function makeLocalMirror(folder: string, options: LocalMirrorOptions = {}): Mirror {
  const { report = () => {}, selection = wholeSource, view = null, target, ...rest } = options;
  const base = fromText(`${folder}/source`);
  return new Mirror({
    ...rest,
    name: null,
    source: new Source(base),
    report,
    workers: [
      {
        name: "target",
        source: new Source(base, selection, view),
        ledger: Ledger.open(":memory:") as Ledger,
        target: target ?? makeLocalTarget(folder, view?.links?.copyLinks),
        delete: "tracked",
        sending: { parallel: 1, hardLinks: false },
        unseenAttributes: false,
        deleteExcluded: false,
        deletionLimit: usualDeletionLimit,
        delayMs: 0,
        countMax: Number.POSITIVE_INFINITY,
        follow: null,
        initialSync: true,
        insist: false,
        acceptDeletes: false,
        settleMs: 10,
        delayMaxMs: 1_000,
      },
    ],
  });
}

/** The target of `makeLocalMirror`. */
export function makeLocalTarget(folder: string, copyLinks = false): LocalTarget {
  const base = fromText(`${folder}/source`);
  return new LocalTarget(fromText(`${folder}/target`), base, true, { ...defaultTransfer, copyLinks });
}
