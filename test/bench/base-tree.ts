/** The files that are in the source at every measure. */
import { join } from "node:path";
import { makeTree } from "../helpers/trees.ts";

/** One of them, below the source. */
export const baseFile = "base/d0003/f0007";

export function makeBaseTree(source: string): void {
  makeTree(join(source, "base"), { files: 200, filesPerDirectory: 20, bytes: 4096 });
}
