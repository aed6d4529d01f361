/** What is committed in completions/ is what the table of commands gives, and the scripts are valid. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { completionScript, shells } from "../../src/cli/completions.ts";
import { runProcess } from "../helpers/process.ts";

const folder = join(import.meta.dir, "../../completions");

describe("completions", () => {
  test.each([...shells])("completions/tsync.%s is current", (shell) => {
    const committed = readFileSync(join(folder, `tsync.${shell}`), "utf8");
    // If this fails: npm run build && for each SHELL: dist/tsync completions SHELL > completions/tsync.SHELL
    expect(committed).toBe(completionScript(shell));
  });

  const complete = async (...words: string[]) => {
    const script =
      `source "${folder}/tsync.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tsync; ` +
      `printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { code, stdout } = await runProcess(["bash", "-c", script, "bash", ...words]);
    expect(code).toBe(0);
    return stdout.trim().split("\n").sort();
  };

  test("bash completes commands, options, values and directories", async () => {
    expect(await complete("tsync", "wa")).toEqual(["watch"]);
    expect(await complete("tsync", "watch", "--dele")).toEqual(["--delete", "--delete-excluded"]);
    expect(await complete("tsync", "sync", "--delete", "")).toEqual([
      "exact",
      "live",
      "never",
      "startup",
      "tracked",
    ]);
    expect(await complete("tsync", "sync", "/us")).toEqual(["/usr"]);
  });
});
