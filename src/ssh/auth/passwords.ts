/** The method "password": a password from a file, one that was right before, or one that is asked for. */
import type { AnyAuthMethod } from "ssh2";
import { isFault } from "../../core/fault.ts";
import type { HostConfig } from "../config/config.ts";
import type { Asker } from "./asker.ts";
import { type Method, nobodyKnows } from "./auth-method.ts";
import { readPasswordFile } from "./password-file.ts";
import { accountOf } from "./secrets.ts";

/** See above. */
export class Passwords implements Method {
  readonly tried: string[] = [];
  readonly problems: string[] = [];
  readonly #purpose: string;
  #usedFile = false;
  #usedKept = false;
  #questions = 0;
  #gaveUp = false;
  /** What was typed, until the server says whether it is right. */
  #typed: string | null = null;

  constructor(
    private readonly config: HostConfig,
    private readonly asker: Asker,
  ) {
    this.#purpose = `password ${accountOf(config)}`;
  }

  async next(): Promise<AnyAuthMethod | null> {
    const password =
      this.config.passwordFile === undefined
        ? (this.#kept() ?? (await this.#ask()))
        : this.#read(this.config.passwordFile);
    return password === null ? null : { type: "password", username: this.config.user, password };
  }

  settle(isAccepted: boolean): void {
    if (isAccepted && this.#typed !== null) this.asker.secrets?.keepPassword(this.#purpose, this.#typed);
    // With nobody there it may be right again later: the server's own memory of users fails now and then.
    if (!isAccepted && this.#usedKept && this.asker.canAsk) this.asker.secrets?.forgetPassword(this.#purpose);
    this.#typed = null;
  }

  #read(file: string): string | null {
    if (this.#usedFile) return null;
    this.#usedFile = true;
    const password = readPasswordFile(file);
    if (isFault(password)) {
      this.problems.push(password.toString());
      return null;
    }
    this.tried.push(`the password in ${file}`);
    return password;
  }

  #kept(): string | null {
    if (this.#usedKept) return null;
    const kept = this.asker.secrets?.password(this.#purpose);
    if (kept === undefined) return null;
    this.#usedKept = true;
    this.tried.push("the password that was right before");
    return kept;
  }

  async #ask(): Promise<string | null> {
    const { user, hostname, passwordPrompts } = this.config;
    if (!this.asker.canAsk) this.problems.push(nobodyKnows);
    if (!this.asker.canAsk || this.#gaveUp || this.#questions === passwordPrompts) return null;
    this.#questions++;
    const refused = this.tried.length > 0 ? "Permission denied, please try again.\n" : "";
    this.#typed = await this.asker.secret(`${refused}${user}@${hostname}'s password: `);
    this.#gaveUp = this.#typed === null;
    if (this.#typed !== null) this.tried.push("the password that was typed");
    return this.#typed;
  }
}
