/** Goes through the methods of authentication as OpenSSH does, and explains why none of them was enough. */
import type { AnyAuthMethod, AuthHandlerMiddleware } from "ssh2";
import { Fault } from "../../core/fault.ts";
import { printable } from "../../core/printable.ts";
import type { AuthMethodName, HostConfig } from "../config/config.ts";
import { type Asker, nobody } from "./asker.ts";
import type { Method } from "./auth-method.ts";
import type { Identities } from "./identities.ts";
import { KeyboardInteractive } from "./keyboard-interactive.ts";
import { Passwords } from "./passwords.ts";
import { PublicKeys } from "./public-keys.ts";

/** One attempt to authenticate. */
export class Authentication {
  readonly #config: HostConfig;
  readonly #keys: PublicKeys;
  readonly #methods: Readonly<Record<AuthMethodName, Method>>;
  /** Sentences about keys that were not offered. */
  readonly #leftOut: readonly string[];
  /** What the server says it would accept; empty before its first refusal. */
  #serverMethods: readonly string[] = [];
  /** The method of which something was sent last. */
  #last: AuthMethodName | null = null;
  /** Methods that the server has accepted; it wants another one on top. */
  readonly #accepted: AuthMethodName[] = [];
  #hasBegun = false;
  #isOver = false;

  /** `rest` keeps the time that connecting may take from running while something else is waited for. */
  constructor(
    config: HostConfig,
    identities: Identities,
    asker: Asker,
    rest: <T>(work: Promise<T>) => Promise<T>,
  ) {
    const allowed = config.batchMode
      ? { ...nobody, ...(asker.secrets && { secrets: asker.secrets }) }
      : asker;
    this.#config = config;
    this.#leftOut = identities.leftOut;
    this.#keys = new PublicKeys(config, identities.offers, allowed, rest);
    this.#methods = {
      publickey: this.#keys,
      "keyboard-interactive": new KeyboardInteractive(config, allowed),
      password: new Passwords(config, allowed),
    };
  }

  /** For ssh2's `authHandler`. */
  readonly handler: AuthHandlerMiddleware = (methodsLeft, partialSuccess, next) => {
    // null before the first answer of the server, whatever the types say.
    void this.#next(methodsLeft ?? [], partialSuccess === true).then((method) => {
      // ssh2 ends the attempt on `false`; its types do not know that.
      if (!this.#isOver) next((method ?? false) as AnyAuthMethod);
    });
  };

  /** What the server accepted, once it let us in. */
  get acceptedBy(): string {
    const names = this.#last === null ? this.#accepted : [...this.#accepted, this.#last];
    const accepted = unique(names.map((name) => this.#methods[name].tried.at(-1) ?? name));
    return accepted.length === 0 ? "nothing: the server wants no authentication" : accepted.join(" and ");
  }

  /** Takes note that the key that was offered last could not be used after all (its agent would not sign). */
  keyFailed(reason: string): void {
    this.#keys.failed(reason);
  }

  /** The server let us in: what was typed for it was right. */
  succeeded(): void {
    if (this.#last !== null) this.#methods[this.#last].settle(true);
    this.#isOver = true;
  }

  /** The attempt has ended: nothing is asked or sent any more. */
  stop(): void {
    this.#isOver = true;
  }

  /** The server wants a new password in place of the one that was sent. */
  passwordExpired(): Fault {
    const hint = `change it there: ${this.#config.sshCommand}`;
    return new Fault("auth", `the password for ${this.#where} has expired`, hint);
  }

  /** Why it failed. `serverMessage`: what the server said when it hung up; empty when it just said no. */
  fault(serverMessage = ""): Fault {
    const methods = Object.values(this.#methods);
    const tried = unique(methods.flatMap((method) => method.tried));
    const isAboutKeys = tried.length === this.#keys.tried.length;
    const refused = isAboutKeys ? "accepted no key" : "refused the login";
    const hung = serverMessage === "" ? "" : ` and hung up ("${printable(serverMessage)}")`;
    const offered = tried.length === 0 ? "there was none to offer" : `offered: ${tried.join(", ")}`;
    const hints = [
      ...(this.#wants("publickey") ? this.#leftOut : []),
      ...methods.flatMap((method) => method.problems),
      this.#advice(serverMessage),
    ];
    const message = `${this.#where} ${refused}${hung}; ${offered}`;
    return new Fault("auth", message, unique(hints).join("; "));
  }

  /** "none" comes first: it finds out what the server takes, and some servers take it. */
  async #next(methodsLeft: readonly string[], isPartial: boolean): Promise<AnyAuthMethod | null> {
    const none: AnyAuthMethod = { type: "none", username: this.#config.user };
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      return none;
    }
    if (this.#last === "publickey" && this.#keys.hasSigned) {
      // Only ssh2 knows what the server said to the signature; this makes the server say what is left.
      this.#keys.settle();
      return none;
    }
    const isChanged = this.#serverMethods.length > 0 && methodsLeft.join() !== this.#serverMethods.join();
    this.#serverMethods = methodsLeft;
    if (this.#last !== null) {
      const isAccepted = isPartial || isChanged;
      if (isAccepted) this.#accepted.push(this.#last);
      this.#methods[this.#last].settle(isAccepted);
    }
    for (const name of this.#config.authMethods) {
      if (!this.#wants(name)) continue;
      this.#last = name;
      const method = await this.#methods[name].next();
      if (method !== null || this.#isOver) return method;
    }
    this.#last = null;
    return null;
  }

  get #where(): string {
    return `${this.#config.user}@${this.#config.hostname}:${this.#config.port}`;
  }

  #wants(name: AuthMethodName): boolean {
    return this.#serverMethods.includes(name);
  }

  #advice(serverMessage: string): string {
    const wanted = this.#serverMethods.map(printable).join(" or ");
    const { authMethods, passwordFile, user } = this.#config;
    const isPossible = authMethods.some((name) => this.#wants(name));
    const known = Object.keys(this.#methods) as AuthMethodName[];
    const cannot = known.some((name) => this.#wants(name))
      ? `, and the configuration allows only ${authMethods.join(", ")}`
      : ", which tsync cannot do";
    if (this.#accepted.length > 0)
      return `the server accepted ${unique(this.#accepted).join(", ")}, and also wants ${wanted}${isPossible ? "" : cannot}`;
    if (this.#serverMethods.length > 0 && !isPossible) return `the server wants ${wanted}${cannot}`;
    if (serverMessage !== "" && this.#keys.tried.length > 1)
      return "a server allows few tries: name the right key with -i or IdentityFile, and set IdentitiesOnly yes";
    if (Object.values(this.#methods).some((method) => method !== this.#keys && method.tried.length > 0))
      return passwordFile === undefined
        ? "check the user name and the password"
        : `check the user name and the password in ${passwordFile}`;
    return `add your public key to ~/.ssh/authorized_keys of ${user} there (ssh-copy-id)`;
  }
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}
