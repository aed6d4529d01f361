/** The programs that work on the source, all at the same time. */
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { killAtExit } from "../helpers/janitor.ts";
import type { Random } from "../helpers/trees.ts";

const program = fileURLToPath(import.meta.resolve("./writer.ts"));
const kinds = ["anything", "anything", "log", "unpack"];

/** Writers at work. */
export interface Writers {
  /** Lets each end what it is doing; resolves with the number of operations of all. */
  end(): Promise<number>;
}

/** Starts one writer of each kind on `dir`; what they do is told in files `writer-N.log` in `logFolder`. */
export function startWriters(dir: string, random: Random, logFolder: string): Writers {
  const children = kinds.map((kind, at) => {
    const log = openSync(`${logFolder}/writer-${at}.log`, "w");
    const argv = [process.execPath, program, kind, dir, String(random.int(2 ** 31))];
    const child = Bun.spawn(argv, { stdin: "pipe", stdout: "pipe", stderr: log });
    closeSync(log);
    void child.exited.then(killAtExit(child.pid));
    return child;
  });
  return {
    async end() {
      for (const child of children) child.stdin.end();
      const counts = children.map(async (child, at) => {
        const told = await new Response(child.stdout).text();
        if ((await child.exited) !== 0) throw new Error(`a writer failed: see ${logFolder}/writer-${at}.log`);
        return Number(told);
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
  };
}
