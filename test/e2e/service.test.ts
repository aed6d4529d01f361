/** `tsync service` with the compiled program. */
import { beforeEach, expect, test } from "bun:test";
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProcess } from "../helpers/process.ts";
import { binary, makePlace, type Place } from "../helpers/tsync.ts";

let place: Place;
let units: string;

beforeEach(() => {
  place = makePlace();
  units = join(place.folder, "config/systemd/user");
});

const service = (...args: string[]) =>
  runProcess([binary, "service", ...args], {
    env: { ...place.env, HOME: place.folder, XDG_CONFIG_HOME: join(place.folder, "config") },
    cwd: place.folder,
  });

test("installed, installed again, side by side with others, and removed", async () => {
  const first = await service("install", "--user", "source", "target", "--exclude", "*.tmp", "--no-perms");
  expect(first.code).toBe(0);
  const file = join(units, "tsync.service");
  expect(first.stderr).toContain(`wrote ${file}\n`);
  expect(first.stderr).toContain(
    "now run: systemctl --user daemon-reload && systemctl --user enable --now tsync.service\n",
  );
  const unit = readFileSync(file, "utf8");
  expect(unit).toContain(
    `\nExecStart=${binary} watch "--exclude=*.tmp" --no-perms -- ${place.source} ${place.target}\n`,
  );
  expect((await service("install", "--user", "source", "target")).code).toBe(0);
  expect(readFileSync(file, "utf8")).not.toContain("no-perms");
  const second = await service("install", "--user", "--name", "www", "source", "host:/other");
  expect(second.code).toBe(0);
  expect(readFileSync(join(units, "tsync-www.service"), "utf8")).toContain(
    `-- ${place.source} host:/other\n`,
  );
  const gone = await service("uninstall", "--user");
  expect(gone.code).toBe(0);
  expect(gone.stderr).toContain(`removed ${file}`);
  expect(existsSync(file)).toBe(false);
  expect(existsSync(join(units, "tsync-www.service"))).toBe(true);
  const again = await service("uninstall", "--user");
  expect(again.code).toBe(2);
  expect(again.stderr).toContain("there is no service tsync ");
});

test("what a running tsync shows of itself goes into the service, if it can be", async () => {
  const args = ["print", "--user", "--web", "8080", "--metrics", "[::1]:9464", "source", "target"];
  const { code, stdout } = await service(...args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ExecStart=.* watch --web=8080 "--metrics=\[::1\]:9464" -- /m);
  const wrong = await service("install", "--user", "--web", ":8080", "source", "target");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('--web is ":8080", which names no address');
  expect(existsSync(units)).toBe(false);
});

test("a file that tsync did not write, or that was changed since, is touched with --force alone", async () => {
  const file = join(units, "tsync.service");
  await service("install", "--user", "source", "target");
  appendFileSync(file, "Nice=5\n");
  for (const args of [
    ["install", "--user", "source", "target"],
    ["uninstall", "--user"],
  ]) {
    const { code, stderr } = await service(...args);
    expect([args[0], code]).toEqual([args[0], 2]);
    expect(stderr).toContain(`${file} was changed since tsync wrote it`);
  }
  writeFileSync(file, "[Service]\nExecStart=/bin/true\n");
  const { code, stderr } = await service("install", "--user", "source", "target");
  expect(code).toBe(2);
  expect(stderr).toContain(`${file} was not written by tsync; with --force it is replaced nevertheless`);
  expect(readFileSync(file, "utf8")).toContain("/bin/true");
  expect((await service("install", "--user", "--force", "source", "target")).code).toBe(0);
  expect((await service("uninstall", "--user")).code).toBe(0);
});

test("one that is enabled is not removed before it is disabled", async () => {
  await service("install", "--user", "source", "target");
  mkdirSync(join(units, "default.target.wants"));
  symlinkSync("../tsync.service", join(units, "default.target.wants/tsync.service"));
  const { code, stderr } = await service("uninstall", "--user");
  expect(code).toBe(2);
  expect(stderr).toContain("run first: systemctl --user disable --now tsync.service");
});

test("from a configuration file, which must be right to be installed", async () => {
  const usual = join(place.folder, "config/tsync/config.toml");
  const missing = await service("install", "--user");
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain(`the configuration file ${usual} does not exist`);
  mkdirSync(join(place.folder, "config/tsync"), { recursive: true });
  writeFileSync(usual, '[[mirror]]\nname = "www"\nsource = "/srv"\ntargets = ["host:x"]\ndelay = "never"\n');
  expect((await service("install", "--user")).code).toBe(2);
  expect(existsSync(units)).toBe(false);
  writeFileSync(usual, '[[mirror]]\nname = "www"\nsource = "/srv"\ntargets = ["host:x"]\n');
  expect((await service("install", "--user")).code).toBe(0);
  expect(readFileSync(join(units, "tsync.service"), "utf8")).toContain(` watch --config=${usual}\n`);
  const named = await service("print", "--user", "--config", "my.toml", "www");
  expect(named.stdout).toContain(` watch --config=${join(place.folder, "my.toml")} -- www\n`);
  // That of the machine is another one.
  const machine = await service("print", "--system");
  expect(machine.stdout).toContain(" watch --config=/etc/tsync/config.toml\n");
  expect(machine.stdout).toContain("\nWantedBy=multi-user.target\n");
});

test("paths hold wherever the service is started", async () => {
  const args = [
    "tree/./part",
    "sub/copy",
    "host:rel",
    "-i",
    "key",
    "--exclude-from",
    "rules",
    "--rsync",
    "rsync",
  ];
  writeFileSync(join(place.folder, "rules"), "");
  const { stdout } = await service("print", ...args);
  const at = (name: string) => join(place.folder, name);
  expect(/^ExecStart=(.*)$/m.exec(stdout)![1]).toBe(
    `${binary} watch --identity=${at("key")} --exclude-from=${at("rules")} --rsync=rsync -- ` +
      `${place.folder}/tree/./part ${at("sub/copy")} host:rel`,
  );
});

test("wrong arguments", async () => {
  for (const [args, message] of [
    [[], "which action?"],
    [["start"], "which action?"],
    [["print", "--user", "--system", "a", "b"], "--user and --system contradict each other"],
    [["print", "--name", "../x", "a", "b"], '--name is "../x"'],
    [["print", "a"], "DEST is missing"],
    [["print", "a", "b", "--inplace", "--delay-updates"], "contradict each other"],
    [["uninstall", "--user", "a"], "uninstall takes no SRC and DEST"],
    [["print", "a", "b", "--daemon"], "unknown option --daemon"],
  ] as const) {
    const { code, stdout, stderr } = await service(...args);
    expect([args, code, stdout]).toEqual([args, 2, ""]);
    expect(stderr).toContain(message);
  }
});

test("for launchd", async () => {
  const { code, stdout } = await service("print", "--user", "--manager", "launchd", "source", "host:x");
  expect(code).toBe(0);
  expect(stdout).toStartWith('<?xml version="1.0" encoding="UTF-8"?>\n<!-- Written by tsync service install');
  expect(stdout).toContain(`<string>--log-file=${place.folder}/Library/Logs/tsync.log</string>`);
  const installed = await service("install", "--user", "--manager", "launchd", "source", "host:x");
  expect(installed.stderr).toMatch(
    /now run: launchctl bootstrap gui\/\d+ '.*\/Library\/LaunchAgents\/tsync.plist'/,
  );
  const removed = await service("uninstall", "--user", "--manager", "launchd");
  expect(removed.code).toBe(0);
  expect(removed.stderr).toMatch(/now run: launchctl bootout gui\/\d+\/tsync\n/);
});
