/** Checks a target, whatever kind it is, without changing anything. */
import type { Destination } from "../config/destination.ts";
import type { Settings } from "../config/options.ts";
import { type Fault, isFault } from "../core/fault.ts";
import { checkLocal } from "../target/check-local.ts";
import { findPassword } from "./password.ts";
import { type Resources, sshOptions } from "./prepare.ts";

/** What is well with the target at `destination`, in a few words, or what is not. */
export async function checkTarget(
  destination: Destination,
  settings: Settings,
  resources: Resources,
): Promise<string | Fault> {
  switch (destination.kind) {
    case "local":
      return checkLocal(destination.path);
    case "ssh": {
      const { path: directory, ...request } = destination;
      const rsync = settings["rsync-path"] ?? "rsync";
      const { checkSsh } = await import("../target/check-ssh.ts");
      return checkSsh(await resources.pool(sshOptions(settings)), { host: request, directory, rsync });
    }
    case "exec": {
      const { findProgram } = await import("../target/exec/exec.ts");
      const program = findProgram(destination.argv[0]!);
      return isFault(program) ? program : `${program} can be run`;
    }
    case "daemon": {
      const password = findPassword(settings["password-file"], process.env);
      if (isFault(password)) return password;
      const { path: directory, ...where } = destination;
      const { daemonTarget } = await import("../target/daemon.ts");
      const making = { base: "", mayReplace: false, mustList: false, password };
      const fault = await daemonTarget({ ...where, ...making, directory }).check();
      // Whether it may be written to shows only when it is.
      return fault ?? "the module can be reached";
    }
  }
}
