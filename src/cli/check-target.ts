/** Checks a target, whatever kind it is, without changing anything. */
import type { Destination } from "../config/destination.ts";
import type { Settings } from "../config/options.ts";
import type { Fault } from "../core/fault.ts";
import { checkLocal } from "../target/check-local.ts";
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
      const { host, user, path: directory } = destination;
      const rsync = settings["rsync-path"] ?? "rsync";
      const request = user === undefined ? { host } : { host, user };
      const { checkSsh } = await import("../target/check-ssh.ts");
      return checkSsh(await resources.pool(sshOptions(settings)), { host: request, directory, rsync });
    }
  }
}
