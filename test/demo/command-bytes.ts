/** Commands as the client sent them: bytes, which need not be UTF-8. */
import { isUtf8 } from "node:buffer";
import type { Connection } from "ssh2";

const messageChannelRequest = 98;

/** What is used of the inside of ssh2's connection. */
interface Internals {
  _protocol?: { _onPayload?: (payload: Buffer) => unknown };
}

/**
 * ssh2 decodes the command of an "exec" request as UTF-8, which loses other bytes. This looks at each packet
 * before ssh2 does; the result tells, within an "exec" listener, the bytes of that command. Call it in the
 * server's "connection" listener and compress nothing. Undefined: the inside of ssh2 has changed.
 */
export function watchCommands(connection: Connection): () => Buffer | undefined {
  const protocol = (connection as Internals)._protocol;
  const handle = protocol?._onPayload;
  let command: Buffer | undefined;
  if (protocol !== undefined && handle !== undefined) {
    protocol._onPayload = (payload) => {
      command = commandIn(payload) ?? command;
      return handle(payload);
    };
  }
  return () => command;
}

/** The command of an "exec" request: type, channel, string "exec", whether to answer, string command. */
function commandIn(payload: Buffer): Buffer | undefined {
  if (payload[0] !== messageChannelRequest || payload.length < 18) return undefined;
  const nameEnd = 9 + payload.readUInt32BE(5);
  if (payload.toString("latin1", 9, nameEnd) !== "exec") return undefined;
  const start = nameEnd + 5;
  return Buffer.from(payload.subarray(start, start + payload.readUInt32BE(nameEnd + 1)));
}

/** Arguments with which `/bin/sh` runs `command`. Bun passes arguments as UTF-8 only: other bytes go escaped. */
export function shellArguments(command: Buffer): string[] {
  if (isUtf8(command)) return ["-c", command.toString("utf8")];
  const escaped = [...command].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
  return ["-c", `exec /bin/sh -c "$(printf %b '${escaped}')"`];
}
