/** What was answered right, kept in memory for the life of the process so that a reconnect asks nobody. */
import type { ParsedKey } from "ssh2";
import type { HostConfig } from "../config/config.ts";

/** See above. Nothing in it is ever printed or written to a file. */
export class Secrets {
  /** By the text of the key's file: one that was changed is another one. */
  readonly #keys = new Map<string, ParsedKey>();
  /** By what they are for. */
  readonly #passwords = new Map<string, string>();

  /** The key whose file has this text, decrypted. */
  key(fileText: string): ParsedKey | undefined {
    return this.#keys.get(fileText);
  }

  keepKey(fileText: string, key: ParsedKey): void {
    this.#keys.set(fileText, key);
  }

  password(purpose: string): string | undefined {
    return this.#passwords.get(purpose);
  }

  keepPassword(purpose: string, password: string): void {
    this.#passwords.set(purpose, password);
  }

  forgetPassword(purpose: string): void {
    this.#passwords.delete(purpose);
  }
}

/** Tells accounts apart: hosts behind different ways may have the same address. */
export function accountOf({ user, hostname, port, proxyCommand, jump }: HostConfig): string {
  return JSON.stringify([user, hostname, port, proxyCommand, jump === null ? null : accountOf(jump)]);
}
