/** Accounts of all sorts behind a real sshd: another login shell, start-up files, something else than a shell. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fromText } from "../../src/core/path.ts";
import { ConnectionPool } from "../../src/ssh/pool.ts";
import { SshTarget } from "../../src/target/ssh.ts";
import { defaultTransfer, type TransferOptions } from "../../src/target/transfer-options.ts";
import { startSshd, type TestSshd } from "./sshd.ts";

export interface AccountOptions {
  /** What the server runs in place of a command, as a script for `sh`; the command is in `$SSH_ORIGINAL_COMMAND`. */
  session?: string;
  /** Files in the home directory. */
  files?: Readonly<Record<string, string | Buffer>>;
  /** The home directory, if not a fresh one. */
  home?: string;
  /** Variables that the server sets. */
  env?: Readonly<Record<string, string>>;
}

export interface Account {
  readonly sshd: TestSshd;
  readonly home: string;
  readonly pool: ConnectionPool;
  /** A target there; `directory` as a user writes it. */
  target(directory: string, base: string, transfer?: Partial<TransferOptions>): SshTarget;
  /** Where something called CANARY has come to be. */
  canaries(): string[];
  stop(): Promise<void>;
}

/** Runs the command in the shell with this name, in the home directory, as sshd does where it is the account's. */
export function loginShell(shell: string): string {
  return `cd; exec ${shell} -c "$SSH_ORIGINAL_COMMAND"`;
}

/** Runs the command with another program as `/bin/sh`. */
export function withSh(shell: string): string {
  return `eval "exec ${shell} \${SSH_ORIGINAL_COMMAND#exec /bin/sh}"`;
}

/** Starts the server of an account. */
export async function startAccount(options: AccountOptions = {}): Promise<Account> {
  const { session, files = {}, env = {} } = options;
  const lines: string[] = [];
  if (session !== undefined) lines.push(`ForceCommand ${session}`);
  const variables = { ...(options.home === undefined ? {} : { HOME: options.home }), ...env };
  const words = Object.entries(variables).map(([name, value]) => `"${name}=${value}"`);
  // A second line of this kind would not count.
  if (words.length > 0 && !("HOME" in variables)) throw new Error("variables replace the home directory");
  if (words.length > 0) lines.push(`SetEnv ${words.join(" ")}`);
  const sshd = await startSshd({ extraConfig: lines });
  const home = options.home ?? join(sshd.dir, "home");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), content);
  }
  const pool = new ConnectionPool({ configFile: sshd.configFile });
  return {
    sshd,
    home,
    pool,
    target: (directory, base, transfer) =>
      new SshTarget(pool, {
        host: { host: sshd.host },
        directory,
        base: fromText(base),
        mayReplace: true,
        mustList: false,
        transfer: { ...defaultTransfer, ...transfer },
      }),
    canaries: () => {
      const places = [process.cwd(), homedir(), "/", sshd.dir, home];
      return places.filter((place) => {
        try {
          return readdirSync(place).includes("CANARY");
        } catch {
          return false;
        }
      });
    },
    async stop() {
      await pool.closeAll();
      await sshd.stop();
    },
  };
}
