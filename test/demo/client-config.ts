import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DemoServer } from "./server.ts";

/** Writes what a client needs to reach `server` as `demo` into the new folder `dir`; returns the path for `ssh -F`. */
export function writeClientConfig(dir: string, server: DemoServer): string {
  const [key, knownHosts, config] = ["id_ed25519", "known_hosts", "ssh_config"].map((name) =>
    join(dir, name),
  );
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(key!, server.clientKey, { mode: 0o600 });
  writeFileSync(knownHosts!, `[127.0.0.1]:${server.port} ${server.hostKey}\n`);
  writeFileSync(
    config!,
    `Host demo
  HostName 127.0.0.1
  Port ${server.port}
  User ${server.user}
  IdentityFile "${key}"
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile "${knownHosts}"
  GlobalKnownHostsFile /dev/null
`,
  );
  return config!;
}
