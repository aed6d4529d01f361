/** How content and attributes reach a target: what rsync is told, and what tsync's own steps follow as well. */

/** Where what is overwritten or removed on a target is kept. */
export interface BackupOptions {
  /**
   * The directory (a byte string): absolute, or below the target's root, where each file keeps its path. Null: it
   * stays where it was, under its name with the suffix.
   */
  readonly directory: string | null;
  /** What is put behind the name (a byte string). */
  readonly suffix: string;
}

/** See above. */
export interface TransferOptions {
  /** The rsync program here: a name to be found on the PATH, or an absolute path. */
  readonly program: string;
  /** The rsync program on the target, perhaps with words before it, as `sudo rsync`. */
  readonly remoteProgram: string;
  /** Who sends to ssh targets: tsync itself, rsync, or tsync where that can be. */
  readonly sender: "auto" | "stock" | "builtin";
  /** How long receivers are kept started on an ssh target after it had work. */
  readonly keepWarmMs: number;
  /** Further arguments for rsync (see rsync-extra.ts for which ones). */
  readonly extra: readonly string[];
  /** Bytes a second that all transfers to the target have together; null for no limit. */
  readonly bandwidth: number | null;
  /** How long nothing may travel before a transfer is given up. */
  readonly silenceMaxMs: number;
  readonly compress: boolean;
  /** Files that may be there already are compared by content. */
  readonly checksum: boolean;
  /** A directory name, or an absolute path (byte strings), for what arrived of a file. */
  readonly partialDirectory: string | null;
  readonly inplace: boolean;
  /** How files that grew are sent. */
  readonly append: "no" | "unverified" | "verified";
  readonly delayUpdates: boolean;
  readonly sparse: boolean;
  readonly perms: boolean;
  readonly times: boolean;
  readonly owner: boolean;
  readonly group: boolean;
  readonly acls: boolean;
  readonly xattrs: boolean;
  readonly hardLinks: boolean;
  /** As rsync's `--chmod` and `--chown`. */
  readonly chmod: string | null;
  readonly chown: string | null;
  readonly links: boolean;
  readonly copyLinks: boolean;
  readonly copyUnsafeLinks: boolean;
  readonly safeLinks: boolean;
  readonly backup: BackupOptions | null;
}

/**
 * What is done unless said otherwise. The time without traffic is long, because comparing a large file with the
 * one on the target takes its time in silence.
 */
export const defaultTransfer: TransferOptions = {
  program: "rsync",
  remoteProgram: "rsync",
  sender: "auto",
  keepWarmMs: 300_000,
  extra: [],
  bandwidth: null,
  silenceMaxMs: 600_000,
  compress: false,
  checksum: false,
  partialDirectory: null,
  inplace: false,
  append: "no",
  delayUpdates: false,
  sparse: false,
  perms: true,
  times: true,
  owner: true,
  group: true,
  acls: false,
  xattrs: false,
  hardLinks: false,
  chmod: null,
  chown: null,
  links: true,
  copyLinks: false,
  copyUnsafeLinks: false,
  safeLinks: false,
  backup: null,
};
