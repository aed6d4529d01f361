/** What only the user can know or decide, and how it is asked. */

/** Asks whoever started the program. Questions are asked one after the other. */
export interface Asker {
  /** True if there is anybody to ask: a terminal, or the program that SSH_ASKPASS names. */
  readonly canAsk: boolean;
  /** A password or passphrase, typed without being shown; null if nobody can be asked, or whoever was gave up. */
  secret(question: string): Promise<string | null>;
  /** Other text; null as with `secret`. */
  text(question: string): Promise<string | null>;
  /** Tells something that belongs to a question, or that was decided without one: one line or several. */
  tell(text: string): void;
}

/** For where nobody can be asked. */
export const nobody: Asker = {
  canAsk: false,
  secret: async () => null,
  text: async () => null,
  tell: () => {},
};
