/** The hook that runs on the target's host, through a real sshd, and hooks about connections. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitOk } from "../../src/cli/exit-codes.ts";
import { type Link, startLink } from "../helpers/link.ts";
import { type Running, startProcess, waitUntil } from "../helpers/process.ts";
import { isRunning } from "../helpers/process-tree.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { diffTrees } from "../helpers/trees.ts";
import { binary, makePlace, outliveRaces, type Place, tsync } from "../helpers/tsync.ts";

const waitMs = 20_000;

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

let place: Place;
let link: Link;
let running: Running | null = null;
beforeEach(async () => {
  place = makePlace();
  link = await startLink({ targetPort: sshd.port, rttMs: 2 });
});
afterEach(async () => {
  running?.signal("SIGKILL");
  await running?.exit;
  running = null;
  await link.stop();
});

const at = (name: string) => join(place.folder, name);
const put = (path: string, content = path) => writeFileSync(join(place.source, path), content);
const lines = (name: string) =>
  existsSync(at(name)) ? readFileSync(at(name), "utf8").split("\n").slice(0, -1) : [];

/** Writes a configuration with one mirror through the line, whose options are `options`. */
function config(...options: string[]): string[] {
  const head = `[[mirror]]\nname = "www"\nsource = "source"\ntargets = ["testhost:${place.target}"]\n`;
  const ssh = `ssh-config = "${sshd.clientConfigFor(link.port)}"\n`;
  writeFileSync(at("tsync.toml"), `${head}${ssh}${options.join("\n")}\n`);
  return ["--config", at("tsync.toml")];
}

/** A hook that is a line for the shell there; `$here` is the place's folder. */
const remote = (line: string, more = "") =>
  `on-synced-remote = { run = '''here="${place.folder}"; ${line}'''${more} }`;

const sync = (args: string[]) => tsync(place, ["sync", ...args]);

async function watch(args: string[]): Promise<Running> {
  await outliveRaces();
  running = startProcess([binary, "watch", ...args], { env: place.env });
  await running.waitFor(/in sync/, waitMs, "stderr");
  return running;
}

describe("on-synced-remote", () => {
  test("runs there when all is in place, and only if something was changed", async () => {
    put("a", "one");
    const args = config(
      remote(
        'cat "$here/target/a" >> "$here/seen"; echo "$TSYNC_EVENT $TSYNC_SENT" >> "$here/seen"; cat >> "$here/told"',
      ),
    );
    const first = await sync(args);
    expect([first.code, lines("seen")]).toEqual([exitOk, ["onesynced 1"]]);
    expect(JSON.parse(lines("told")[0]!)).toMatchObject({
      event: "synced",
      changes: [{ do: "send", path: "a" }],
    });
    expect(first.stderr).not.toContain("warning");
    expect((await sync(args)).code).toBe(exitOk);
    expect(lines("seen")).toHaveLength(1);
    await watch(args);
    put("a", "second");
    await waitUntil(() => lines("seen").length === 2, waitMs);
    expect(lines("seen")[1]).toBe("secondsynced 1");
  });

  test("takes arguments as they are, and what it prints goes to the log", async () => {
    put("a");
    const odd = `it's "$HOME" $(id) ; é \\\\n *`;
    const { code, stderr } = await sync(
      config(`on-synced-remote = ["printf", "<%s>\\n", ${JSON.stringify(odd)}, ""]`),
    );
    expect(code).toBe(exitOk);
    expect(stderr).toContain(`on-synced-remote: <${odd}>\n`);
    expect(stderr).toContain("on-synced-remote: <>\n");
  });

  test("is owed until it has worked: after a failure the next start runs it again", async () => {
    put("a");
    const args = config(remote('test -e "$here/may" && echo ran >> "$here/seen"'));
    const failed = await sync(args);
    expect(failed.code).toBe(exitOk);
    expect(failed.stderr).toMatch(/warning: .*on-synced-remote: it ended with exit code 1/);
    writeFileSync(at("may"), "");
    for (let run = 0; run < 2; run++) expect((await sync(args)).code).toBe(exitOk);
    expect(lines("seen")).toEqual(["ran"]);
  });

  test("is owed although tsync was killed while it ran", async () => {
    put("a");
    const hang = config(remote('echo begun >> "$here/seen"; test -e "$here/may" || sleep 30'));
    await outliveRaces();
    running = startProcess([binary, "sync", ...hang], { env: place.env });
    await waitUntil(() => lines("seen").length === 1, waitMs);
    running.signal("SIGKILL");
    await running.exit;
    writeFileSync(at("may"), "");
    for (let run = 0; run < 2; run++) expect((await sync(hang)).code).toBe(exitOk);
    expect(lines("seen")).toHaveLength(2);
  });

  test("takes too long: it is ended there, and the mirror went on meanwhile", async () => {
    const hang = `echo $$ >> "$here/pids"; while :; do sleep 0.1; done`;
    await watch(config(remote(hang, ', timeout = "2s"')));
    put("a");
    await waitUntil(() => lines("pids").length === 1, waitMs);
    put("b");
    await waitUntil(() => existsSync(at("target/b")), waitMs);
    await running!.waitFor(
      /warning: .*on-synced-remote: it did not end within 2 s, and was ended/,
      waitMs,
      "stderr",
    );
    const first = Number(lines("pids")[0]);
    await waitUntil(() => !isRunning(first), waitMs);
  });

  test("leaves something running there: nobody waits for that", async () => {
    put("a");
    const { code, stderr } = await sync(config(remote('sleep 1000 & echo $! > "$here/pid"; echo done')));
    const pid = Number(lines("pid")[0]);
    expect(isRunning(pid)).toBe(true);
    process.kill(pid);
    expect(code).toBe(exitOk);
    expect(stderr).toContain("on-synced-remote: done\n");
    expect(stderr).not.toContain("warning");
  });

  test("prints without end: the log stays short, and the mirror goes on", async () => {
    await watch(config(remote("yes 0123456789", ', timeout = "3s"')));
    put("a");
    await running!.waitFor(/on-synced-remote: \(it prints much/, waitMs, "stderr");
    put("b");
    await waitUntil(() => existsSync(at("target/b")), waitMs);
    await running!.waitFor(/warning: .*on-synced-remote: it did not end within 3 s/, waitMs, "stderr");
    expect(running!.stderr.length).toBeLessThan(20_000);
  });

  test("is held up by a stop for a moment only", async () => {
    await watch(config(remote(`: > "$here/begun"; sleep 30`)));
    put("a");
    await waitUntil(() => existsSync(at("begun")), waitMs);
    const startMs = performance.now();
    running!.signal("SIGTERM");
    expect(await running!.exit).toBe(exitOk);
    expect(performance.now() - startMs).toBeLessThan(6_000);
    expect(running!.stderr).toMatch(/warning: .*on-synced-remote/);
  });

  test("an account without a shell: that is said, and the mirror goes on", async () => {
    const path = tmpdir();
    const restricted = await startSshd({ keyOptions: `command="rrsync ${path}",restrict` });
    try {
      put("a");
      const to = `testhost:${place.target.slice(path.length + 1)}`;
      const args = [place.source, to, "-F", restricted.configFile, "--on-synced-remote", "reload it"];
      const { code, stderr } = await sync(args);
      expect(code).toBe(exitOk);
      expect(stderr).toMatch(/warning: .*on-synced-remote: .* has no shell to run it; give it a shell there/);
      expect(diffTrees(place.source, place.target)).toEqual([]);
    } finally {
      await restricted.stop();
    }
  });
});

test("a target that is away is told of once, and when it is back", async () => {
  const record = `{ run = '''cat >> "${at("told")}"''', shell = true }`;
  await watch(config(`on-error = ${record}`, `on-recover = ${record}`));
  const told = () => lines("told").map((line) => JSON.parse(line));
  link.refuse(true);
  link.cut();
  await running!.waitFor(/(next try in.*){4}/s, waitMs, "stderr");
  link.refuse(false);
  await waitUntil(() => told().some(({ event }) => event === "recover"), waitMs);
  const errors = told().flatMap((one) => one.errors ?? []);
  expect(errors.length).toBe(new Set(errors.map(({ reason }: { reason: string }) => reason)).size);
  expect(
    errors.every(({ what, retryMs }: { what: string; retryMs: number }) => what === "target" && retryMs > 0),
  ).toBe(true);
  expect(told().at(-1)).toMatchObject({ event: "recover", recovered: [{ what: "target" }] });
  put("a");
  await waitUntil(() => existsSync(at("target/a")), waitMs);
});
