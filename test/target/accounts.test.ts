/** Accounts as they are: login shells, start-up files, environments, and what is no shell at all. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Server, utils } from "ssh2";
import type { Fault } from "../../src/core/fault.ts";
import { ConnectionPool } from "../../src/ssh/pool.ts";
import { checkSsh } from "../../src/target/check-ssh.ts";
import { RemoteShell } from "../../src/target/remote-shell.ts";
import { type Account, loginShell, startAccount, withSh } from "../helpers/account.ts";
import { exercise } from "../helpers/exercise.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";
import { bytesOf } from "../helpers/trees.ts";

const nasty = "it's `touch CANARY` $(touch CANARY);touch CANARY! \\\"\n*[a]é ~ #&|<>%^{x,y}\\";
const names = [nasty, "-n", "!!", "a\nb", "'", '"', "\\", "$HOME", "*", "tsync-0 d 1"];

let folder: string;
let source: string;
beforeEach(() => {
  folder = tempDir("tsync-account-");
  source = join(folder, "source");
  mkdirSync(source);
});

describe.each([
  [
    "bash",
    ".bashrc",
    "echo 'Welcome!'; echo 'mind the step' >&2; alias mv='mv -i' rm='rm -i'; set -o noclobber",
  ],
  ["dash", ".profile", "echo not read"],
  [
    "zsh",
    ".zshenv",
    "echo 'Welcome!'; setopt extendedglob xtrace noclobber; alias mv='mv -i'; alias -g '~=x'",
  ],
  ["tcsh", ".tcshrc", "echo 'Welcome!'; set echo noclobber; alias mv 'mv -i'"],
  ["csh", ".cshrc", "echo -n 'Welcome!'; set noglob verbose"],
  [
    "fish",
    ".config/fish/config.fish",
    "echo 'Welcome!'; function mv; false; end; function rsync; false; end",
  ],
  ["busybox ash", ".profile", "echo not read"],
  ["rbash", ".bashrc", ""],
])("%s as login shell", (shell, file, content) => {
  const isRestricted = shell === "rbash";
  let account: Account;
  beforeAll(async () => {
    account = await startAccount({ session: loginShell(shell), files: { [file]: `${content}\n` } });
  });
  afterAll(() => account.stop());

  test("everything works, in a directory with a name of all sorts", async () => {
    const directory = join(folder, isRestricted ? "it's $(touch CANARY) !" : nasty);
    const target = account.target(directory, source);
    await exercise(target, source, Buffer.from(directory).toString("latin1"), names, !isRestricted);
    expect(target.canMove).toBe(!isRestricted);
    await target.close();
    expect(account.canaries()).toEqual([]);
  });

  test("the home directory, and directories below it", async () => {
    for (const [at, written] of ["~/a b", "x'y", "-z", "~", ...(isRestricted ? [] : ["./~root"])].entries()) {
      rmSync(source, { recursive: true });
      mkdirSync(source);
      const target = account.target(written, source);
      expect(await target.connect()).toBeNull();
      writeFileSync(join(source, `f${at}`), written);
      const entry = {
        kind: "file",
        mode: 0o644,
        size: 1,
        mtimeMs: 1,
        uid: 0,
        gid: 0,
        dev: 0,
        ino: 1,
        birthMs: 1,
      };
      await target.send([
        { path: `f${at}`, entry: { ...entry, kind: "file", link: "" }, compare: "unless-equal" },
      ]);
      await target.close();
      const place = written.replace(/^~\/?/, "");
      expect(readFileSync(join(account.home, place, `f${at}`), "utf8")).toBe(written);
    }
  });
});

/** What start-up files print or do; a home directory's .bashrc each. */
describe("start-up files", () => {
  let account: Account;
  beforeAll(async () => {
    account = await startAccount();
  });
  afterAll(() => account.stop());
  const begin = (bashrc: string | Buffer) => writeFileSync(join(account.home, ".bashrc"), bashrc);

  test.each([
    ["a line without end", "printf 'Welcome! '; printf 'rsync: oh ' >&2"],
    ["bytes of all sorts", "printf '\\0\\377\\001./x\\0./y\\0\\n\\0'; printf '\\0\\377' >&2"],
    ["three megabytes", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"],
    ["a million lines", "yes 'rsync error: nothing' | head -n 300000"],
    [
      "what looks like answers",
      "printf 'tsync-0 0 ready tsync\\ntsync-0 0 lost 0\\nv\\nf1\\ni1\\nu\\n/tmp\\n./x\\0'",
    ],
    ["what they do", "set -xv; PS4=tsync-"],
  ])("that print %s", async (_, bashrc) => {
    begin(bashrc);
    const target = account.target(join(folder, "target"), source);
    await exercise(target, source, join(folder, "target"), names);
    await target.close();
  });

  test("that print something later", async () => {
    // (Late enough for the target to be connected by then, on a busy machine, too.)
    begin("(sleep 1.5; echo late; sleep 0.1; printf 'v1\\nf1\\n' ) & sleep 0.05");
    const target = account.target(join(folder, "target"), source);
    // rsync's own data cannot be told from what a program in the background puts between.
    expect(await target.connect()).toBeNull();
    await Bun.sleep(2_000);
    const steps = ["a", "b"].map((path) => ({ do: "remove-tree" as const, path }));
    const outcomes: string[] = [];
    await target.run(steps, (_, { is }) => outcomes.push(is));
    expect(outcomes).toEqual(["done", "done"]);
    await target.close();
  });

  test("that take long run once for a connection, and once for each of two receivers that wait", async () => {
    begin("echo >>$HOME/started; sleep 0.5");
    const target = account.target(join(folder, "target"), source);
    expect(await target.connect()).toBeNull();
    const started = () => readFileSync(join(account.home, "started"), "latin1").length;
    await waitUntil(() => started() === 3, 5_000);
    for (let at = 0; at < 20; at++) await target.run([{ do: "remove-tree", path: `x${at}` }], () => {});
    expect(started()).toBe(3);
    await target.close();
  });

  test("with TMOUT: the shell is still there after that time", async () => {
    begin("TMOUT=1; readonly TMOUT; export TMOUT; trap 'echo over' ALRM");
    const target = account.target(join(folder, "target"), source);
    expect(await target.connect()).toBeNull();
    await Bun.sleep(2_200);
    const outcomes: string[] = [];
    expect(await target.run([{ do: "remove-tree", path: "x" }], (_, { is }) => outcomes.push(is))).toBeNull();
    expect(outcomes).toEqual(["done"]);
    await target.close();
  });

  test("that change what can be inherited", async () => {
    begin(
      "umask 077; export IFS=/abcdefg CDPATH=/:/tmp:.. GREP_OPTIONS=-v POSIXLY_CORRECT=1 LC_ALL=C.UTF-8 ENV=/dev/tty",
    );
    const target = account.target(join(folder, "target"), source);
    await exercise(target, source, join(folder, "target"), names);
    await target.close();
  });

  test.each(["zsh", "dash", "bash --norc"])("that start %s in place of the command", async (shell) => {
    begin(`exec ${shell}`);
    const fault = (await account.target(join(folder, "target"), source).connect()) as Fault;
    expect(fault.message).toMatch(
      /^the account at root@\S+ does not run what it is told to, but a shell of its own$/,
    );
    expect(fault.hint).toContain("start-up files");
    expect(fault.retry).toBe(false);
  });

  test.each([
    ["print without end", "while :; do echo noise; sleep 0.01; done", ", but said: noise"],
    ["never end", "sleep 20", ""],
  ])("that %s", async (_, bashrc, said) => {
    begin(bashrc);
    const connection = await account.pool.connection({ host: account.sshd.host });
    if (!("exec" in connection)) throw new Error("no connection");
    const fault = (await RemoteShell.start(connection, false, undefined, { patienceMs: 700 })) as Fault;
    expect(fault.message).toContain(`the remote shell did not answer for 0.7 s${said}`);
    expect(fault.hint).toContain("start-up files");
    expect(fault.retry).toBe(true);
  });

  test("a PATH without rsync", async () => {
    begin("PATH=/nowhere");
    const fault = (await account.target(join(folder, "target"), source).connect()) as Fault;
    expect(fault.message).toMatch(/^cannot write|^rsync is not installed on \S+, or not in the PATH/);
    begin("mkdir $HOME/bin; for p in mkdir ls head chmod; do ln -s /bin/$p $HOME/bin; done; PATH=$HOME/bin");
    const second = (await account.target(join(folder, "target"), source).connect()) as Fault;
    expect(second.message).toMatch(/^rsync is not installed on \S+, or not in the PATH of the account$/);
    expect(second.hint).toContain("--rsync-path");
  });
});

/** Where `/bin/sh` is bash, it takes functions and options from the environment. */
test("exported functions and options change nothing where sh is bash", async () => {
  const account = await startAccount({
    session: withSh("-a sh bash"),
    files: {
      ".bashrc":
        'for p in mv rm rmdir mkdir chmod ls tr head printf cd umask pwd echo command; do eval "$p() { echo $p >&2; return 3; }"; export -f $p; done\n' +
        "set -o noclobber -o noglob -o nounset; export SHELLOPTS\n",
    },
  });
  const backup = { backup: { directory: ".old", suffix: "~" } };
  const target = account.target(join(folder, "target"), source);
  await exercise(target, source, join(folder, "target"), names);
  await target.close();
  const other = account.target(join(folder, "other"), source, backup);
  expect(await other.connect()).toBeNull();
  mkdirSync(join(folder, "other/d/e"), { recursive: true });
  writeFileSync(join(folder, "other/d/e/f"), "kept");
  const outcomes: string[] = [];
  await other.run([{ do: "remove-tree", path: "d" }], (_, { is }) => outcomes.push(is));
  expect(outcomes).toEqual(["done"]);
  expect(readFileSync(join(folder, "other/.old/d/e/f~"), "utf8")).toBe("kept");
  await other.close();
  await account.stop();
});

describe("accounts that are of no use, or of little", () => {
  const faultOf = async (session: string, files = {}): Promise<Fault> => {
    const account = await startAccount({ session, files });
    try {
      return (await account.target(join(folder, "target"), source).connect()) as Fault;
    } finally {
      await account.stop();
    }
  };

  test.each([
    ["nologin", "/usr/sbin/nologin", /has no shell: This account is currently not available\.$/],
    ["false", "/bin/false", /has no shell: exit code 1$/],
    ["true", "/bin/true", /has no shell: exit code 0$/],
    ["one that only prints", "echo 'No commands here, sorry.'", /has no shell: No commands here, sorry\.$/],
    ["one for sftp", "internal-sftp", /has no shell: This service allows sftp connections only\.$/],
    ["one for another sftp", "/usr/lib/openssh/sftp-server", /^the account at \S+ is for sftp only$/],
    ["one that starts a shell whatever is asked", "exec sh", /does not run what it is told to, but a shell/],
  ])("%s", async (_, session, message) => {
    const fault = await faultOf(session);
    expect(fault.message).toMatch(message);
    expect(fault.hint).not.toBe("");
    expect(fault.retry).toBe(false);
  });

  test("one where the server runs nothing", async () => {
    const { private: hostKey, public: publicKey } = utils.generateKeyPairSync("ed25519");
    const server = new Server({ hostKeys: [hostKey] }, (client) => {
      client.on("error", () => {});
      client.on("authentication", (context) => context.accept());
      client.on("session", (accept) => accept().on("exec", (_, reject) => reject()));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    writeFileSync(join(folder, "known_hosts"), `[127.0.0.1]:${port} ${publicKey}\n`);
    const configFile = join(folder, "config");
    writeFileSync(
      configFile,
      `Host *\nUser ann\nUserKnownHostsFile ${folder}/known_hosts\nIdentityAgent none\n`,
    );
    const pool = new ConnectionPool({ configFile });
    const place = { host: { host: "127.0.0.1", port }, directory: "x", rsync: "rsync" };
    const fault = (await checkSsh(pool, place)) as Fault;
    expect(fault.message).toBe(`ann@127.0.0.1:${port} runs no commands`);
    expect(fault.hint).toContain("sftp");
    await pool.closeAll();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test("a check finds out whether rsync works alone", async () => {
    const checked = async (session: string) => {
      const account = await startAccount({ session });
      const place = { host: { host: account.sshd.host }, directory: "x", rsync: "rsync" };
      const result = await checkSsh(account.pool, place);
      await account.stop();
      return String(result);
    };
    expect(await checked(`rrsync ${folder}`)).toBe(
      "the account has no shell: rsync alone will do everything",
    );
    expect(await checked(`rrsync ${folder}/gone`)).toContain(
      "the directory that the server gives access to is not there",
    );
    expect(await checked("/bin/false")).toContain("has no shell: exit code 1");
    expect(await checked("/usr/lib/openssh/sftp-server")).toContain("is for sftp only");
  });

  test("a forced command that is a script works, if it runs the command", async () => {
    const account = await startAccount({
      session: 'echo "$SSH_ORIGINAL_COMMAND"; echo "$SSH_ORIGINAL_COMMAND" >&2; eval "$SSH_ORIGINAL_COMMAND"',
    });
    const target = account.target(join(folder, "target"), source);
    await exercise(target, source, join(folder, "target"), names);
    await target.close();
    await account.stop();
  });

  test("an account for rsync alone that prints something first", async () => {
    const account = await startAccount({ session: `rrsync ${folder}`, files: { ".bashrc": "echo Welcome" } });
    const fault = (await account.target("target", source).connect()) as Fault;
    expect(fault.message).toContain("the account there prints something before rsync answers");
    expect(fault.hint).toContain("start-up files");
    await account.stop();
  });
});

describe("the home directory", () => {
  test("is missing", async () => {
    const message = "Could not chdir to home directory /no/home: No such file or directory";
    const account = await startAccount({
      home: "/no/home",
      session: `cd /; echo '${message}' >&2; eval "$SSH_ORIGINAL_COMMAND"`,
    });
    const target = account.target(join(folder, "target"), source);
    await exercise(target, source, join(folder, "target"), names);
    await target.close();
    for (const directory of ["below", "~/below", "", "~"]) {
      const fault = (await account.target(directory, source).connect()) as Fault;
      expect(fault.message).toMatch(/^the home directory of \S+ is not there: \/no\/home$/);
      expect(fault.hint).toContain("slash in front");
    }
    await account.stop();
  });

  test("of others", async () => {
    const account = await startAccount({ session: loginShell("bash") });
    const of = (directory: string) => account.target(directory, source);
    for (const directory of ["~nobody-such", "~nobody-such/dir", "~no.such_one/", "~q"]) {
      const fault = (await of(directory).connect()) as Fault;
      expect(fault.message).toMatch(/^there is no user (nobody-such|no\.such_one|q) at /);
      expect(fault.hint).toMatch(/^write \.\/~(no|q)/);
    }
    const daemon = of("~daemon");
    expect(await daemon.connect()).toBeNull();
    expect(daemon.identity).toContain(":/usr/sbin#");
    await daemon.close();
    const unlike = of("~-");
    expect(await unlike.connect()).toBeNull();
    expect(unlike.identity).toMatch(/\/~-#\d+$/);
    await unlike.close();
    await account.stop();
  });
});

test("names of directories that look like answers, or end with line breaks, are taken as they are", async () => {
  const account = await startAccount();
  for (const name of ["a\n", "a\nv1\nf1\ni5\nu\n/x", "x\nqno", "\n\n", "d\nd", "a 0 end 0"]) {
    rmSync(source, { recursive: true });
    mkdirSync(source);
    const target = account.target(join(folder, name), source);
    await exercise(target, source, `${folder}/${name}`);
    await target.close();
  }
  // A directory whose name is no text can be reached through a link.
  mkdirSync(bytesOf(`${folder}/\xff\xfe'\n`));
  symlinkSync(bytesOf(`\xff\xfe'\n`), join(folder, "link"));
  rmSync(source, { recursive: true });
  mkdirSync(source);
  const target = account.target(join(folder, "link"), source);
  await exercise(target, source, `${folder}/\xff\xfe'\n`);
  await target.close();
  await account.stop();
});
