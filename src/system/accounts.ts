/** Names of users and groups by their numbers, as the system has them. */
import { CString, type Pointer, read } from "bun:ffi";
import { libc } from "./libc.ts";

type Kind = "getpwuid" | "getgrgid";

/** More are not remembered. */
const rememberedMax = 10_000;

const remembered: Record<Kind, Map<number, string | null>> = { getpwuid: new Map(), getgrgid: new Map() };

/** The name of a user, as text; null if there is none, or none can be found. */
export function userName(id: number): string | null {
  return nameOf("getpwuid", id);
}

/** The same of a group. */
export function groupName(id: number): string | null {
  return nameOf("getgrgid", id);
}

function nameOf(kind: Kind, id: number): string | null {
  const names = remembered[kind];
  let name = names.get(id);
  if (name === undefined) {
    // The name is what the answer begins with, on every system.
    const answer = libc()?.[kind](id) as Pointer | null | undefined;
    name = answer ? new CString(read.ptr(answer, 0) as Pointer).toString() : null;
    if (names.size < rememberedMax) names.set(id, name);
  }
  return name;
}
