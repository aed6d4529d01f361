/** Starts real dropbear servers for tests: on loopback, as the current user, with an account that is made up. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { killAtExit } from "./janitor.ts";
import { answers, freePort } from "./port.ts";
import { runProcess, tempDir } from "./process.ts";
import { killTrees } from "./process-tree.ts";
import { clientConfig } from "./sshd.ts";

const program = "/usr/sbin/dropbear";
const startTimeoutMs = 5000;
/** The only account. */
const user = "ann";

export type KeyType = "ed25519" | "rsa" | "ecdsa";

export interface DropbearOptions {
  readonly hostKey?: KeyType;
  readonly clientKey?: KeyType;
  /** The account's login shell, one of those in /etc/shells. */
  readonly shell?: string;
}

export interface TestDropbear {
  readonly dir: string;
  /** The account's home directory. */
  readonly home: string;
  readonly port: number;
  readonly host: "testhost";
  /** For `ssh -F`. */
  readonly configFile: string;
  stop(): Promise<void>;
}

/** Starts a server and waits until it answers. */
export async function startDropbear(options: DropbearOptions = {}): Promise<TestDropbear> {
  const { hostKey = "ed25519", clientKey = "ed25519", shell = "/bin/sh" } = options;
  const dir = tempDir("tsync-dropbear-");
  const home = join(dir, "home");
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  const at = (name: string) => join(dir, name);
  await run(["ssh-keygen", "-q", "-t", clientKey, "-N", "", "-f", at("client_key")]);
  await run(["cp", at("client_key.pub"), join(home, ".ssh/authorized_keys")]);
  const said = await run(["dropbearkey", "-t", hostKey, "-f", at("host_key")]);
  const publicKey = /^(?:ssh|ecdsa)-\S+ \S+/m.exec(said);
  if (publicKey === null) throw new Error(`dropbearkey: ${said}`);

  const { uid, gid } = userInfo();
  writeFileSync(at("passwd"), `${user}:x:${uid}:${gid}::${home}:${shell}\n`);
  writeFileSync(at("group"), `${user}:x:${gid}:\n`);
  const port = await freePort();
  const argv = [
    program,
    "-F",
    "-E",
    "-m",
    "-s",
    "-r",
    at("host_key"),
    "-P",
    at("pid"),
    "-p",
    `127.0.0.1:${port}`,
  ];
  const env = {
    PATH: process.env.PATH ?? "",
    LD_PRELOAD: nssWrapper(),
    NSS_WRAPPER_PASSWD: at("passwd"),
    NSS_WRAPPER_GROUP: at("group"),
  };
  const child = Bun.spawn(argv, { stdin: "ignore", stdout: "ignore", stderr: Bun.file(at("log")), env });
  void child.exited.then(killAtExit(child.pid));
  const kill = async () => {
    // Each connection has a process of its own, and each command one below that.
    await killTrees(() => [child.pid]);
    await child.exited;
  };
  const end = performance.now() + startTimeoutMs;
  while (!(await answers(port, "SSH-"))) {
    if (child.exitCode !== null || performance.now() > end) {
      await kill();
      throw new Error(`dropbear does not start: ${await Bun.file(at("log")).text()}`);
    }
    await Bun.sleep(5);
  }
  const knownHostsFile = at("known_hosts");
  writeFileSync(knownHostsFile, `[127.0.0.1]:${port} ${publicKey[0]}\n`);
  writeFileSync(at("ssh_config"), clientConfig({ port, user, clientKey: at("client_key"), knownHostsFile }));
  return {
    dir,
    home,
    port,
    host: "testhost",
    configFile: at("ssh_config"),
    async stop() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The library that answers for users and groups in place of the system. */
export function nssWrapper(): string {
  const name = "libnss_wrapper.so";
  const folders = ["/usr/lib", "/usr/lib64", ...readdirSync("/usr/lib").map((one) => join("/usr/lib", one))];
  const found = folders.map((folder) => join(folder, name)).find((path) => Bun.file(path).size > 0);
  if (found === undefined) throw new Error(`${name} is missing: run test/setup.sh`);
  return found;
}

async function run(argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProcess(argv);
  if (code !== 0) throw new Error(`${argv[0]}: ${stderr}`);
  return stdout;
}
