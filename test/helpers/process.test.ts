import { expect, test } from "bun:test";
import { existsSync, realpathSync } from "node:fs";
import { runProcess, startProcess, tempDir, waitUntil } from "./process.ts";
import { isRunning } from "./process-tree.ts";

const shell = (script: string) => ["/bin/sh", "-c", script];

test("a run gives code and both outputs", async () => {
  const dir = tempDir("tsync-run-");
  const options = { cwd: dir, env: { GREETING: "hé", HOME: undefined } };
  const result = await runProcess(shell('pwd; echo "$GREETING" >&2; echo "home: $HOME"; exit 3'), options);
  expect(result).toEqual({ code: 3, stdout: `${realpathSync(dir)}\nhome: \n`, stderr: "hé\n" });
});

test("waitFor finds output there is and output to come, in the stream asked for", async () => {
  const running = startProcess(shell("echo one 1; echo two 2 >&2; sleep 0.05; echo three 3; exec sleep 100"));
  expect((await running.waitFor(/three (\d)/))[1]).toBe("3");
  expect((await running.waitFor(/one (\d)/g))[1]).toBe("1");
  expect((await running.waitFor(/two (\d)/))[1]).toBe("2");
  await expect(running.waitFor(/two/, 30, "stdout")).rejects.toThrow(
    /not within 30 ms\n--- stdout\none 1\nthree 3/,
  );
  await expect(running.waitFor(/one/, 30, "stderr")).rejects.toThrow(/--- stderr\ntwo 2/);
  const never = running.waitFor(/never/);
  running.signal("SIGTERM");
  await expect(never).rejects.toThrow(/ended with code 143/);
  expect(await running.exit).toBe(143);
  expect((await running.waitFor(/three/)).index).toBe(6);
});

test("an end is seen although a child holds the output open", async () => {
  const { code, stdout } = await runProcess(shell("echo begun; sleep 2 & exit 0"));
  expect([code, stdout]).toEqual([0, "begun\n"]);
});

test("waitUntil waits, and tells what it waited for in vain", async () => {
  let asked = 0;
  await waitUntil(async () => ++asked === 3, 1000, 1);
  expect(asked).toBe(3);
  await expect(
    waitUntil(
      () => false,
      20,
      5,
      () => `asked ${asked}`,
    ),
  ).rejects.toThrow(/20 ms: asked 3/);
});

test("folders and processes go when the process that made them is killed", async () => {
  const script = `
    import { startProcess, tempDir } from "${import.meta.dir}/process.ts";
    const child = startProcess(["sleep", "100"]);
    console.log(tempDir("tsync-it's-"), child.pid, ".");
    await child.exit;`;
  const running = startProcess([process.execPath, "-e", script]);
  const [, dir = "", pid = ""] = await running.waitFor(/(\S+) (\d+) \./);
  expect(existsSync(dir)).toBe(true);
  running.signal("SIGKILL");
  await running.exit;
  await waitUntil(() => !existsSync(dir) && !isRunning(Number(pid)), 2000);
});
