/** What the engine has of the machine that it runs on. Others can stand in for it. */
import { type Clock, systemClock } from "../system/clock.ts";
import { onNewAddress } from "../system/network-change.ts";
import type { SourceTree } from "../watch/source-tree.ts";
import { Watcher, type WatcherEvents } from "../watch/watcher.ts";

/** What tells where in a tree something happened; see `Watcher`. */
export type Watching = Pick<Watcher, "start" | "barrier" | "settled" | "isOutdated" | "counts" | "stop">;

/** See above. */
export interface Surroundings {
  readonly clock: Clock;
  /** Calls `listener` when this machine has got a network; what is returned ends that. */
  onNewAddress(listener: () => void): () => void;
  /** Makes what watches `source`. */
  watcher(source: SourceTree, events: WatcherEvents): Watching;
}

/** The machine itself. */
export const thisMachine: Surroundings = {
  clock: systemClock,
  onNewAddress: (listener) => onNewAddress(listener),
  watcher: (source, events) => new Watcher(source, events),
};
