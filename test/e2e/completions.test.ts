/** The completions in their real shells, on a real terminal; and what they ask tsync for. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { runProcess, startProcess, tempDir, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { binary, makePlace } from "../helpers/tsync.ts";
import { type ShellName, TypedLine } from "../helpers/typed-line.ts";

/** Names that a shell would take for something else. */
const oddNames = [
  "my dir",
  "it's",
  'do"ub',
  "dol$lar",
  "größe",
  "back\\slash",
  "semi;colon",
  "st*r",
  "-dash",
];

let folder: string;
let sshd: TestSshd;
/** What is on the host, as an absolute path; it has no odd signs. */
let there: string;
let sshConfig: string;

beforeAll(async () => {
  folder = tempDir("tsync-completions-");
  sshd = await startSshd();
  there = join(sshd.dir, "there");
  for (const name of [...oddNames, "src", "co:lon", "new\nline", ".hidden"]) {
    mkdirSync(join(folder, name), { recursive: true });
    mkdirSync(join(there, name, "inner"), { recursive: true });
  }
  writeFileSync(join(there, "srfile"), "");
  writeFileSync(join(folder, "srfile"), "");
  mkdirSync(join(sshd.dir, "home/athome"));
  writeFileSync(
    join(folder, "tsync.toml"),
    ["www", "my site"]
      .map((name) => `[[mirror]]\nname = "${name}"\nsource = "src"\ntargets = ["x"]\n`)
      .join(""),
  );
  const key = readFileSync(`${sshd.clientKey}.pub`, "utf8").trim();
  writeFileSync(
    join(folder, "known"),
    `knownhost,alias.example ${key}\n[withport]:2222 ${key}\n*.wild ${key}\n@revoked revoked ${key}\n|1|c2FsdA==|aGFzaA== ${key}\n`,
  );
  const socket = join(folder, "master-%r@%h:%p");
  sshConfig = join(folder, "ssh_config");
  writeFileSync(join(folder, "more"), "Host included1\n");
  writeFileSync(
    sshConfig,
    `Host *\n  ControlPath "${socket}"\nHost nomaster pattern* !not\n  UserKnownHostsFile ${folder}/known\nInclude ${folder}/mor?\n${readFileSync(sshd.configFile, "utf8")}`,
  );
  startProcess(["ssh", "-F", sshConfig, "-o", "ControlMaster=yes", "-N", "testhost"]);
  const isMaster = async () =>
    (await runProcess(["ssh", "-F", sshConfig, "-O", "check", "testhost"])).code === 0;
  await waitUntil(isMaster, 10_000);
});
afterAll(() => sshd.stop());

/** A busy machine may let pass the time in which there has to be an answer: asks again for one that is empty. */
async function again(list: () => Promise<string[]>): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const found = await list();
    if (found.length > 0 || attempt === 4) return found;
  }
}

/** The lines of `tsync __complete KIND WORD LINE…`. */
async function ask(kind: string, word: string, ...line: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runProcess([binary, "__complete", kind, word, ...line], {
    cwd: folder,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1);
}

describe("what the scripts ask for", () => {
  test("hosts are those of ssh_config, its Includes and known_hosts that are told openly", async () => {
    const found = await ask("hosts", "", "watch", "-F", sshConfig);
    for (const name of ["nomaster", "included1", "testhost", "knownhost", "alias.example", "withport"])
      expect(found).toContain(`${name}:`);
    expect(found.join()).not.toMatch(/[*!|[]|revoked|wild|pattern|not:/);
    expect(await ask("hosts", "ann@known", "watch", `--ssh-config=${sshConfig}`)).toEqual(["ann@knownhost:"]);
    expect(await ask("hosts", "ann@known", "watch", `-F${sshConfig}`)).toEqual(["ann@knownhost:"]);
  });

  test("mirrors are those of the file that is named, else those that run", async () => {
    expect(await ask("mirrors", "", "watch", "--config", "tsync.toml")).toEqual(["www", "my site"]);
    expect(await ask("mirrors", "w", "watch", "--config=tsync.toml")).toEqual(["www"]);
    const place = makePlace();
    const env = { ...place.env, XDG_RUNTIME_DIR: join(place.folder, "run") };
    mkdirSync(env.XDG_RUNTIME_DIR);
    const running = async () =>
      (await runProcess([binary, "__complete", "mirrors", "", "pause"], { env })).stdout;
    expect(await running()).toBe("");
    const config = join(place.folder, "tsync.toml");
    writeFileSync(config, `[[mirror]]\nname = "my site"\nsource = "source"\ntargets = ["target"]\n`);
    const watch = startProcess([binary, "watch", "--config", config], { env });
    await watch.waitFor(/in sync/, 30_000, "stderr");
    expect(await running()).toBe("my site\n");
    const bash = await TypedLine.start("bash", folder, undefined, { XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR });
    expect(await bash.complete("tsync pause m")).toBe("tsync pause my\\ site ");
    await bash.stop();
    watch.signal("SIGTERM");
    await watch.exit;
    expect(await running()).toBe("");
  });

  test("directories there are found through an OpenSSH master, every name as it is", async () => {
    const once = (path: string) => ask("directories", `testhost:${path}`, "watch", "-F", sshConfig);
    const list = (path: string) => again(() => once(path));
    const names = [...oddNames, "src", "co:lon"].map((name) => `testhost:${there}/${name}/`).sort();
    // One with a line break cannot be told line by line; hidden ones only if one asks for them.
    expect((await list(`${there}/`)).sort()).toEqual(names);
    expect(await list(`${there}/.h`)).toEqual([`testhost:${there}/.hidden/`]);
    for (const name of oddNames)
      expect(await list(`${there}/${name}/in`)).toEqual([`testhost:${there}/${name}/inner/`]);
    expect(await list("~/at")).toEqual(["testhost:~/athome/"]);
    expect(await once("/nowhere/")).toEqual([]);
    for (const name of oddNames)
      expect(await list(`${there}/${name}`)).toEqual([`testhost:${there}/${name}/`]);
    for (const evil of ["$(touch ran)", "`touch ran`", "x; touch ran; ", "'; touch ran; '", "$(touch ran)/x"])
      expect(await once(`${there}/${evil}`)).toEqual([]);
    expect(await once("$(touch ran)")).toEqual([]);
    const homes = [there, folder, process.cwd(), userInfo().homedir];
    expect(homes.filter((home) => existsSync(join(home, "ran")))).toEqual([]);
  });

  test("directories there are found over the connection of a running tsync, with the options that it was given", async () => {
    const place = makePlace();
    const runtime = { XDG_RUNTIME_DIR: join(place.folder, "run") };
    mkdirSync(runtime.XDG_RUNTIME_DIR);
    const env = { ...place.env, ...runtime };
    const list = async (path: string, config = sshd.configFile) => {
      const argv = [binary, "__complete", "directories", `testhost:${path}`, "watch", "-F", config];
      return (await runProcess(argv, { env: runtime })).stdout.split("\n").slice(0, -1);
    };
    expect(await list(`${there}/s`)).toEqual([]);
    const argv = [
      binary,
      "watch",
      "-F",
      sshd.configFile,
      place.source,
      `testhost:${join(sshd.dir, "target")}`,
    ];
    const watch = startProcess(argv, { env });
    await watch.waitFor(/in sync/, 30_000, "stderr");
    const before = sshd.log().match(/^Connection from /gm)!.length;
    const odd = [...oddNames, "src", "co:lon"].map((name) => `testhost:${there}/${name}/`);
    expect((await again(() => list(`${there}/`))).sort()).toEqual(odd.sort());
    expect(await again(() => list(`${there}/my dir/in`))).toEqual([`testhost:${there}/my dir/inner/`]);
    expect(await again(() => list("~/at"))).toEqual(["testhost:~/athome/"]);
    // By other options, it may be another host.
    const other = join(place.folder, "other_config");
    writeFileSync(other, readFileSync(sshd.configFile));
    expect(await list(`${there}/s`, other)).toEqual([]);
    expect(sshd.log().match(/^Connection from /gm)!.length).toBe(before);
    watch.signal("SIGTERM");
    expect(await watch.exit).toBe(0);
  });

  test("without a master nothing connects", async () => {
    const connections = () => sshd.log().match(/^Connection from /gm)?.length;
    const before = connections();
    const noMaster = sshd.configFile;
    expect(await ask("directories", `testhost:${there}/`, "watch", "-F", noMaster)).toEqual([]);
    const stale = join(folder, "stale_config");
    // A file in the place of the socket: ssh goes on to connect then.
    writeFileSync(join(folder, "stale"), "");
    writeFileSync(stale, `ControlPath ${folder}/stale\n${readFileSync(noMaster, "utf8")}`);
    expect(await ask("directories", `testhost:${there}/`, "watch", "-F", stale)).toEqual([]);
    expect(connections()).toBe(before!);
  });

  test("a master that hangs is not waited for longer than a second", async () => {
    const listener = Bun.listen({ unix: join(folder, "hung"), socket: { data() {} } });
    const config = join(folder, "hung_config");
    writeFileSync(config, `ControlPath ${folder}/hung\n`);
    const start = performance.now();
    expect(await ask("directories", "somewhere:/", "watch", "-F", config)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(3_000);
    listener.stop(true);
  });

  test.each([
    ["nothing"],
    ["unknown", "x"],
    ["directories", "not-remote"],
    ["directories", "::"],
    ["directories", "host::module"],
    ["directories", "-oProxyCommand=x:/"],
    ["mirrors", "", "watch", "--config", "nowhere.toml"],
    ["mirrors", "", "watch", "--config", "/dev/zero"],
    ["hosts", "", "watch", "-F"],
    ["hosts", "zzz", "watch", "-F", "/dev/zero"],
  ])("what cannot be answered is silence: %s %s", async (...given) => {
    // Bun adds a callback to a row that is shorter than others.
    const [kind, ...rest] = (given as unknown[]).filter((arg) => typeof arg === "string") as string[];
    expect(
      (await ask(kind!, rest[0] ?? "", ...rest.slice(1))).filter((line) => line.startsWith("zzz")),
    ).toEqual([]);
  });
});

/** What Tab makes of what is typed; `SSH` and `THERE` stand for `-F FILE` and the path on the host. */
const cases: readonly (readonly [typed: string, becomes: string])[] = [
  ["tsync wa", "tsync watch "],
  ["tsync watch --gitig", "tsync watch --gitignore "],
  ["tsync watch --no-gitig", "tsync watch --no-gitignore "],
  ["tsync watch --no-per", "tsync watch --no-perms "],
  ["tsync watch --per", "tsync watch --perms "],
  ["tsync sync --delete ex", "tsync sync --delete exact "],
  ["tsync sync --delete=ex", "tsync sync --delete=exact "],
  ["tsync watch --exclude sr", "tsync watch --exclude sr"],
  ["tsync watch --settle ", "tsync watch --settle "],
  ["tsync watch --frob=zz", "tsync watch --frob=zz"],
  ["tsync frob sr", "tsync frob sr"],
  ["tsync completions zs", "tsync completions zsh "],
  ["tsync config sch", "tsync config schema "],
  ["tsync config show sr", "tsync config show src/"],
  ["tsync import ts", "tsync import tsync.toml "],
  ["tsync watch --config ts", "tsync watch --config tsync.toml "],
  ["tsync watch --config=ts", "tsync watch --config=tsync.toml "],
  ["tsync watch --config tsync.toml w", "tsync watch --config tsync.toml www "],
  ["tsync watch --config tsync.toml my", "tsync watch --config tsync.toml my\\ site "],
  ["tsync watch sr", "tsync watch src/"],
  ["tsync watch -vp 22 sr", "tsync watch -vp 22 src/"],
  ["tsync watch my", "tsync watch my\\ dir/"],
  ["tsync watch it", "tsync watch it\\'s/"],
  ["tsync watch dol", "tsync watch dol\\$lar/"],
  ["tsync watch gr", "tsync watch größe/"],
  ["tsync watch st", "tsync watch st\\*r/"],
  ["tsync watch SSH src sr", "tsync watch SSH src src/"],
  ["tsync watch SSH src knownh", "tsync watch SSH src knownhost:"],
  ["tsync watch SSH src ann@knownh", "tsync watch SSH src ann@knownhost:"],
  ["tsync watch SSH knownh", "tsync watch SSH knownh"],
  ["tsync doctor SSH knownh", "tsync doctor SSH knownhost:"],
  ["tsync watch SSH src testhost:THERE/sr", "tsync watch SSH src testhost:THERE/src/"],
  ["tsync watch SSH src testhost:THERE/my", "tsync watch SSH src testhost:THERE/my\\ dir/"],
  ["tsync watch SSH src testhost:THERE/my\\ dir/", "tsync watch SSH src testhost:THERE/my\\ dir/inner/"],
  ['tsync watch SSH src "testhost:THERE/my dir/', 'tsync watch SSH src "testhost:THERE/my dir/inner/'],
  ["tsync watch SSH src 'testhost:THERE/my dir/", "tsync watch SSH src 'testhost:THERE/my dir/inner/"],
  ["tsync watch SSH src testhost:THERE/it", "tsync watch SSH src testhost:THERE/it\\'s/"],
  ['tsync watch SSH src testhost:THERE/do\\"', 'tsync watch SSH src testhost:THERE/do\\"ub/'],
  ["tsync watch SSH src testhost:THERE/gr", "tsync watch SSH src testhost:THERE/größe/"],
  ["tsync watch SSH src testhost:THERE/co:", "tsync watch SSH src testhost:THERE/co:lon/"],
  ["tsync watch SSH src testhost:THERE/back", "tsync watch SSH src testhost:THERE/back\\\\slash/"],
  ["tsync watch SSH src nomaster:/", "tsync watch SSH src nomaster:/"],
];

const shells: readonly ShellName[] = ["bash", "zsh", "fish"];

describe.each([...shells])("%s", (shell) => {
  let line: TypedLine;
  beforeAll(async () => {
    line = await TypedLine.start(shell, folder);
  });
  afterAll(() => line.stop());

  const filled = (text: string) => text.replace("SSH", "-F ssh_config").replace("THERE", there);
  /** A quote that is open may be closed by completion. */
  const open = (text: string) => (/["'](?=testhost)/.test(text) ? text.replace(/["'] ?$/, "") : text);

  test.each(cases.map(([typed, becomes]) => [typed, becomes]))("%s", async (typed, becomes) => {
    const [before, after] = [filled(typed!), filled(becomes!)];
    let found = await line.complete(before);
    // See `again`.
    for (let attempt = 1; found === before && before !== after && attempt < 4; attempt++)
      found = await line.complete(before);
    expect(open(found)).toBe(after);
  });

  test("several candidates are listed", async () => {
    expect(await line.list("tsync watch --settle 5", /5ms/)).toMatch(/\b5h\b.*\b5m\b.*\b5s\b/s);
    expect(await line.list("tsync watch --only ", /attributes/)).toMatch(/\bcreate\b/);
    expect(await line.list("tsync watch --only create,", /create,.*attributes/s)).toMatch(/\bmove\b/);
    expect(await line.list("tsync sync --delete ", /tracked/)).toMatch(/exact.*never/s);
  });
});

test("zsh finds the script in its fpath, too", async () => {
  const path = join(folder, "fpath");
  mkdirSync(path);
  writeFileSync(join(path, "_tsync"), (await runProcess([binary, "completions", "zsh"])).stdout);
  const line = await TypedLine.start(
    "zsh",
    folder,
    `PS1='> '; fpath=(${path} $fpath); autoload -Uz compinit; compinit -D -u`,
  );
  expect(await line.complete("tsync wa")).toBe("tsync watch ");
  expect(await line.complete("tsync watch sr")).toBe("tsync watch src/");
  await line.stop();
});
