import { expect, test } from "bun:test";
import { join } from "node:path";
import { runProcess } from "../helpers/process.ts";

test("what a server says cannot command the terminal", async () => {
  const source = (name: string) => JSON.stringify(join(import.meta.dir, "../../src", name));
  const { stderr } = await runProcess([
    process.execPath,
    "-e",
    `import { Printer } from ${source("cli/printer.ts")};
    import { Fault } from ${source("core/fault.ts")};
    const printer = new Printer({ verbose: false, quiet: false, json: false });
    printer.fault(new Fault("connection", "it said \\x1b[2J", "and\\r\\nwent"));`,
  ]);
  expect(stderr).toBe("tsync: error: it said \\x1b[2J; and\nwent\n");
});
