/** `tsync watch --daemon`, in the process that starts the one in the background and waits until that is on its own. */
import { Fault, Faults } from "../core/fault.ts";
import { libc } from "../system/libc.ts";
import { startInBackground } from "./background.ts";
import { exitCodes, exitOk } from "./exit-codes.ts";
import type { Printer } from "./printer.ts";

/** Returns the exit code: 0 once it is in the background, else that of its failure, which it told by itself. */
export async function daemonCommand(log: string, printer: Printer): Promise<number> {
  if (libc() === null) {
    const hint = "run it without --daemon, below a service manager or nohup";
    return printer.faults(
      new Faults([new Fault("usage", "cannot go to the background: the C library was not found", hint)]),
    );
  }
  const started = await startInBackground(log);
  if ("pid" in started) {
    printer.info(`in the background now, as process ${started.pid}; log: ${log}`);
    return exitOk;
  }
  if (started.exitCode !== exitCodes.usage) printer.info(`it did not go to the background; log: ${log}`);
  return started.exitCode;
}
