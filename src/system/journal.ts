/** Whether what is written to a descriptor goes to the journal of systemd. */
import { fstatSync } from "node:fs";

/** True if `fd` is the stream that `journalStream` (the variable JOURNAL_STREAM: `device:inode`) names. */
export function isJournal(fd: number, journalStream: string | undefined): boolean {
  const [device, inode] = (journalStream ?? "").split(":");
  if (!device || !inode) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return `${dev}` === device && `${ino}` === inode;
  } catch {
    return false;
  }
}
