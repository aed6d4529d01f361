/** Goes through the keys that can be offered, and explains why none of them was accepted. */
import type { AnyAuthMethod, AuthHandlerMiddleware } from "ssh2";
import { Fault } from "../core/fault.ts";
import type { Asker } from "./asker.ts";
import type { HostConfig } from "./config.ts";
import type { Identities } from "./identities.ts";

/** One attempt to authenticate. Offers any number of keys, each once. */
export class Authentication {
  readonly #config: HostConfig;
  readonly #identities: Identities;
  readonly #tried: string[] = [];
  readonly #failures: string[] = [];
  /** What the server says it would accept; empty before its first refusal. */
  #serverMethods: string[] = [];
  /** A key was accepted, but the server wants something else on top. */
  #partial = false;
  #askedForNothing = false;

  constructor(
    config: HostConfig,
    identities: Identities,
    readonly asker: Asker,
  ) {
    this.#config = config;
    this.#identities = identities;
  }

  /** For ssh2's `authHandler`. After the keys comes "none": some servers ask for no key, all say what they want. */
  readonly handler: AuthHandlerMiddleware = (methodsLeft, partialSuccess, next) => {
    // null before the first answer of the server, whatever the types say.
    this.#serverMethods = methodsLeft ?? [];
    this.#partial = partialSuccess === true;
    // ssh2 ends the attempt on `false`; its types do not know that.
    next((this.#nextMethod() ?? false) as AnyAuthMethod);
  };

  /** What was offered last, and so what was accepted once the connection is open. */
  get lastTried(): string {
    return this.#askedForNothing ? "nothing: it wants no authentication" : (this.#tried.at(-1) ?? "");
  }

  /** Takes note that the key that was offered last could not be used after all (its agent would not sign). */
  keyFailed(reason: string): void {
    this.#failures.push(`${this.#tried.at(-1)} could not be used: ${reason}`);
  }

  /** Why it failed. `serverMessage`: what the server said when it hung up; empty when it just said no. */
  fault(serverMessage = ""): Fault {
    const { leftOut } = this.#identities;
    const where = `${this.#config.user}@${this.#config.hostname}:${this.#config.port}`;
    const tried = this.#tried.length === 0 ? "there was none to offer" : `offered: ${this.#tried.join(", ")}`;
    const hung = serverMessage === "" ? "" : ` and hung up ("${serverMessage}")`;
    const hints = [...leftOut, ...this.#failures, this.#advice(serverMessage)];
    return new Fault("auth", `${where} accepted no key${hung}; ${tried}`, hints.join("; "));
  }

  #advice(serverMessage: string): string {
    if (this.#partial)
      return `the server also wants ${this.#serverMethods.join(" or ")}, which tsync cannot do`;
    if (this.#refusesKeys) {
      return `the server wants ${this.#serverMethods.join(" or ")}; tsync authenticates with keys only`;
    }
    if (serverMessage !== "" && this.#tried.length > 1) {
      return "a server allows few tries: name the right key with -i or IdentityFile, and set IdentitiesOnly yes";
    }
    return `add your public key to ~/.ssh/authorized_keys of ${this.#config.user} there (ssh-copy-id)`;
  }

  #nextMethod(): AnyAuthMethod | undefined {
    const username = this.#config.user;
    if (this.#partial || this.#refusesKeys) return undefined;
    const identity = this.#identities.offers[this.#tried.length];
    if (identity === undefined) {
      if (this.#askedForNothing) return undefined;
      this.#askedForNothing = true;
      return { type: "none", username };
    }
    this.#tried.push(identity.label);
    return identity.kind === "agent"
      ? { type: "agent", username, agent: identity.agent }
      : { type: "publickey", username, key: identity.key };
  }

  get #refusesKeys(): boolean {
    return this.#serverMethods.length > 0 && !this.#serverMethods.includes("publickey");
  }
}
