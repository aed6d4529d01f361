/** The tools in the order of the table's columns. */
import { loop } from "./loop.ts";
import { lsyncd } from "./lsyncd.ts";
import { rsync } from "./rsync.ts";
import { syncthing } from "./syncthing.ts";
import type { Tool } from "./tool.ts";
import { tsync } from "./tsync.ts";
import { unison } from "./unison.ts";

export const allTools: Tool[] = [tsync, lsyncd, loop, unison, syncthing, rsync];
