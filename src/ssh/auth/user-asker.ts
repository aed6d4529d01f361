/** Asks the user: on the terminal, or through the program that SSH_ASKPASS names, chosen as OpenSSH chooses. */
import { LineEditor } from "../../core/line-editor.ts";
import { printable } from "../../core/printable.ts";
import type { Terminal } from "../../system/terminal.ts";
import type { Asker } from "./asker.ts";
import { askProgram, type Environment, findAskpass } from "./askpass.ts";
import { Secrets } from "./secrets.ts";

/** See above. One serves the whole process: whoever asks waits for the others. */
export class UserAsker implements Asker {
  readonly secrets = new Secrets();
  #last: Promise<unknown> = Promise.resolve();
  readonly #over = new AbortController();

  /** `say` prints a line for people where there is no terminal. */
  constructor(
    private readonly terminal: Terminal,
    private readonly say: (line: string) => void,
    private readonly env: Environment,
  ) {}

  get canAsk(): boolean {
    return this.#askpass !== null || this.terminal.isUsable;
  }

  /** Withdraws all questions, also those to come. */
  stop(): void {
    this.#over.abort();
  }

  secret(question: string, signal?: AbortSignal): Promise<string | null> {
    return this.#inTurn(() => this.#ask(question, false, signal));
  }

  text(question: string, signal?: AbortSignal): Promise<string | null> {
    return this.#inTurn(() => this.#ask(question, true, signal));
  }

  tell(text: string): void {
    const shown = printable(text);
    if (this.terminal.isUsable) this.terminal.show(shown);
    else for (const line of shown.split("\n")) this.say(line);
  }

  series<T>(ask: (asker: Asker) => Promise<T>): Promise<T> {
    return this.#inTurn(() =>
      ask({
        canAsk: this.canAsk,
        secrets: this.secrets,
        secret: (question, signal) => this.#ask(question, false, signal),
        text: (question, signal) => this.#ask(question, true, signal),
        tell: (text) => this.tell(text),
      }),
    );
  }

  async #ask(question: string, echo: boolean, signal?: AbortSignal): Promise<string | null> {
    const shown = printable(question);
    const needed = signal === undefined ? this.#over.signal : AbortSignal.any([signal, this.#over.signal]);
    const program = this.#askpass;
    if (program !== null) return await askProgram(program, shown, this.env, needed);
    return this.terminal.isUsable ? await this.terminal.ask(shown, new LineEditor(), echo, needed) : null;
  }

  /** The program to ask with; null for the terminal. */
  get #askpass(): string | null {
    return findAskpass(this.env, () => this.terminal.isUsable);
  }

  #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(ask);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
