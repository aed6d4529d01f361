/** What the demo changes in the source, and how it sees that the target has it. */
import {
  appendFileSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { Random } from "../helpers/trees.ts";
import { makeFiles } from "./source-tree.ts";

export interface Step {
  /** For the table. */
  what: string;
  change(): void;
  /** True once the target shows it. */
  arrived(): boolean;
}

/** The steps, in this order, for the tree that `makeSource` has made in `source`. */
export function makeSteps(source: string, target: string): Step[] {
  const same = (path: string) => sameFile(`${source}/${path}`, `${target}/${path}`);
  return [
    {
      what: "create a file",
      change: () => writeFileSync(`${source}/packages/app/hello.txt`, "Hello, world\n"),
      arrived: () => same("packages/app/hello.txt"),
    },
    {
      what: "add 100 bytes to a file of 1 MB",
      change: () => appendFileSync(`${source}/data/events.log`, new Random(3).bytes(100)),
      arrived: () => same("data/events.log"),
    },
    {
      what: "create 200 files at once",
      change: () => makeFiles(`${source}/inbox`, "message-", 200, 1000),
      arrived: () => readdirSync(`${source}/inbox`).every((name) => same(`inbox/${name}`)),
    },
    {
      what: "move a directory of 1,000 files",
      change: () => renameSync(`${source}/pictures/2024`, `${source}/archive/pictures of 2024`),
      arrived: () =>
        !existsSync(`${target}/pictures/2024`) && countIn(`${target}/archive/pictures of 2024`) === 1000,
    },
    {
      what: "delete a directory of 100 files",
      change: () => rmSync(`${source}/old build`, { recursive: true }),
      arrived: () => !existsSync(`${target}/old build`),
    },
  ];
}

/** True if both files are there with the same content. Cheap while their sizes differ. */
function sameFile(a: string, b: string): boolean {
  const size = lstatSync(b, { throwIfNoEntry: false })?.size;
  if (size === undefined || size !== lstatSync(a).size) return false;
  try {
    return readFileSync(a).equals(readFileSync(b));
  } catch {
    return false; // it was replaced or moved meanwhile
  }
}

/** How many entries the directory `path` has; 0 if it is not there. */
function countIn(path: string): number {
  return existsSync(path) ? readdirSync(path).length : 0;
}
