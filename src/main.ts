import { runProgram } from "./cli/commands.ts";

process.exit(await runProgram(process.argv.slice(2)));
