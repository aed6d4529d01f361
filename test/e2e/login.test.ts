/** Logging in with the compiled program, where somebody can be asked (a real terminal) and where nobody can. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthContext } from "ssh2";
import { writeClientConfig } from "../demo/client-config.ts";
import { type DemoServer, startDemoServer } from "../demo/server.ts";
import { runProcess, startProcess, tempDir, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { Terminal } from "../helpers/terminal.ts";
import { binary, makePlace, type Place, tsync } from "../helpers/tsync.ts";

const passphrase = "Open-Sesame-4711";
const password = "S3cret-0815";
const dir = tempDir("tsync-login-");
let sshd: TestSshd;
/** Takes the password only. */
let server: DemoServer;
let serverConfig: string;
let key: string;

beforeAll(async () => {
  sshd = await startSshd();
  key = join(sshd.dir, "sealed");
  await runProcess(["ssh-keygen", "-q", "-t", "ed25519", "-a", "2", "-N", passphrase, "-f", key]);
  appendFileSync(join(sshd.dir, "authorized_keys"), readFileSync(`${key}.pub`));
  const sealedConfig = readFileSync(sshd.configFile, "utf8").replace(sshd.clientKey, key);
  writeFileSync(sshd.configFile, sealedConfig);
  server = await startDemoServer(dir, (context: AuthContext) => {
    if (context.method === "password" && context.password === password) context.accept();
    else context.reject(["password"]);
  });
  serverConfig = writeClientConfig(join(dir, "client"), server);
});
afterAll(async () => {
  await Promise.all([sshd.stop(), server.stop()]);
});

function place(): Place {
  const made = makePlace();
  writeFileSync(join(made.source, "file"), "content");
  return made;
}

/** Arguments for a sync over sshd, which wants the key. */
const withKey = ({ source, target }: Place, command = "sync") => [
  binary,
  command,
  source,
  `testhost:${target}`,
  "--ssh-config",
  sshd.configFile,
];
/** The same over the server that wants the password. */
const withPassword = ({ source, target }: Place, command = "sync") => [
  binary,
  command,
  source,
  `demo:${target}`,
  "--ssh-config",
  serverConfig,
];

describe("in a terminal", () => {
  test("the passphrase is asked for, and what is typed is not shown", async () => {
    const here = place();
    const terminal = await Terminal.start([...withKey(here), "-v"], here.env);
    await terminal.waitFor(/^Enter passphrase for key '.*sealed':$/m);
    await terminal.answer("wrong");
    await terminal.waitFor(/^(Enter passphrase .*\n?){2}$/);
    await terminal.type(`nonsense`);
    await terminal.press("C-u");
    await terminal.type(`${passphrase}x`);
    await terminal.press("BSpace", "Enter");
    const { code, isRestored, screen } = await terminal.waitForExit();
    expect({ code, isRestored }).toEqual({ code: 0, isRestored: true });
    expect(screen).toMatch(/^tsync: .*is in sync/m);
    for (const typed of ["wrong", "nonsense", passphrase]) expect(screen).not.toContain(typed);
    expect(readFileSync(join(here.target, "file"), "utf8")).toBe("content");
    await terminal.stop();
  });

  test("the password is asked for, also with input and output elsewhere", async () => {
    const here = place();
    const shell = `exec "$@" </dev/null >'${here.folder}/out' 2>&1`;
    const terminal = await Terminal.start(["sh", "-c", shell, "sh", ...withPassword(here)], here.env);
    await terminal.waitFor(/^demo@127.0.0.1's password:$/);
    await terminal.answer("wrong");
    await terminal.waitFor(/^Permission denied, please try again.\ndemo@127.0.0.1's password:$/m);
    await terminal.answer(password);
    const { code, isRestored, screen } = await terminal.waitForExit();
    expect({ code, isRestored }).toEqual({ code: 0, isRestored: true });
    expect(screen).not.toContain(password);
    expect(existsSync(join(here.target, "file"))).toBe(true);
    await terminal.stop();
  });

  test("an unknown host key is asked about", async () => {
    const here = place();
    const [known, config] = ["known_hosts", "ssh_config"].map((name) => join(here.folder, name));
    writeFileSync(
      config!,
      readFileSync(serverConfig, "utf8").replace(/(UserKnownHostsFile).*/, `$1 "${known}"`),
    );
    const argv = [binary, "sync", here.source, `demo:${here.target}`, "--ssh-config", config!];
    for (const answer of ["no", "yes"]) {
      const terminal = await Terminal.start(argv, here.env);
      const asked = await terminal.waitFor(/^Are you sure you want to continue connecting .*\?$/m);
      expect(asked).toMatch(
        /^The authenticity of host '.*' can't be established\.\n.* key fingerprint is SHA256:/,
      );
      await terminal.answer(answer);
      if (answer === "yes") {
        await terminal.waitFor(/^Warning: Permanently added .*\n.*password:$/m);
        await terminal.answer(password);
      }
      expect((await terminal.waitForExit()).code).toBe(answer === "yes" ? 0 : 6);
      await terminal.stop();
    }
    expect(readFileSync(known!, "utf8")).toStartWith("[127.0.0.1]:");
  });

  test("the doctor asks, too", async () => {
    const here = place();
    const argv = [binary, "doctor", `demo:${here.target}`, "--ssh-config", serverConfig];
    const terminal = await Terminal.start(argv, here.env);
    await terminal.waitFor(/password:$/);
    await terminal.answer(password);
    expect((await terminal.waitForExit()).screen).toMatch(
      /^ok +authentication +the password that was typed$/m,
    );
    await terminal.stop();
  });

  test("other lines go above the question", async () => {
    const here = place();
    const argv = [...withPassword(here, "watch"), join(here.folder, "second")];
    const terminal = await Terminal.start(argv, here.env);
    // The question may come before or after it; in the end it is below.
    const screen = await terminal.waitFor(/second is in sync.*password:\s*$/s);
    expect(screen.split("\n").at(-1)).toBe("demo@127.0.0.1's password:");
    for (const line of screen.split("\n").slice(0, -1)) expect(line).toMatch(/^tsync: [^']*$/);
    await terminal.type(password.slice(0, 5));
    writeFileSync(join(here.source, "later"), "");
    const later = await terminal.waitFor(/second: 1 sent .*\[later\]/);
    expect(later.split("\n").at(-1)).toBe("demo@127.0.0.1's password:");
    await terminal.answer(password.slice(5));
    await terminal.waitFor(/^tsync: demo:.* is in sync/m);
    await terminal.press("C-c");
    expect(await terminal.waitForExit()).toMatchObject({ code: 0, isRestored: true });
    await terminal.stop();
  });

  test("questions of the server: what may be shown is shown, what could do harm is not", async () => {
    const asking = await startDemoServer(dir, (context) => {
      if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"]);
      const prompts = [
        { prompt: "City\x1b[31m: ", echo: true },
        { prompt: "Code: ", echo: false },
      ];
      context.prompt(prompts, "Hello\x07", "Two\r\nlines", (answers) => {
        if (answers.join() === "Gent,123") context.accept();
        else context.reject();
      });
    });
    const here = place();
    const config = writeClientConfig(join(here.folder, "client"), asking);
    const argv = [binary, "sync", here.source, `demo:${here.target}`, "--ssh-config", config];
    const terminal = await Terminal.start(argv, here.env);
    await terminal.waitFor(/City/);
    await terminal.type("Genx");
    await terminal.press("BSpace");
    await terminal.answer("t");
    await terminal.waitFor(/Code:$/);
    await terminal.answer("123");
    const { code, screen } = await terminal.waitForExit();
    expect(code).toBe(0);
    expect(screen.split("\n").slice(0, 5)).toEqual([
      "Hello\\x07",
      "Two",
      "lines",
      "(demo@127.0.0.1) City\\x1b[31m: Gent",
      "(demo@127.0.0.1) Code:",
    ]);
    await terminal.stop();
    await asking.stop();
  });

  for (const command of ["sync", "watch", "check"]) {
    test(`Ctrl-C at a question ends ${command}, and the terminal is as before`, async () => {
      const here = place();
      const terminal = await Terminal.start(withPassword(here, command), here.env);
      await terminal.waitFor(/password:$/);
      await terminal.type("half");
      await terminal.press("C-c");
      const { code, isRestored, screen } = await terminal.waitForExit();
      expect({ code, isRestored }).toEqual({ code: 130, isRestored: true });
      expect(screen).not.toContain("half");
      await terminal.stop();
    });
  }

  for (const [command, signal, expected] of [
    ["watch", "SIGTERM", 130],
    ["check", "SIGTERM", 143],
    ["check", "SIGHUP", 129],
  ] as const) {
    test(`so does ${signal} at a question of ${command}`, async () => {
      const here = place();
      const line = `echo $$ >'${here.folder}/pid'; exec "$@"`;
      const terminal = await Terminal.start(
        ["sh", "-c", line, "sh", ...withPassword(here, command)],
        here.env,
      );
      await terminal.waitFor(/password:$/);
      process.kill(Number(readFileSync(join(here.folder, "pid"), "utf8")), signal);
      expect(await terminal.waitForExit()).toMatchObject({ code: expected, isRestored: true });
      await terminal.stop();
    });
  }

  test("Ctrl-D gives up", async () => {
    const here = place();
    const terminal = await Terminal.start(withPassword(here), here.env);
    await terminal.waitFor(/password:$/);
    await terminal.press("C-d");
    expect(await terminal.waitForExit()).toMatchObject({ code: 7, isRestored: true });
    await terminal.stop();
  });

  test("in the background nobody is asked, and nothing stops", async () => {
    const here = place();
    const shell = `set -m; "$@" & wait $!`;
    const terminal = await Terminal.start(["bash", "-c", shell, "sh", ...withPassword(here)], here.env);
    const { code, screen } = await terminal.waitForExit();
    expect(code).toBe(7);
    expect(screen.replaceAll("\n", " ")).toContain("there is nobody to ask for the password");
    await terminal.stop();
  });
});

/** Runs `argv` without any terminal. */
const alone = (argv: string[], here: Place, env: Record<string, string> = {}) =>
  runProcess(["setsid", "-w", ...argv], {
    env: { DISPLAY: undefined, WAYLAND_DISPLAY: undefined, ...here.env, ...env },
  });

describe("without a terminal", () => {
  test("a key with a passphrase is named at once, with the ways out", async () => {
    const here = place();
    for (const command of ["sync", "watch"]) {
      const { code, stderr } = await alone(withKey(here, command), here);
      expect(code).toBe(7);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).toContain(
        `${key} could not be used: it has a passphrase, and there is nobody to ask for it`,
      );
      expect(stderr).toContain(`ssh-add ${key}`);
    }
  });

  test("a password: the ways out", async () => {
    const here = place();
    const { code, stderr } = await alone(withPassword(here), here);
    expect(code).toBe(7);
    expect(stderr).toContain("--password-file");
  });

  test("SSH_ASKPASS is asked", async () => {
    const here = place();
    const askpass = join(dir, "askpass");
    writeFileSync(askpass, `#!/bin/sh\necho '${passphrase}'\n`, { mode: 0o700 });
    const env = { SSH_ASKPASS: askpass, DISPLAY: ":none" };
    expect((await alone(withKey(here), here, env)).code).toBe(0);
    const never = await alone(withKey(place()), place(), { ...env, SSH_ASKPASS_REQUIRE: "never" });
    expect(never.code).toBe(7);
  });

  test("--password-file, in the configuration file, too", async () => {
    const here = place();
    const file = join(here.folder, "password");
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
    expect((await alone([...withPassword(here), "--password-file", file], here)).code).toBe(0);
    const toml = `[[mirror]]\nname = "m"\nsource = "source"\ntargets = ["demo:${here.target}2"]\n`;
    const settings = `password-file = "password"\nssh-config = "${serverConfig}"\n`;
    writeFileSync(join(here.folder, "tsync.toml"), toml + settings);
    expect((await tsync(here, ["sync", "--config", join(here.folder, "tsync.toml")])).code).toBe(0);
    writeFileSync(file, "wrong\n");
    const wrong = await alone([...withPassword(here), "--password-file", file], here);
    expect(wrong.code).toBe(7);
    expect(wrong.stderr).toContain(`check the user name and the password in ${file}`);
    const lost = await alone([...withPassword(here), "--password-file", `${file}x`], here);
    expect(lost.code).toBe(2);
  });

  test("--password-file may be a pipe, which can be read only once", async () => {
    const here = place();
    const line = `exec "$@" --password-file <(echo '${password}')`;
    const argv = ["bash", "-c", line, "bash", ...withPassword(here)];
    expect((await alone(argv, here)).code).toBe(0);
  });

  test("no password in a destination", async () => {
    const here = place();
    const { code, stderr } = await tsync(here, ["sync", here.source, `ssh://demo:${password}@demo/x`]);
    expect(code).toBe(2);
    expect(stderr).toContain("--password-file");
    expect(stderr).not.toContain(password);
  });
});

test("no secret is in any output, file or command line, and a reconnect asks nobody", async () => {
  const here = place();
  const file = join(here.folder, "password");
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  const askpass = join(here.folder, "askpass");
  // Answers once: whoever asks again gets nothing.
  writeFileSync(askpass, `#!/bin/sh\nrm "$0"; echo '${passphrase}'\n`, { mode: 0o700 });
  const env = { ...here.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force" };
  const toml = [
    `[[mirror]]\nname = "key"\nsource = "source"\ntargets = ["testhost:${here.target}"]`,
    `ssh-config = "${sshd.configFile}"`,
    `[[mirror]]\nname = "password"\nsource = "source"\ntargets = ["demo:${here.target}2"]`,
    `ssh-config = "${serverConfig}"\npassword-file = "password"`,
  ];
  writeFileSync(join(here.folder, "tsync.toml"), toml.join("\n"));
  const logins = () => sshd.log().match(/Accepted publickey/g)?.length ?? 0;
  const before = logins();
  const argv = [binary, "watch", "-v", "--json", "--config", join(here.folder, "tsync.toml")];
  const running = startProcess(argv, { env });
  for (const name of ["key", "password"]) await running.waitFor(new RegExp(`"${name}".*"in-sync"`), 30_000);

  await sshd.restart();
  server.hangUp();
  writeFileSync(join(here.source, "later"), "more");
  await waitUntil(() => ["", "2"].every((end) => existsSync(`${here.target}${end}/later`)), 30_000);

  expect(logins() - before).toBe(2);

  const proc = `/proc/${running.pid}`;
  const texts = [readFileSync(`${proc}/cmdline`, "utf8"), readFileSync(`${proc}/environ`, "utf8")];
  running.signal("SIGTERM");
  expect(await running.exit).toBe(0);
  texts.push(running.stdout, running.stderr);
  const state = join(here.folder, "state");
  const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  expect(files.length).toBeGreaterThan(0);
  for (const { parentPath, name } of files) texts.push(readFileSync(join(parentPath, name), "latin1"));
  const body = readFileSync(key, "utf8").split("\n")[3]!;
  for (const text of texts) {
    for (const secret of [passphrase, password, body]) expect(text.includes(secret)).toBe(false);
  }
});
