/** A key that ssh2 knows the public half of only, and that signs in its own time. */
import {
  BaseAgent,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from "ssh2";

/** Signs `data`, or rejects with the reason why not. */
export type Sign = (data: Buffer, options: SigningRequestOptions) => Promise<Buffer>;

/**
 * To ssh2 this is an agent with a single key. The server is asked first whether it would accept the key; only then
 * is there anything to sign.
 */
export class Signer extends BaseAgent {
  /** True once it signed: the server has all that it needs to accept the key. */
  hasSigned = false;

  constructor(
    private readonly key: ParsedKey,
    private readonly signData: Sign,
  ) {
    super();
  }

  override getIdentities(callback: IdentityCallback<string | Buffer | ParsedKey>): void {
    callback(undefined, [this.key]);
  }

  override sign(
    _key: unknown,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const [how, done] = typeof options === "function" ? [{}, options] : [options, callback!];
    this.signData(data, how).then(
      (signature) => {
        this.hasSigned = true;
        done(undefined, signature);
      },
      (error: Error) => done(error),
    );
  }
}
