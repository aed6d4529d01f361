import { expect, test } from "bun:test";
import { Terminal } from "./terminal.ts";

test("a program reads what is typed, and its end is seen", async () => {
  const terminal = await Terminal.start([
    "sh",
    "-c",
    'printf "name? "; read name; echo "hello $name"; exit 3',
  ]);
  await terminal.waitFor(/name\?$/);
  await terminal.answer("ann");
  const { code, isRestored, screen } = await terminal.waitForExit();
  expect({ code, isRestored }).toEqual({ code: 3, isRestored: true });
  expect(screen).toStartWith("name? ann\nhello ann\nexit code 3\n");
  await terminal.stop();
});

test("a terminal that was left in another state is told", async () => {
  const terminal = await Terminal.start(["stty", "-echo"]);
  expect((await terminal.waitForExit()).isRestored).toBe(false);
  await terminal.stop();
});
