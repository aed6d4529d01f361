/** `tsync import` as a program: where it reads from, what goes where, and how it ends. */
import { beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProcess, tempDir } from "../helpers/process.ts";
import { binary } from "../helpers/tsync.ts";

const lua = `sync{ default.rsync, source="/s", target="h:/t", onCreate="touch ran" }\ndofile("x.lua")\n`;

let folder: string;
beforeAll(() => {
  folder = tempDir("tsync-import-");
  writeFileSync(join(folder, "lsyncd.conf.lua"), lua);
  writeFileSync(join(folder, "x.lua"), "error()");
  writeFileSync(join(folder, "README"), "hello\n");
});

const run = (...args: string[]) => runProcess([binary, "import", ...args], { cwd: folder });

describe("tsync import", () => {
  test("prints the tsync.toml on standard output, and warnings on standard error", async () => {
    const { code, stdout, stderr } = await run("lsyncd.conf.lua");
    expect(code).toBe(0);
    expect(Bun.TOML.parse(stdout)).toMatchObject({ mirror: [{ source: "/s", targets: ["h:/t"] }] });
    expect(stderr).toMatch(/^tsync: warning: line 2: dofile\(…\).*\n/);
    expect(stderr).toMatch(/tsync: warning: line 1: onCreate/);
    expect(stderr.trim().split("\n")).toHaveLength(2);
    for (const line of ["# line 2: dofile", "# line 1: onCreate"]) expect(stdout).toContain(line);
  });

  test("takes a command line behind --", async () => {
    const { code, stdout, stderr } = await run("--", "pylsyncd", "-i", "/var/www/./", "srv2:/www");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(Bun.TOML.parse(stdout)).toMatchObject({
      mirror: [{ source: "/var/www/", targets: ["srv2:/www"] }],
    });
  });

  test.each([
    [["README"], /README: it is no configuration of lsyncd/],
    [["nowhere"], /nowhere cannot be read: ENOENT/],
    [["."], /\. cannot be read: /],
    [[], /FILE is missing/],
    [["a", "b"], /only one FILE/],
    [["--from", "lsyncd", "README"], /README: line \d is not valid Lua/],
    [["--from", "cron", "README"], /not one of lsyncd, inosync/],
    [["--", "pylsyncd", "--version"], /pylsyncd: this command line starts no mirror/],
  ])("%p is refused", async (args, reason) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(reason);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  });

  test("reads standard input as -", async () => {
    const { code, stdout } = await runProcess(["sh", "-c", `"$0" import - <lsyncd.conf.lua`, binary], {
      cwd: folder,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('source = "/s"');
  });

  test("nothing that is imported is run", async () => {
    writeFileSync(
      join(folder, "evil.lua"),
      `os.execute("touch ran")\nsync{ default.rsync, source="/s", target="/t" }`,
    );
    writeFileSync(
      join(folder, "evil.py"),
      `import os\nos.system("touch ran")\nwpaths=["/a/"]\nrnodes=["/b"]`,
    );
    for (const name of ["evil.lua", "evil.py"]) {
      const { code, stderr } = await run(name);
      expect(code).toBe(0);
      expect(stderr).toContain("is not run");
    }
    expect([...new Bun.Glob("ran").scanSync(folder)]).toEqual([]);
  });
});
