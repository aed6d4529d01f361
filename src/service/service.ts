/** A tsync that a service manager starts and watches over, and the file that tells it so. */

/** What is to run. */
export interface Service {
  /** Name of the file and of the service, without an ending. */
  readonly name: string;
  /** In one line. */
  readonly description: string;
  /** Absolute path of this program. */
  readonly program: string;
  /** The command, and what it gets. */
  readonly args: readonly string[];
  /** True for one of the machine, false for one of a user. */
  readonly isSystem: boolean;
}
