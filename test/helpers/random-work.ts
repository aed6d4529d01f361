/** Does what people and programs do to a tree of files, at random, with odd names. */
import { existsSync, writeFileSync } from "node:fs";
import * as changes from "./random-changes.ts";
import * as moves from "./random-moves.ts";
import { bytesOf, type Random, show } from "./trees.ts";
import { keep, type Operation, Tree } from "./work-tree.ts";

export interface WorkOptions {
  /** Told each operation after it was done, as one line of text; the next one waits for it. */
  onOperation?: (text: string) => void | Promise<void>;
  /** Others write to the same tree: what fails because of them is left as it is, and does not count. */
  shared?: boolean;
}

/** What an operation may meet where others change the tree between its look and its deed. */
const collisions = ["ENOENT", "EEXIST", "ENOTDIR", "EISDIR", "ENOTEMPTY", "EINVAL", "ELOOP", "ENAMETOOLONG"];

/** All operations with their weights (whole numbers). */
const weights: [weight: number, Operation][] = [
  [10, changes.createFile],
  [6, changes.append],
  [5, changes.overwrite],
  [3, changes.overwriteSameSize],
  [6, changes.editorReplace],
  [6, moves.renameFile],
  [6, moves.renameDir],
  [3, moves.renameDirAndEdit],
  [3, moves.renameTwice],
  [3, moves.renameBehind],
  [3, moves.swapTwo],
  [2, moves.cycleOfThree],
  [2, moves.swapParentAndChild],
  [3, moves.moveOver],
  [1, moves.moveOutAndDelete],
  [4, changes.makeOneDir],
  [6, changes.makeNestedDirs],
  [5, changes.deleteFile],
  [1, changes.deleteDir],
  [2, changes.fileToDir],
  [1, changes.dirToFile],
  [3, changes.makeSymlink],
  [2, changes.replaceBySymlink],
  [4, changes.chmod],
  [4, changes.touch],
  [2, changes.hardLink],
  [3, changes.deleteAndRecreate],
];
const operations = weights.flatMap(([weight, operation]) => Array<Operation>(weight).fill(operation));

/** The operations that make a tree smaller; half of all are of these while there are more entries. */
const removals = [changes.deleteFile, changes.deleteDir, changes.dirToFile, moves.moveOutAndDelete];
const entriesMax = 250;

/**
 * Performs `count` random operations below `dir` (a byte string), which exists and which nothing else writes
 * to, unless it is said to be shared. Tree, umask and the state of `random` being the same, the result is the same but for the times of what
 * was written. A file `keep` directly below `dir` is made if missing and always left alone.
 */
export async function randomWork(
  dir: string,
  random: Random,
  count: number,
  options: WorkOptions = {},
): Promise<void> {
  const keepFile = bytesOf(`${dir}/${keep}`);
  if (!existsSync(keepFile)) writeFileSync(keepFile, "keep\n");
  for (let done = 0; done < count; ) {
    let name = "walk";
    let text: string | null;
    try {
      const tree = new Tree(dir, options.shared);
      const crowded = tree.entries.length > entriesMax && random.chance(0.5);
      const operation = random.pick(crowded ? removals : operations);
      name = operation.name;
      text = operation(tree, random);
    } catch (error) {
      if (options.shared && collisions.includes((error as NodeJS.ErrnoException).code ?? "")) continue;
      throw new Error(`operation ${done}, ${name}: ${error}`, { cause: error });
    }
    if (text === null) continue; // it found nothing that it could be done to
    done++;
    await options.onOperation?.(`${name} ${show(text)}`);
    await new Promise((resolve) => setImmediate(resolve)); // lets what else runs in this process have its turn
  }
}
