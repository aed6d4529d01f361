/** Commands in the configuration file, on the command line and in the environment. */
import { expect, test } from "bun:test";
import { type Command, formatCommand, readCommand } from "../../src/config/command.ts";

const command = (run: Command["run"], more: Partial<Command> = {}) => ({
  value: { run, timeoutMs: 60_000, waits: false, ...more },
});

test("an array, or a table that says more", () => {
  expect(readCommand(["a", "b c", ""], false)).toEqual(command(["a", "b c", ""]));
  expect(readCommand([], false)).toEqual(command([]));
  const table = { run: ["a"], timeout: "1.5s", wait: true };
  expect(readCommand(table, false)).toEqual(command(["a"], { timeoutMs: 1_500, waits: true }));
  expect(readCommand({ run: ["a"], timeout: 5 }, true)).toEqual(command(["a"], { timeoutMs: 5_000 }));
  expect(readCommand({ run: "a && b", shell: true }, false)).toEqual(command("a && b"));
});

test("a text is what the file would have, and a line for the shell only there", () => {
  expect(readCommand('["a", "b"]', false)).toEqual(command(["a", "b"]));
  expect(readCommand('{ run = "a; b", shell = true, wait = true }', false)).toEqual(
    command("a; b", { waits: true }),
  );
  expect(readCommand("a && b", true)).toEqual(command("a && b"));
  expect(readCommand("[ -e x ] && b", true)).toEqual(command("[ -e x ] && b"));
  expect(readCommand('{ run = "a; b", timeout = "2s" }', true)).toEqual(
    command("a; b", { timeoutMs: 2_000 }),
  );
});

test.each<[unknown, boolean, string]>([
  ["make it", false, 'write ["make", "it"], or { run = "make it", shell = true } to have a shell run it'],
  [{ run: "make it" }, false, 'write ["make", "it"]'],
  ['["a"]\nwait = true', false, "is not an array"],
  ['["a"', false, "is not an array"],
  [" ", true, "is not an array"],
  ["a\0b", true, "is not an array"],
  [3, false, "is not an array"],
  [true, true, "is not an array"],
  [[""], false, "is not a program"],
  [["a", 3], false, "is not a program"],
  [["a\0"], false, "is not a program"],
  [{ run: " ", shell: true }, false, "is not a program"],
  [{ run: ["a"], shell: true }, false, "run must be a text"],
  [{ run: "a", shell: true }, true, 'unknown key "shell"; there are run, timeout, wait'],
  [{ run: ["a"], tiemout: 3 }, false, "did you mean timeout?"],
  [{ wait: true }, false, "without run"],
  [{ run: ["a"], wait: "yes" }, false, 'wait is "yes"'],
  [{ run: ["a"], timeout: 0 }, false, "timeout is 0"],
  [{ run: ["a"], timeout: "soon" }, false, 'timeout is "soon"'],
])("refuses %p", (raw, there, problem) => {
  const read = readCommand(raw, there);
  expect(read).toEqual({ problem: expect.stringContaining(problem) });
  // So that it can stand behind the name of the option.
  expect((read as { problem: string }).problem).toStartWith("is ");
});

test("what is shown can be read again", () => {
  for (const there of [false, true]) {
    for (const { value } of [
      command(["a", "b"]),
      command([]),
      command("a; b", { waits: true }),
      command(["a"], { timeoutMs: 1_500 }),
    ])
      expect(readCommand(formatCommand(value, there), there)).toEqual({ value });
  }
});
