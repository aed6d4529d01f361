import { readFileSync } from "node:fs";
import { homedir } from "node:os";

/**
 * Who runs this, by the system's list of accounts: OpenSSH goes by that, not by HOME and USER. Accounts that are
 * not in /etc/passwd (a directory service has them) are taken from the environment.
 */
export function localUser(): { name: string; home: string } {
  const uid = String(process.getuid?.() ?? "");
  for (const line of accounts().split("\n")) {
    const [name, , id, , , home] = line.split(":");
    if (name && home && id === uid) return { name, home };
  }
  return { name: process.env.USER ?? process.env.LOGNAME ?? "", home: homedir() };
}

function accounts(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}
