/** What a ledger says of attributes holds for those that were mirrored when it was written. */
import { forgetAttributes } from "../core/acknowledge.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { TransferOptions } from "../target/transfer-options.ts";

/** What a ledger without a list was written with. */
const formerly = "times";

/** If attributes are mirrored now that were not before, has everything compared that the ledger holds. */
export function compareNewAttributes(ledger: Ledger, transfer: TransferOptions): void {
  // The entries themselves tell of all other attributes.
  const now = (["times", "acls", "xattrs", "hardLinks"] as const).filter((name) => transfer[name]);
  const before = (ledger.meta("attributes") ?? formerly).split(",");
  if (now.join() === before.join()) return;
  ledger.transaction(() => {
    if (now.some((name) => !before.includes(name))) forgetAttributes(ledger);
    ledger.setMeta("attributes", now.join());
  });
}
