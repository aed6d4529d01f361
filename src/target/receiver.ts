/** An `rsync --server` on the target that was greeted, and waits for files. */
import { finished } from "node:stream/promises";
import { Fault } from "../core/fault.ts";
import { channelExit } from "../ssh/channel-exit.ts";
import type { RemoteCommand } from "./remote-command.ts";
import { ByteReader, WireError } from "./wire/byte-reader.ts";
import { type Greeting, greet, readGreeting, UnsupportedServer } from "./wire/greeting.ts";

/** How much is kept of what it complains of. */
const complaintsMax = 64 * 1024;

/** How a server ended. */
export interface ReceiverEnd {
  /** Exit code; null if a signal or the end of the connection ended it. */
  readonly code: number | null;
}

/** See above. */
export class Receiver {
  /** Resolves when it has ended, after the last of what it said. */
  readonly closed: Promise<ReceiverEnd>;
  #complaints = "";
  #isClosed = false;
  #isPaused = false;
  #isGivenUp = false;
  /** Ends the wait of `send`. */
  #endWait = () => {};
  #onData: ((data: Buffer) => void) | null = null;
  #greeting: Greeting | null = null;

  private constructor(
    private readonly command: RemoteCommand,
    private readonly describe: string,
  ) {
    const { channel, output, errors } = command;
    errors.on("data", (data: Buffer) => {
      if (this.#complaints.length < complaintsMax) this.#complaints += data.toString("latin1");
    });
    output.on("data", (data: Buffer) => this.#onData?.(data));
    const exit = channelExit(channel);
    this.closed = Promise.all([exit, finished(output), finished(errors)]).then(([{ code }]) => {
      this.#isClosed = true;
      return { code };
    });
  }

  /**
   * Waits for the greeting, `patienceMs` at most. Fault: "missing-program" if the server will never do, else
   * "connection".
   */
  static async greeted(
    command: RemoteCommand,
    describe: string,
    patienceMs: number,
  ): Promise<Receiver | Fault> {
    const receiver = new Receiver(command, describe);
    const reader = new ByteReader(readGreeting());
    const { promise, resolve } = Promise.withResolvers<Fault | null>();
    const timer = setTimeout(
      () => resolve(receiver.#fault(`did not answer for ${patienceMs / 1000} s`)),
      patienceMs,
    );
    receiver.#onData = (data) => {
      try {
        const rest = reader.push(data);
        if (reader.result === undefined) return;
        // It has nothing to say before it knows of files.
        resolve(rest.length === 0 ? null : receiver.#fault("says more than it should"));
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        resolve(receiver.#fault(error.message, error instanceof UnsupportedServer));
      }
    };
    void receiver.closed.then(() =>
      resolve(receiver.#fault(command.said || receiver.#lastComplaint || "ended at once")),
    );
    await receiver.send([greet()]);
    const fault = await promise;
    clearTimeout(timer);
    receiver.#onData = null;
    if (fault === null) {
      receiver.#greeting = reader.result!;
      return receiver;
    }
    receiver.dismiss();
    return fault;
  }

  get greeting(): Greeting {
    return this.#greeting!;
  }

  /** What it said besides the protocol, as a byte string. */
  get complaints(): string {
    return this.#complaints;
  }

  /** From now on, what it sends goes to `take`. */
  onData(take: (data: Buffer) => void): void {
    this.#onData = take;
  }

  /** Whether more of it is read. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.command.output.pause();
    else this.command.output.resume();
  }

  /** Sends `pieces`, and waits until they are on their way: their memory can be used again then. */
  async send(pieces: readonly Buffer[]): Promise<void> {
    const { channel } = this.command;
    let waiting = pieces.length;
    if (waiting === 0 || !this.#isOpen) return;
    // (When the connection is lost, nothing but `close` comes; on a line that is dead, not even that.)
    await new Promise<void>((resolve) => {
      const done = () => {
        channel.off("close", done);
        resolve();
      };
      this.#endWait = done;
      channel.on("close", done);
      for (const piece of pieces) {
        channel.write(piece, () => {
          waiting--;
          if (waiting === 0) done();
        });
      }
    });
  }

  /** Says that nothing more will come: it ends then. */
  dismiss(): void {
    this.setPaused(false);
    this.command.dismiss();
  }

  /** Ends it, in whatever it does. */
  close(): void {
    this.#isGivenUp = true;
    this.setPaused(false);
    this.command.close();
    this.#endWait();
  }

  get #isOpen(): boolean {
    return !this.#isClosed && !this.#isGivenUp && this.command.channel.writable;
  }

  get #lastComplaint(): string {
    return this.#complaints.trim().split("\n").at(-1) ?? "";
  }

  #fault(what: string, isForGood = false): Fault {
    const code = isForGood ? "missing-program" : "connection";
    return new Fault(code, `rsync --server on ${this.describe}: ${what}`, "", !isForGood);
  }
}
