/** The manual page: what is committed is current, says everything, has no fault that a checker finds, and is shown. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../src/cli/commands.ts";
import { exitMeanings } from "../../src/cli/exit-codes.ts";
import { manPage } from "../../src/cli/man/man-page.ts";
import { bold, item, literal, prose, verbatim } from "../../src/cli/man/roff.ts";
import { runProcess, tempDir, waitUntil } from "../helpers/process.ts";
import { Terminal } from "../helpers/terminal.ts";
import { binary } from "../helpers/tsync.ts";

const committed = join(import.meta.dir, "../../completions/tsync.1");
const utf8 = { LC_ALL: "C.UTF-8" };

test("completions/tsync.1 is current", () => {
  // If this fails: npm run generate
  expect(readFileSync(committed, "utf8")).toBe(manPage());
});

test.each(["mandoc -T lint", "groff -man -ww -Tutf8 -z"])(
  "%s finds nothing wrong with it",
  async (checker) => {
    const { code, stdout, stderr } = await runProcess([...checker.split(" "), committed]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  },
);

test("the checkers do find what is wrong", async () => {
  const wrong = join(tempDir("tsync-man-"), "wrong.1");
  writeFileSync(wrong, manPage().replace(".SH NAME", ".SH NAME\n.PP\n.XX"));
  expect((await runProcess(["mandoc", "-T", "lint", wrong])).code).not.toBe(0);
});

test("it reads as it was meant: every command, option, exit code", async () => {
  const { stdout } = await runProcess(["man", "-l", committed], {
    env: { ...utf8, MANWIDTH: "120", MANPAGER: "cat", MAN_KEEP_FORMATTING: undefined },
  });
  const text = stdout.replaceAll(/.\x08/g, "").replaceAll(/\x1b\[[\d;]*m/g, "");
  for (const [name, { options, description }] of Object.entries(commands)) {
    expect(text).toContain(`   tsync ${name}`);
    expect(text.replaceAll(/\s+/g, " ")).toContain(description);
    for (const option of Object.keys(options))
      expect(text).toMatch(new RegExp(`^ {7}.*--(no-)?${option}\\b`, "m"));
  }
  for (const [code] of exitMeanings) expect(text).toMatch(new RegExp(`^ {7}${code} +\\S`, "m"));
  const server = readFileSync(join(import.meta.dir, "../../src/control/server.ts"), "utf8");
  const routes = [...server.matchAll(/case "((?:GET|POST) [^"]+)"/g)].map((match) => match[1]!);
  expect(routes.length).toBeGreaterThan(5);
  for (const route of routes) expect(text).toContain(`       ${route}`);
  for (const sign of ["user@[ipv6]:path", "~/.ssh", "\\*  ", "*.{jpg,png}", "'*.log'", 'exclude = ["*.tmp"]'])
    expect(text).toContain(sign);
});

describe("roff", () => {
  test("nothing in a text is taken for more than a text", () => {
    expect(literal("a-b\\n'\"`^~…")).toBe("a\\-b\\en\\(aq\\(dq\\(ga\\(ha\\(ti\\[u2026]");
    expect(verbatim(".so /etc/passwd\n'x")).toContain("\\&.so /etc/passwd");
    expect(verbatim("'x")).toContain("\\(aqx");
    expect(item(bold("x"), prose(`${"word ".repeat(15)}.gitignore`)).at(-1)).toMatch(
      /^(\\&\.gitignore|word .*)$/,
    );
  });

  test("a hyphen is one between letters of prose only", () => {
    expect(prose("half-written, see --dry-run, `a b` and -n")).toBe(
      "half-written, see \\fB\\-\\-dry\\-run\\fP, \\fBa b\\fP and \\fB\\-n\\fP",
    );
  });
});

describe("tsync man", () => {
  test("prints the page where there is no terminal", async () => {
    const { code, stdout, stderr } = await runProcess([binary, "man"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(readFileSync(committed, "utf8"));
  });

  test("is shown by man on a terminal, until one has read it", async () => {
    const terminal = await Terminal.start([binary, "man"], { MANPAGER: undefined, PAGER: "less" });
    expect(await terminal.waitFor(/SYNOPSIS/)).toMatch(/^TSYNC\(1\) .* TSYNC\(1\)/);
    // To the end first: what still formats the page would heed the interrupt.
    await terminal.type("G");
    await terminal.waitFor(/SEE ALSO/);
    await terminal.press("C-c");
    // The pager may be busy with it.
    const atStart = async () => {
      await terminal.type("g");
      return /SYNOPSIS/.test(await terminal.screen());
    };
    await waitUntil(atStart, 10_000, 100);
    await terminal.type("q");
    expect(await terminal.waitForExit()).toMatchObject({ code: 0, isRestored: true });
    await terminal.stop();
  });

  /** Folder with nothing but these programs. */
  const pathWith = (...programs: string[]) => {
    const folder = join(tempDir("tsync-man-"), "bin");
    mkdirSync(folder);
    for (const program of programs) symlinkSync(Bun.which(program)!, join(folder, program));
    return folder;
  };

  test("is shown by the pager where man is missing, or cannot", async () => {
    const path = pathWith("sh", "head");
    const env = { PAGER: "head -n 1" };
    const run = (PATH: string) =>
      runProcess(["script", "-qec", `PATH='${PATH}' '${binary}' man`, "/dev/null"], { env });
    const first = manPage().split("\n")[0]!;
    expect(await run(path)).toMatchObject({ code: 0, stdout: `${first}\r\n` });
    writeFileSync(join(path, "man"), "#!/bin/sh\necho man: no option -l >&2; exit 64\n", { mode: 0o755 });
    expect(await run(path)).toMatchObject({ code: 0, stdout: `${first}\r\n` });
  });

  test("is printed as it is where there is neither", async () => {
    const command = `PATH='${pathWith("sh")}' '${binary}' man`;
    const { code, stdout } = await runProcess(["script", "-qec", command, "/dev/null"], {
      env: { PAGER: undefined },
    });
    expect(code).toBe(0);
    expect(stdout.replaceAll("\r", "")).toBe(manPage());
  });
});
