/** Names of users and groups by their numbers, as the system has them. */
import { CString, type Pointer, read } from "bun:ffi";
import { libc } from "./libc.ts";
import { remember } from "./remember.ts";

/** Accounts come and go, and who knows of them may be far away: they are asked for again after that time. */
const rememberedMs = 60_000;

/** The name of a user, as text; null if there is none, or none can be found. */
export const userName = remember((id: number) => nameOf("getpwuid", id), rememberedMs);

/** The same of a group. */
export const groupName = remember((id: number) => nameOf("getgrgid", id), rememberedMs);

function nameOf(kind: "getpwuid" | "getgrgid", id: number): string | null {
  // The name is what the answer begins with, on every system.
  const answer = libc()?.[kind](id) as Pointer | null | undefined;
  return answer ? new CString(read.ptr(answer, 0) as Pointer).toString() : null;
}
