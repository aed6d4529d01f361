/** The method "keyboard-interactive": the server asks questions of its own, most often for a password or a code. */
import type { AnyAuthMethod, Prompt } from "ssh2";
import { isFault } from "../../core/fault.ts";
import type { HostConfig } from "../config/config.ts";
import { type Asker, inSeries } from "./asker.ts";
import { type Method, nobodyKnows } from "./auth-method.ts";
import { readPasswordFile } from "./password-file.ts";
import { accountOf } from "./secrets.ts";

/** How much of the server's texts is shown, in UTF-16 units. */
const [introductionMax, promptMax] = [2_000, 1_000];

/** See above. */
export class KeyboardInteractive implements Method {
  readonly tried: string[] = [];
  readonly problems: string[] = [];
  readonly #purpose: string;
  #rounds = 0;
  #wasAsked = false;
  #gaveUp = false;
  #usedFile = false;
  #usedKept = false;
  /** A password that was typed, until the server says whether it is right. */
  #typed: string | null = null;

  constructor(
    private readonly config: HostConfig,
    private readonly asker: Asker,
  ) {
    this.#purpose = `keyboard-interactive ${accountOf(config)}`;
  }

  async next(): Promise<AnyAuthMethod | null> {
    const { passwordFile, passwordPrompts, user } = this.config;
    const hasAnswer = passwordFile !== undefined || this.#kept !== null;
    if (!this.asker.canAsk && !hasAnswer) this.problems.push(nobodyKnows);
    if (!this.asker.canAsk && (!hasAnswer || this.#rounds > 0)) return null;
    // What is in the file is wrong, or the server has no questions at all.
    if (this.#gaveUp || this.#usedFile || (this.#rounds > 0 && !this.#wasAsked)) return null;
    if (this.#rounds === passwordPrompts) return null;
    this.#rounds++;
    return {
      type: "keyboard-interactive",
      username: user,
      prompt: (name, instructions, _language, prompts, finish) => {
        void this.#answer(`${name}\n${instructions}`, prompts).then(finish);
      },
    };
  }

  settle(isAccepted: boolean): void {
    const { canAsk, secrets } = this.asker;
    if (isAccepted && this.#typed !== null) secrets?.keepPassword(this.#purpose, this.#typed);
    if (!isAccepted && this.#usedKept && canAsk) secrets?.forgetPassword(this.#purpose);
    this.#typed = null;
  }

  get #kept(): string | null {
    return this.asker.secrets?.password(this.#purpose) ?? null;
  }

  #answer(introduction: string, prompts: readonly Prompt[]): Promise<string[]> {
    this.#wasAsked = true;
    return inSeries(this.asker, async (asker) => {
      const { user, hostname } = this.config;
      let shown = introduction.trim().slice(0, introductionMax);
      const answers: string[] = [];
      for (const { prompt, echo } of prompts) {
        const isPassword = !echo && isForPassword(prompt);
        let answer = this.#answerAlone(isPassword, !echo && prompts.length === 1);
        if (answer === null && !this.#gaveUp) {
          const question = `${shown}${shown === "" ? "" : "\n"}(${user}@${hostname}) ${prompt.slice(0, promptMax)}`;
          shown = "";
          answer = await (echo ? asker.text(question) : asker.secret(question));
          this.#gaveUp = answer === null;
          if (isPassword) this.#typed = answer;
          if (answer !== null) this.tried.push("the answers that were typed");
          else if (!asker.canAsk) this.problems.push(nobodyKnows);
        }
        answers.push(answer ?? "");
      }
      return answers;
    });
  }

  /** An answer for which nobody needs to be asked; null if there is none. Each is used once. */
  #answerAlone(isPassword: boolean, isOnlySecret: boolean): string | null {
    const { passwordFile } = this.config;
    if (passwordFile !== undefined) {
      if (!isOnlySecret || this.#usedFile) return null;
      this.#usedFile = true;
      const password = readPasswordFile(passwordFile);
      if (isFault(password)) this.problems.push(password.toString());
      else this.tried.push(`the password in ${passwordFile}`);
      return isFault(password) ? null : password;
    }
    if (!isPassword || this.#usedKept || this.#kept === null) return null;
    this.#usedKept = true;
    this.tried.push("the password that was right before");
    return this.#kept;
  }
}

/** Only a password is the same the next time; a code is not. */
function isForPassword(prompt: string): boolean {
  return /password|passphrase/i.test(prompt) && !/one.?time|\botp\b|token|code/i.test(prompt);
}
