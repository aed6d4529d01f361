/** Starts real OpenSSH servers for tests: on loopback, as the current user, with keys and settings of their own. */
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAtExit, removeAtExit } from "./janitor.ts";
import { answers, freePort } from "./port.ts";
import { runProcess } from "./process.ts";
import { childrenOf, commandLine, isRunning, killTrees, pidsByEnvironment } from "./process-tree.ts";

const sshdProgram = "/usr/sbin/sshd";
const startTimeoutMs = 5000;

export interface SshdOptions {
  /** Lines for sshd_config. A line before the first `Match` replaces the default with the same keyword. */
  extraConfig?: string[];
  /** Options of the client's key in authorized_keys, such as `command="…"`. */
  keyOptions?: string;
  /** The port that the client's `configFile` names instead of the server's own, such as a proxy's. */
  throughPort?: number;
}

export interface TestSshd {
  /** The folder that holds everything; removed by `stop`. */
  readonly dir: string;
  readonly port: number;
  /** The user to log in as, who is also the one that runs the server. */
  readonly user: string;
  /** The name that the client's configuration gives the server. */
  readonly host: "testhost";
  /** For `ssh -F`. */
  readonly configFile: string;
  /** The client's private key (ed25519, no passphrase). */
  readonly clientKey: string;
  readonly knownHostsFile: string;
  /** As ssh shows it: `SHA256:...`. */
  readonly hostKeyFingerprint: string;
  readonly logFile: string;
  /** The server's log so far. */
  log(): string;
  /** What sessions run now, by pid: command lines. */
  commands(): Map<number, string>;
  /** How many clients are connected now. */
  clients(): number;
  /** Writes a configuration file that reaches the server through `port`, and returns the file's path. */
  clientConfigFor(port: number): string;
  /** Kills the server and its sessions, then starts it again with the same port and keys after `downMs` (0). */
  restart(downMs?: number): Promise<void>;
  /** Kills the server and all that its sessions started, and removes the folder. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it answers. */
export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const dir = mkdtempSync(join(tmpdir(), "tsync-sshd-"));
  const keepFolder = removeAtExit(dir);
  const remove = () => {
    rmSync(dir, { recursive: true, force: true });
    keepFolder();
  };
  try {
    mkdirSync(join(dir, "home"));
    const hostKey = await makeKey(join(dir, "host_key"));
    const clientKey = await makeKey(join(dir, "client_key"));
    writeFileSync(
      join(dir, "authorized_keys"),
      `${options.keyOptions ?? ""} ${clientKey.publicKey}\n`.trimStart(),
      {
        mode: 0o600,
      },
    );
    const daemon = await startOnFreePort(dir, options.extraConfig ?? []);
    const { port } = daemon;
    // `userInfo()` would not do: Bun takes the name from the environment.
    const user = (await runProcess(["id", "-un"])).stdout.trim();
    const knownHostsFile = join(dir, "known_hosts");
    const files = { clientKey: clientKey.path, knownHostsFile };

    const known = new Set<number>();
    const writeClientConfig = (name: string, through: number): string => {
      if (!known.has(through)) {
        known.add(through);
        appendFileSync(knownHostsFile, `[127.0.0.1]:${through} ${hostKey.publicKey}\n`);
      }
      const path = join(dir, name);
      writeFileSync(path, clientConfig({ ...files, port: through, user }));
      return path;
    };
    writeClientConfig("ssh_config", port);
    const configFile = writeClientConfig("ssh_config", options.throughPort ?? port);
    const logFile = join(dir, "log");
    let stopped: Promise<void> | undefined;

    return {
      dir,
      port,
      user,
      host: "testhost",
      configFile,
      ...files,
      hostKeyFingerprint: fingerprint(hostKey.publicKey),
      logFile,
      log: () => readFileSync(logFile, "utf8"),
      commands: () => daemon.commands(),
      clients: () => daemon.clients(),
      clientConfigFor: (through) => writeClientConfig(`ssh_config.${through}`, through),
      async restart(downMs = 0) {
        await daemon.kill();
        await Bun.sleep(downMs);
        await daemon.start();
      },
      stop() {
        stopped ??= daemon.kill().then(remove);
        return stopped;
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Makes an ed25519 key pair in `path` and `path.pub`. */
async function makeKey(path: string): Promise<{ path: string; publicKey: string }> {
  const argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tsync-test", "-f", path];
  const { code, stderr } = await runProcess(argv);
  if (code !== 0) throw new Error(`ssh-keygen: ${stderr}`);
  return { path, publicKey: readFileSync(`${path}.pub`, "utf8").trim() };
}

/** The fingerprint of a public key as it stands in a `.pub` file (type, base64, comment). */
function fingerprint(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The client's configuration for the server on `port`, by the name `testhost`. */
export function clientConfig(of: {
  port: number;
  user: string;
  clientKey: string;
  knownHostsFile: string;
}): string {
  return `Host testhost
  HostName 127.0.0.1
  Port ${of.port}
  User ${of.user}
  IdentityFile "${of.clientKey}"
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile "${of.knownHostsFile}"
  GlobalKnownHostsFile /dev/null
`;
}

/** The settings of the server on `port` with its files in `dir`; `extra` as in `SshdOptions.extraConfig`. */
function serverConfig(dir: string, port: number, extra: string[]): string {
  const keyword = (line: string) => line.trim().split(/[\s=]/)[0]?.toLowerCase();
  const firstMatch = extra.findIndex((line) => keyword(line) === "match");
  const replaced = new Set((firstMatch < 0 ? extra : extra.slice(0, firstMatch)).map(keyword));
  const defaults = [
    `HostKey "${dir}/host_key"`,
    `AuthorizedKeysFile "${dir}/authorized_keys"`,
    // An empty home: heavy start-up files of the account would make every command slow, and some take locks.
    `SetEnv HOME=${dir}/home`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitUserRC no", // else ~/.ssh/rc would run
    "PidFile none",
    "LogLevel VERBOSE",
    "MaxStartups 100", // tests connect many times at once
    "PrintMotd no",
    "PrintLastLog no",
    "Subsystem sftp internal-sftp",
  ].filter((line) => !replaced.has(keyword(line)));
  return `${[`ListenAddress 127.0.0.1`, `Port ${port}`, ...defaults, ...extra].join("\n")}\n`;
}

interface Daemon {
  readonly port: number;
  commands(): Map<number, string>;
  clients(): number;
  start(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a server on a free port; another process may take that port first, so this tries several. */
async function startOnFreePort(dir: string, extra: string[]): Promise<Daemon> {
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  for (let attempt = 1; ; attempt++) {
    const daemon = await makeDaemon(dir, await freePort(), extra);
    try {
      await daemon.start();
      return daemon;
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function makeDaemon(dir: string, port: number, extra: string[]): Promise<Daemon> {
  const argv = [sshdProgram, "-f", join(dir, "sshd_config"), "-E", join(dir, "log")];
  writeFileSync(join(dir, "sshd_config"), serverConfig(dir, port, extra));
  // Since 9.8 sshd shuts out clients that often connect without logging in; older ones do not know the setting.
  const noPenalties = ["-o", "PerSourcePenalties=no"];
  if ((await runProcess([sshdProgram, "-t", ...argv.slice(1), ...noPenalties])).code === 0) {
    argv.push(...noPenalties);
  }
  let child: Bun.Subprocess<"ignore", "ignore", "ignore"> | undefined;
  // What a session starts may outlive the session; it is known by the variable that sshd gives it.
  const ofSession = new RegExp(`^SSH_CONNECTION=127\\.0\\.0\\.1 \\d+ 127\\.0\\.0\\.1 ${port}$`);

  const kill = async () => {
    const pid = child?.pid;
    await killTrees(() => [...(pid === undefined ? [] : [pid]), ...pidsByEnvironment(ofSession)]);
    await child?.exited;
    child = undefined;
  };
  return {
    port,
    kill,
    commands: () =>
      new Map(
        pidsByEnvironment(ofSession)
          .filter(isRunning)
          .map((pid) => [pid, commandLine(pid)]),
      ),
    clients: () => (child === undefined ? 0 : childrenOf(child.pid).length),
    async start() {
      const started = Bun.spawn([...argv, "-D"], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
      child = started;
      void started.exited.then(killAtExit(started.pid));
      const end = performance.now() + startTimeoutMs;
      while (!(await answers(port, "SSH-")) || started.exitCode !== null) {
        if (started.exitCode !== null || performance.now() > end) {
          await kill();
          throw new Error(`sshd does not start:\n${readFileSync(join(dir, "log"), "utf8")}`);
        }
        await Bun.sleep(5);
      }
    },
  };
}
