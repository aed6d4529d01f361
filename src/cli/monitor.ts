/** `--metrics` and `--web`: what a running tsync shows of itself over TCP. */
import { Faults, isFault } from "../core/fault.ts";
import type { ProgramStatus } from "../engine/status.ts";
import { type Address, formatAddress, parseAddress } from "../monitor/address.ts";
import type { Server } from "../monitor/server.ts";
import { type Arguments, hasFlag, textOf } from "./arguments.ts";

/** How old a status may be: however many ask, it is gathered only so often. */
const ageMaxMs = 500;

/** What is asked for at one address. */
interface MonitorWish {
  readonly option: string;
  readonly address: Address;
  readonly hasPage: boolean;
}

/** See above. */
export class Monitor {
  readonly #servers: { readonly server: Server; readonly hasPage: boolean }[] = [];
  #status: (() => ProgramStatus) | null = null;
  #last: ProgramStatus | null = null;

  /** Listens where `args` say so; until `show`, it answers that tsync is starting. Null, or what is wrong with it. */
  async listen(args: Arguments): Promise<Faults | null> {
    const wishes = monitorWishes(args);
    if (wishes instanceof Faults) return wishes;
    // In a dry run nothing goes on that could be looked at.
    if (wishes.length === 0 || hasFlag(args, "dry-run")) return null;
    const { serve } = await import("../monitor/server.ts");
    for (const wish of wishes) {
      const server = await serve({ ...wish, status: () => this.#current() });
      if (isFault(server)) return new Faults([server]);
      this.#servers.push({ server, hasPage: wish.hasPage });
    }
    return null;
  }

  /** Where what can be seen, a line each. */
  get places(): readonly string[] {
    return this.#servers.map(({ server: { address, isLocal }, hasPage }) => {
      const url = `http://${formatAddress(address)}`;
      const readers = isLocal ? "" : ", for everybody who can reach it";
      return hasPage
        ? `what tsync is doing is shown at ${url}/${readers}`
        : `metrics are at ${url}/metrics${readers}`;
    });
  }

  /** From now on it shows what `status` says. */
  show(status: () => ProgramStatus): void {
    this.#status = status;
  }

  /** Stops to listen, and cuts all connections. */
  close(): void {
    for (const { server } of this.#servers) server.stop();
  }

  #current(): ProgramStatus | null {
    if (this.#status === null) return null;
    if (this.#last === null || Math.abs(Date.now() - this.#last.nowMs) > ageMaxMs)
      this.#last = this.#status();
    return this.#last;
  }
}

/** What `args` ask for, one wish for each address (the page has the metrics, too), or what is wrong with it. */
export function monitorWishes(args: Arguments): readonly MonitorWish[] | Faults {
  const wishes: MonitorWish[] = [];
  for (const [name, hasPage] of [
    ["web", true],
    ["metrics", false],
  ] as const) {
    const text = textOf(args, name);
    if (text === null) continue;
    const address = parseAddress(text, `--${name}`);
    if (isFault(address)) return new Faults([address]);
    const isThere = wishes.some((wish) => formatAddress(wish.address) === formatAddress(address));
    if (!isThere) wishes.push({ option: `--${name}`, address, hasPage });
  }
  return wishes;
}
