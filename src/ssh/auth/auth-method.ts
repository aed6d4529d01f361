/** What the methods of authentication have in common. */
import type { AnyAuthMethod } from "ssh2";

/** One method of authentication, during one attempt to log in. */
export interface Method {
  /** The next thing to send, which may have to be asked for; null when there is nothing left. */
  next(): Promise<AnyAuthMethod | null>;
  /** Takes note of what the server said to it. */
  settle(isAccepted: boolean): void;
  /** What was sent, in words for messages. */
  readonly tried: readonly string[];
  /** Sentences about what could not be sent. */
  readonly problems: readonly string[];
}

/** For where a password is needed and there is neither a file with it nor anybody to ask. */
export const nobodyKnows =
  "there is nobody to ask for the password: name a file that holds it with --password-file, or log in with a key";
