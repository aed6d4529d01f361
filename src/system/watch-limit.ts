/** How much the kernel lets this user watch. */
import { readFileSync } from "node:fs";

/** The limit of inotify watches; null if the system does not tell. */
export function watchLimit(): number | null {
  try {
    return Number(readFileSync("/proc/sys/fs/inotify/max_user_watches", "utf8")) || null;
  } catch {
    return null;
  }
}
