/** What is committed in completions/ is what the table of commands gives, and the shells can read it. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../src/cli/commands.ts";
import { completionScript, shells } from "../../src/cli/completions/completions.ts";
import { runProcess } from "../helpers/process.ts";

const folder = join(import.meta.dir, "../../completions");

describe("completions", () => {
  test.each([...shells])("completions/tsync.%s is current", (shell) => {
    const committed = readFileSync(join(folder, `tsync.${shell}`), "utf8");
    // If this fails: npm run generate
    expect(committed).toBe(completionScript(shell));
  });

  test.each([...shells])("%s takes the script for one without mistakes", async (shell) => {
    const { code, stderr } = await runProcess([shell, "-n", join(folder, `tsync.${shell}`)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("every command and option is in each script", () => {
    for (const shell of shells) {
      const script = completionScript(shell);
      for (const [name, command] of Object.entries(commands)) {
        expect(script).toMatch(new RegExp(`\\b${name}\\b`));
        for (const option of Object.keys(command.options))
          expect(script).toMatch(new RegExp(`(--|-l )(no-)?${option}\\b`));
      }
    }
  });
});
