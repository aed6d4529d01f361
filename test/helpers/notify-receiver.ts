/** Stands in for systemd: a datagram socket that sd_notify messages are sent to. */
import { dlopen, FFIType, ptr } from "bun:ffi";
import { closeSync } from "node:fs";
import { waitUntil } from "./process.ts";

const { symbols } = dlopen("libc.so.6", {
  socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  bind: { args: [FFIType.i32, FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
  recv: { args: [FFIType.i32, FFIType.ptr, FFIType.u64, FFIType.i32], returns: FFIType.i64 },
});

const [unixFamily, datagram, withoutWaiting] = [1, 0x80002, 0x40];

/** See above. */
export class NotifyReceiver {
  readonly #fd: number;
  readonly #messages: string[] = [];

  /** `name` as NOTIFY_SOCKET has it: a path, or `@` and an abstract name. */
  constructor(readonly name: string) {
    const address = Buffer.from(`\x01\0${name.startsWith("@") ? name.replace("@", "\0") : `${name}\0`}`);
    this.#fd = symbols.socket(unixFamily!, datagram!, 0);
    if (symbols.bind(this.#fd, ptr(address), address.length) !== 0) throw new Error(`cannot bind ${name}`);
  }

  /** Each line that was received, in order. */
  get lines(): string[] {
    const buffer = Buffer.alloc(4096);
    for (;;) {
      const length = Number(symbols.recv(this.#fd, ptr(buffer), buffer.length, withoutWaiting!));
      if (length < 0) return this.#messages;
      this.#messages.push(...buffer.toString("utf8", 0, length).split("\n"));
    }
  }

  /** Waits until a line matches `pattern`; from the line number `from` on. */
  async waitFor(pattern: RegExp, timeoutMs = 20_000, from = 0): Promise<void> {
    const found = () => this.lines.slice(from).some((line) => pattern.test(line));
    await waitUntil(found, timeoutMs, 20, () => `no ${pattern} in ${JSON.stringify(this.lines)}`);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
