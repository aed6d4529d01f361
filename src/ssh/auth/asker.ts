/** What only the user can know or decide, and how it is asked. */
import type { Secrets } from "./secrets.ts";

/** Asks whoever started the program. Questions are asked one after the other. */
export interface Asker {
  /** True if there is anybody to ask: a terminal, or the program that SSH_ASKPASS names. */
  readonly canAsk: boolean;
  /**
   * A password or passphrase, typed without being shown; null if nobody can be asked, whoever was gave up, or
   * `signal` withdrew the question.
   */
  secret(question: string, signal?: AbortSignal): Promise<string | null>;
  /** Other text; null as with `secret`. */
  text(question: string, signal?: AbortSignal): Promise<string | null>;
  /** Tells something that belongs to a question, or that was decided without one: one line or several. */
  tell(text: string): void;
  /** Asks a series of questions that no other comes between: those of the asker that `ask` gets. */
  series?<T>(ask: (asker: Asker) => Promise<T>): Promise<T>;
  /** What was answered right before. Without it nothing is remembered. */
  readonly secrets?: Secrets;
}

/** For where nobody can be asked. */
export const nobody: Asker = {
  canAsk: false,
  secret: async () => null,
  text: async () => null,
  tell: () => {},
};

/** Asks a series of questions; see there. */
export function inSeries<T>(asker: Asker, ask: (asker: Asker) => Promise<T>): Promise<T> {
  return asker.series?.(ask) ?? ask(asker);
}
