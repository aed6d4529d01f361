/** A few bytes change in the middle of a large file. It is at both sides from the start, which spares its first sync. */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { runProcess } from "../../helpers/process.ts";
import { formatBinary } from "../format.ts";
import { hasContentAt } from "./content.ts";
import { makeLargeFile } from "./large-files.ts";
import { bytesReading, type Measure, timeReading } from "./measure.ts";

const name = "large";
const changedBytes = 4096;

export const delta: Measure = {
  name: "delta",
  about:
    "4 KiB change in a large file: time until they are there, bytes on the link, memory of the tool here",
  firstSyncLimitMs: 90_000,
  async prepare({ source, destinations }, { deltaBytes }) {
    makeLargeFile(join(source, name), deltaBytes);
    for (const destination of destinations) {
      const { code, stderr } = await runProcess(["cp", "-p", join(source, name), `${destination}/`]);
      if (code !== 0) throw new Error(`cp: ${stderr}`);
    }
  },
  async run(session, { deltaBytes, bulkLimitMs }) {
    const { source, destination, wait, usage } = session;
    const offset = Math.floor(deltaBytes / 2) + 12_345;
    const content = Buffer.alloc(changedBytes, "changed ");
    const start = session.change(() => {
      const file = openSync(join(source, name), "r+");
      writeSync(file, content, 0, content.length, offset);
      closeSync(file);
    });
    const isThere = () => {
      usage.sample();
      return hasContentAt(join(destination, name), deltaBytes, content, offset);
    };
    const seen = await wait(isThere, bulkLimitMs);
    const of = `4 KiB changed in a file of ${formatBinary(deltaBytes)}`;
    return [
      timeReading(of, start, seen, bulkLimitMs),
      await bytesReading("  bytes on the link for that", session, seen),
      { key: "memory", title: "  peak memory here for that", unit: "bytes", value: usage.peakBytes },
    ];
  },
};
