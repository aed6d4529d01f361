/** One file is saved again and again: how soon can its new content be read? */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../helpers/trees.ts";
import { baseFile } from "../base-tree.ts";
import type { Reading } from "../result.ts";
import type { Scale } from "../scale.ts";
import { hasContent } from "./content.ts";
import type { Measure, Session } from "./measure.ts";
import { Rounds } from "./rounds.ts";

const fileBytes = 4096;

export const save: Measure = {
  name: "save",
  about: "one file of 4 KiB is saved again and again: time until its new content can be read",
  prepare() {},
  async run(session, scale) {
    const rounds = await saveRounds(session, scale);
    const total = await session.bytes();
    return [
      ...rounds.readings("save to visible"),
      ...missed(rounds),
      {
        key: "bytes",
        title: "  bytes on the link a save",
        unit: "bytes",
        value: Math.round(total / rounds.count),
      },
    ];
  },
};

export const fourTargets: Measure = {
  name: "targets",
  about: "the same with four targets at once: time until it can be read on all four",
  targets: 4,
  prepare() {},
  async run(session, scale) {
    const rounds = await saveRounds(session, scale);
    return [...rounds.readings("save to visible on 4 targets"), ...missed(rounds)];
  },
};

async function saveRounds(session: Session, scale: Scale): Promise<Rounds> {
  const { source, destinations, wait } = session;
  const random = new Random(7);
  const rounds = new Rounds({ count: scale.saves, limitMs: scale.savesMs }, random);
  await rounds.run(async (i, limitMs) => {
    // Each save has a size of its own: rsync takes a file of the same size and second for the same file, so
    // the others would miss most saves.
    const content = random.bytes(fileBytes + i);
    const startMs = session.change(() => writeFileSync(join(source, baseFile), content));
    const isThere = () =>
      destinations.every((destination) => hasContent(join(destination, baseFile), content));
    return { startMs, seen: await wait(isThere, limitMs) };
  });
  return rounds;
}

function missed({ count, missed }: Rounds): Reading[] {
  return [
    { key: "missed", title: "  saves missed", unit: "count", value: missed, text: `${missed} of ${count}` },
  ];
}
