/** Notices that this machine got a network: Bun hears of no such thing, so its addresses are looked at. */
import { networkInterfaces } from "node:os";

const lookMs = 2_000;

/** Calls `listener` when this machine has an address that it had not when it was last looked at. Returns what ends it. */
export function onNewAddress(
  listener: () => void,
  { everyMs = lookMs, addresses = ownAddresses }: { everyMs?: number; addresses?: () => Set<string> } = {},
): () => void {
  let known = addresses();
  const timer = setInterval(() => {
    const now = addresses();
    const isNew = [...now].some((address) => !known.has(address));
    known = now;
    if (isNew) listener();
  }, everyMs);
  return () => clearInterval(timer);
}

function ownAddresses(): Set<string> {
  const all = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? []).map(({ address }) => `${name} ${address}`),
  );
  return new Set(all);
}
