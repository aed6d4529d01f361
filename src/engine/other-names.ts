/** Hard links: sends all names of a file in one transfer, so that they become one file on the target as well. */
import { difference } from "../core/diff.ts";
import { sameIdentity } from "../core/entry.ts";
import type { Send } from "../core/operation.ts";
import { byIdentity } from "../core/transfers.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { SourceTree } from "../watch/source-tree.ts";

/** `sends` with the other names that the target holds of the same files. */
export function withOtherNames(sends: readonly Send[], ledger: Ledger, source: SourceTree): Send[] {
  return byIdentity(sends).flatMap((group) => {
    const [{ entry }] = group as [Send];
    if (entry.kind !== "file") return group;
    const paths = new Set(group.map(({ path }) => path));
    const others = ledger.find(entry).filter((path) => !paths.has(path));
    let isClean = group.every(({ path }) => ledger.get(path) === null);
    const added: Send[] = [];
    for (const path of others) {
      const now = source.look(path);
      const held = ledger.get(path);
      if (now === null || held === null || !sameIdentity(now, entry)) continue;
      isClean &&= difference(held, now) === "same";
      added.push({ path, entry: now, compare: "changed" });
    }
    if (group.length + added.length === 1) return group;
    // New names of what is there as it should be: a link is made, and nothing compared block by block.
    const isEqual = added.length > 0 ? isClean : group.every((send) => send.compare === "unless-equal");
    const compare = isEqual ? "unless-equal" : "changed";
    return [...group, ...added].map((send) => ({ ...send, compare }));
  });
}
