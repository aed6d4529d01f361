/** Commands as every login shell takes them, run by real shells. */
import { describe, expect, test } from "bun:test";
import { loginCommand, markScript } from "../../src/target/login-command.ts";
import { shellQuote } from "../../src/target/shell-quote.ts";
import { tempDir } from "../helpers/process.ts";
import { bytesOf } from "../helpers/trees.ts";

const home = tempDir("tsync-login-");
const everyByte = Array.from({ length: 255 }, (_, at) => String.fromCharCode(at + 1)).join("");

/** What a login shell prints for `script`. */
function printed(shell: readonly string[], script: string, locale: string): string {
  const { stdout, stderr } = Bun.spawnSync([...shell, "-c", loginCommand(script)], {
    env: { PATH: process.env.PATH ?? "", HOME: home, LC_ALL: locale },
    cwd: home,
  });
  return stderr.toString("latin1") + stdout.toString("latin1");
}

describe.each(["sh", "bash", "zsh", "tcsh", "fish", "busybox sh", "bash --posix"])("%s", (shell) => {
  const argv = shell.split(" ");

  test.each(["C", "C.UTF-8"])("every byte arrives, in the locale %s", (locale) => {
    const words = [
      everyByte,
      everyByte.repeat(40),
      "\n",
      "a\n\n",
      "\\",
      "!!",
      "'",
      "-n",
      "%s\\n",
      "$(id)`id`",
      "~",
    ];
    for (const word of words) {
      expect(printed(argv, `exec printf %s ${shellQuote(word)}`, locale)).toBe(word);
    }
  });

  test("several commands, and their exit code", () => {
    const script = "cd / && { pwd; [ a = b ] || exit 7; }";
    const { stdout, exitCode } = Bun.spawnSync([...argv, "-c", loginCommand(script)], {
      env: { HOME: home },
    });
    expect([stdout.toString(), exitCode]).toEqual(["/\n", 7]);
  });
});

test("the command is readable as far as it can be, and has nothing that a shell looks into", () => {
  const command = loginCommand("exec rsync --server -lpt . '/srv/it''s! é'/.");
  expect(command).toContain("exec rsync --server -lpt . ");
  const word = /^exec \/bin\/sh -c '(.*)'$/.exec(command)![1]!;
  expect(word).toMatch(/^[\x20-\x7e]+$/);
  expect(word).not.toMatch(/['!]|\\\\|\\$/);
});

test("the mark comes on both outputs, and not from a shell that shows its commands", () => {
  const mark = "tsync-0123456789ab";
  const script = bytesOf(`${markScript(mark)}echo out; echo err >&2`).toString();
  const { stdout, stderr } = Bun.spawnSync(["sh", "-xvc", script]);
  expect(stdout.toString()).toBe(`${mark}\nout\n`);
  expect(
    stderr
      .toString()
      .split("\n")
      .filter((line) => line.includes(mark)),
  ).toEqual([mark]);
});
