/** What rsync leaves behind of files that never arrived does not keep a directory from being removed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import type { Outcome, Step } from "../../src/core/operation.ts";
import type { TransferOptions } from "../../src/target/transfer-options.ts";
import { tempDir } from "../helpers/process.ts";
import { kindsByRsyncAlone, type TargetKind, targetKinds } from "./kinds.ts";

describe.each(Object.keys(targetKinds).filter((name) => !kindsByRsyncAlone.has(name)))(
  "target: %s",
  (name) => {
    let kind: TargetKind;
    beforeAll(async () => {
      kind = await targetKinds[name]!();
    });
    afterAll(() => kind.stop());

    test.each<[string, Partial<TransferOptions>]>([
      ["part's", { partialDirectory: "part's" }],
      [".~tmp~", { delayUpdates: true }],
    ])("%s", async (working, transfer) => {
      const folder = tempDir("tsync-left-over-");
      const directory = `${folder}/target`;
      for (const one of ["left", "kept", "plain", "link"])
        mkdirSync(`${directory}/${one}`, { recursive: true });
      for (const one of ["left", "kept"]) {
        mkdirSync(`${directory}/${one}/${working}`);
        writeFileSync(`${directory}/${one}/${working}/file`, "part");
      }
      writeFileSync(`${directory}/kept/theirs`, "theirs");
      writeFileSync(`${directory}/plain/${working}`, "not a directory");
      const steps = ["left", "kept", "plain"].map((path): Step => ({ do: "remove-directory", path }));
      const run = async (options: Partial<TransferOptions>) => {
        const target = kind.open({ directory, base: folder, transfer: options });
        expect(await target.connect()).toBeNull();
        const outcomes: Outcome["is"][] = [];
        expect(await target.run(steps, (index, { is }) => (outcomes[index] = is))).toBeNull();
        await target.close();
        return outcomes;
      };
      expect(await run({})).toEqual(["kept", "kept", "kept"]);
      expect(await run(transfer)).toEqual(["done", "kept", "kept"]);
      expect(existsSync(`${directory}/left`)).toBe(false);
      expect(existsSync(`${directory}/kept/${working}/file`)).toBe(true);
    });
  },
);
