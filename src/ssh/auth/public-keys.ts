/** The method "publickey": offers any number of keys, each once. */
import type { AnyAuthMethod, ParsedKey } from "ssh2";
import type { HostConfig } from "../config/config.ts";
import { type Asker, inSeries } from "./asker.ts";
import type { Method } from "./auth-method.ts";
import type { Identity } from "./identities.ts";
import { openKeyFile } from "./key-file.ts";
import { type Sign, Signer } from "./signer.ts";

type Sealed = Extract<Identity, { kind: "sealed" }>;

/** See above. */
export class PublicKeys implements Method {
  readonly tried: string[] = [];
  readonly problems: string[] = [];
  readonly #offers: Identity[];
  #signer: Signer | null = null;

  constructor(
    private readonly config: HostConfig,
    offers: readonly Identity[],
    private readonly asker: Asker,
    /** For what may wait for the user: an agent may want a confirmation, or a touch of a token. */
    private readonly rest: <T>(work: Promise<T>) => Promise<T>,
  ) {
    this.#offers = [...offers];
  }

  async next(): Promise<AnyAuthMethod | null> {
    for (;;) {
      const identity = this.#offers.shift();
      if (identity === undefined) return null;
      this.tried.push(identity.label);
      try {
        return await this.#offer(identity);
      } catch (error) {
        this.failed((error as Error).message);
      }
    }
  }

  settle(): void {
    this.#signer = null;
  }

  /** Takes note that the key that was offered last could not be used after all (its agent would not sign). */
  failed(reason: string): void {
    this.problems.push(`${this.tried.at(-1)} could not be used: ${reason}`);
  }

  /** True if the last key has signed. What the server said to that is not known then: ssh2 does not tell. */
  get hasSigned(): boolean {
    return this.#signer?.hasSigned === true;
  }

  async #offer(identity: Identity): Promise<AnyAuthMethod> {
    if (identity.kind === "agent") {
      const { key, sign } = identity;
      return this.#offerSigner(key, (data, options) => this.rest(sign(data, options)));
    }
    const key = identity.kind === "file" ? identity.key : await this.#openIfNeeded(identity);
    if (key !== null) return { type: "publickey", username: this.config.user, key };
    // Asked for only if the server would accept the key.
    return this.#offerSigner((identity as Sealed).publicKey!, async (data, { hash }) => {
      const opened = await this.#open(identity as Sealed);
      const signature = opened.sign(data, hash);
      if (signature instanceof Error) throw signature;
      return signature;
    });
  }

  #offerSigner(key: ParsedKey, sign: Sign): AnyAuthMethod {
    this.#signer = new Signer(key, sign);
    return { type: "agent", username: this.config.user, agent: this.#signer };
  }

  /** Null if the key can be offered as it is. */
  async #openIfNeeded(identity: Sealed): Promise<ParsedKey | null> {
    const known = this.asker.secrets?.key(identity.text);
    if (known !== undefined) return known;
    return identity.publicKey === null ? await this.#open(identity) : null;
  }

  /** Asks for the passphrase. Throws the reason why the key is of no use. */
  #open({ label, publicKey, text }: Sealed): Promise<ParsedKey> {
    return inSeries(this.asker, async (asker) => {
      // Another connection may have asked meanwhile.
      const known = asker.secrets?.key(text);
      if (known !== undefined) return known;
      if (!asker.canAsk) {
        throw new Error(
          `it has a passphrase, and there is nobody to ask for it: add it to an agent (ssh-add ${label}), or use a key without a passphrase`,
        );
      }
      for (let at = 0; at < this.config.passwordPrompts; at++) {
        const passphrase = await asker.secret(`Enter passphrase for key '${label}': `);
        if (passphrase === null || passphrase === "") throw new Error("no passphrase was given");
        const key = await openKeyFile(text, passphrase);
        if (key === null) continue;
        if (publicKey !== null && !key.getPublicSSH().equals(publicKey.getPublicSSH()))
          throw new Error(`${label}.pub belongs to another key`);
        asker.secrets?.keepKey(text, key);
        return key;
      }
      throw new Error(`the passphrase was wrong ${this.config.passwordPrompts} times`);
    });
  }
}
