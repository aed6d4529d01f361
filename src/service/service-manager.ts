/** Tells the service manager (systemd) how this program does; see sd_notify(3). */
import { NotifySocket } from "../system/notify-socket.ts";

/** How often the status is told at most. */
const statusEveryMs = 1_000;

/** When it is tried again to tell what could not be told. */
const retryMs = 1_000;

/** How long a status may be, in letters. */
const statusMax = 200;

type Environment = Record<string, string | undefined>;

/** See above. */
export class ServiceManager {
  /** What is to be told and could not be yet, by name: a message may be refused while the manager is busy. */
  readonly #untold = new Map<string, string>();
  #statusTimer: Timer | null = null;
  #lastStatus = "";
  #isStopping = false;
  #watchdogTimer: Timer | null = null;

  private constructor(
    private readonly socket: NotifySocket,
    /** How often the watchdog wants to hear of this process; null if it does not. */
    private readonly watchdogMs: number | null,
  ) {}

  /**
   * The manager that `env` tells of, null if there is none; `warn` is told why one that is there cannot be reached.
   * Processes that are started later do not see it.
   */
  static find(env: Environment, warn: (reason: string) => void): ServiceManager | null {
    const { NOTIFY_SOCKET: name, WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid } = env;
    for (const variable of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[variable];
    if (!name) return null;
    const socket = NotifySocket.open(name);
    if (typeof socket === "string") {
      warn(`cannot tell the service manager that tsync runs (NOTIFY_SOCKET): ${socket}`);
      return null;
    }
    const isMine = pid === undefined || pid === `${process.pid}`;
    const watchdogMs = isMine && Number(microseconds) > 0 ? Number(microseconds) / 1_000 : null;
    return new ServiceManager(socket, watchdogMs);
  }

  /** The service is there for others; also after `reloading`. */
  ready(): void {
    if (!this.#isStopping) this.#tell("state", "READY=1");
  }

  /** The configuration is being read anew; `ready` tells that this is over. */
  reloading(): void {
    if (!this.#isStopping) this.#tell("state", "RELOADING=1");
  }

  /** It comes to its end. */
  stopping(): void {
    this.#isStopping = true;
    this.#tell("state", "STOPPING=1");
    clearInterval(this.#watchdogTimer ?? undefined);
  }

  /** What is going on, in one line: `text` is asked for when it is told, which is not at each change. */
  status(text: () => string): void {
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = null;
      const status = text().replaceAll("\n", " ").slice(0, statusMax);
      if (status === this.#lastStatus) return;
      this.#lastStatus = status;
      this.#tell("status", `STATUS=${status}`);
    }, statusEveryMs).unref();
  }

  /** From now on the watchdog hears of this process, as long as the event loop turns and `isAlive`. */
  watch(isAlive: () => boolean): void {
    if (this.watchdogMs === null) return;
    this.#watchdogTimer = setInterval(() => {
      if (isAlive()) this.socket.send("WATCHDOG=1");
    }, this.watchdogMs / 2).unref();
  }

  #tell(name: string, text: string): void {
    this.#untold.set(name, text);
    this.#flush();
  }

  #flush(): void {
    if (this.#untold.size === 0) return;
    if (this.socket.send([...this.#untold.values()].join("\n"))) this.#untold.clear();
    else setTimeout(() => this.#flush(), retryMs).unref();
  }
}
