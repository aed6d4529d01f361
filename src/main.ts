import { runProgram } from "./cli/commands.ts";
import { exitBug } from "./cli/exit-codes.ts";

// Whoever reads the output may stop doing so (`| head`): the mirror goes on.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

try {
  process.exit(await runProgram(process.argv.slice(2)));
} catch (error) {
  // Expected failures are values: whatever is thrown is a bug. The ledger makes the next start safe.
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`tsync: internal error, please report it: ${detail}\n`);
  process.exit(exitBug);
}
