/** The part of the package that is used; it has no types of its own. */
declare module "bcrypt-pbkdf" {
  /** Bytes of output of `hash`. */
  export const HASHSIZE: number;
  /** One round, from the SHA-512 sums of a password and a salt. */
  export function hash(passwordSum: Uint8Array, saltSum: Uint8Array, output: Uint8Array): void;
}
