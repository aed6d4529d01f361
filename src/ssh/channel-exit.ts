import type { ClientChannel } from "ssh2";

/** How a remote command ended. Both are `null` when the connection broke first. */
export interface ChannelExit {
  code: number | null;
  /** For example "SIGKILL". */
  signal: string | null;
}

/**
 * Resolves when `channel` has closed and all of its output was read. Call it before the first `await` after `exec`,
 * and read both stdout and stderr: unread output holds it back.
 */
export function channelExit(channel: ClientChannel): Promise<ChannelExit> {
  return new Promise((resolve) => {
    channel.once("close", (code?: number | null, signal?: string) => {
      resolve({ code: code ?? null, signal: signal ?? null });
    });
  });
}
