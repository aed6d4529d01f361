/** What is behind followed links is looked at now and then: nothing tells of changes there. */
import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { fromText } from "../../src/core/path.ts";
import { usualDeletionLimit } from "../../src/core/safety.ts";
import { Mirror } from "../../src/engine/mirror.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { LocalTarget } from "../../src/target/local.ts";
import { defaultTransfer } from "../../src/target/transfer-options.ts";
import { wholeSource } from "../../src/watch/selection.ts";
import { Source } from "../../src/watch/source.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";

test("a change behind a followed link arrives", async () => {
  const folder = tempDir("tsync-behind-");
  mkdirSync(`${folder}/source`);
  mkdirSync(`${folder}/outside`);
  writeFileSync(`${folder}/outside/file`, "before");
  symlinkSync("../outside", `${folder}/source/link`);
  const base = fromText(`${folder}/source`);
  const links = { links: true, copyLinks: true, copyUnsafeLinks: false, safeLinks: false };
  const ledger = Ledger.open(":memory:") as Ledger;
  const mirror = new Mirror({
    name: null,
    source: new Source(base),
    behindLinksMs: 100,
    report: () => {},
    workers: [
      {
        name: "target",
        source: new Source(base, wholeSource, { attributes: null, links, reserved: null }),
        ledger,
        target: new LocalTarget(fromText(`${folder}/target`), base, true, {
          ...defaultTransfer,
          copyLinks: true,
        }),
        delete: "tracked",
        sending: { parallel: 1, hardLinks: false },
        unseenAttributes: false,
        deleteExcluded: false,
        deletionLimit: usualDeletionLimit,
        delayMs: 0,
        countMax: Number.POSITIVE_INFINITY,
        follow: null,
        initialSync: true,
        insist: false,
        acceptDeletes: false,
        settleMs: 10,
        delayMaxMs: 1_000,
      },
    ],
  });
  const ended = mirror.watch();
  const arrived = (content: string) => () => {
    try {
      return readFileSync(`${folder}/target/link/file`, "utf8") === content;
    } catch {
      return false;
    }
  };
  await waitUntil(arrived("before"), 10_000);
  await Bun.sleep(500);
  writeFileSync(`${folder}/outside/file`, "after that");
  await waitUntil(arrived("after that"), 10_000);
  mirror.stop();
  expect((await ended).faults).toEqual([]);
});
