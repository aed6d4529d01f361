/** Starts real rsync daemons for tests: on loopback, as the current user. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { killAtExit } from "./janitor.ts";
import { answers, freePort } from "./port.ts";
import { tempDir } from "./process.ts";
import { killTrees } from "./process-tree.ts";

const startTimeoutMs = 5000;

/** The only user of modules that want one. */
export const daemonUser = "ann";
export const daemonPassword = "secret of ann";

/** Settings of a module, as in rsyncd.conf. */
export type Module = Readonly<Record<string, string>>;

/** Settings with which a module asks for user and password. */
export const withPassword: Module = { "auth users": daemonUser };

export interface TestRsyncd {
  readonly dir: string;
  readonly port: number;
  /** `rsync://127.0.0.1:PORT`. */
  readonly url: string;
  /** A file for --password-file. */
  readonly passwordFile: string;
  log(): string;
  /** Kills the daemon and its children, then starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a daemon and waits until it answers. Each module needs at least a `path`. */
export async function startRsyncd(modules: Readonly<Record<string, Module>>): Promise<TestRsyncd> {
  const dir = tempDir("tsync-rsyncd-");
  const port = await freePort();
  const root = process.getuid?.() === 0;
  const lines = [
    "use chroot = no",
    // Links would be changed so that they lead nowhere.
    "munge symlinks = no",
    "reverse lookup = no",
    `log file = ${dir}/log`,
    `lock file = ${dir}/lock`,
    ...(root ? ["uid = 0", "gid = 0"] : []),
  ];
  for (const [name, settings] of Object.entries(modules)) {
    lines.push(`[${name}]`, "read only = no", `secrets file = ${dir}/secrets`);
    for (const [key, value] of Object.entries(settings)) lines.push(`${key} = ${value}`);
  }
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "rsyncd.conf"), `${lines.join("\n")}\n`);
  writeFileSync(join(dir, "secrets"), `${daemonUser}:${daemonPassword}\n`, { mode: 0o600 });
  const passwordFile = join(dir, "password");
  writeFileSync(passwordFile, `${daemonPassword}\n`, { mode: 0o600 });
  const log = () => readFileSync(join(dir, "log"), "utf8");
  const argv = ["rsync", "--daemon", "--no-detach", `--config=${dir}/rsyncd.conf`];
  argv.push("--address=127.0.0.1", `--port=${port}`);
  let child: Bun.Subprocess<"ignore", "ignore", "ignore"> | undefined;

  const start = async () => {
    const started = Bun.spawn(argv, { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    child = started;
    void started.exited.then(killAtExit(started.pid));
    const end = performance.now() + startTimeoutMs;
    while (!(await answers(port, "@RSYNCD:"))) {
      if (started.exitCode !== null || performance.now() > end)
        throw new Error(`rsyncd does not start: ${log()}`);
      await Bun.sleep(5);
    }
  };
  const kill = async () => {
    if (child === undefined) return;
    const { pid } = child;
    // Each connection has a child of its own.
    await killTrees(() => [pid]);
    await child.exited;
    child = undefined;
  };
  await start();
  return {
    dir,
    port,
    url: `rsync://127.0.0.1:${port}`,
    passwordFile,
    log,
    async restart() {
      await kill();
      await start();
    },
    async stop() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
