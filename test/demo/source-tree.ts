/** The tree that the demo mirrors: like a small project, with all that makes mirroring hard. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { oddNames } from "../helpers/odd-names.ts";
import { bytesOf, makeTree, Random } from "../helpers/trees.ts";

const random = new Random(2);

/** Makes the tree in the new folder `dir`: about 2,000 files. */
export function makeSource(dir: string): void {
  for (const name of ["app", "core", "server", "web"]) {
    makeTree(`${dir}/packages/${name}`, { files: 200, filesPerDirectory: 10, bytes: 2500, random });
  }
  makeFiles(`${dir}/pictures/2024`, "picture-", 1000, 4000);
  makeFiles(`${dir}/old build/objects`, "object-", 100, 2000);
  mkdirSync(`${dir}/archive`);
  mkdirSync(`${dir}/inbox`);
  mkdirSync(`${dir}/data`);
  writeFileSync(`${dir}/data/events.log`, random.bytes(1_000_000));
  writeFileSync(`${dir}/run`, "#!/bin/sh\necho running\n");
  chmodSync(`${dir}/run`, 0o755);
  mkdirSync(`${dir}/odd names`);
  for (const name of oddNames) writeFileSync(bytesOf(`${dir}/odd names/${name}`), random.bytes(100));
  symlinkSync("data/events.log", `${dir}/latest`);
  symlinkSync("../packages/core", `${dir}/data/core`);
  symlinkSync("/nowhere/at all", `${dir}/dangling`);
}

/** Fills `dir`, made if missing, with `count` different files. */
export function makeFiles(dir: string, prefix: string, count: number, bytes: number): void {
  mkdirSync(dir, { recursive: true });
  for (let number = 1; number <= count; number++) {
    writeFileSync(`${dir}/${prefix}${String(number).padStart(4, "0")}`, random.bytes(bytes));
  }
}
