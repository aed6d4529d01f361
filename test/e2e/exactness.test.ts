/** What readers on the target see while the source changes: a whole file, old or new, at every moment. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { startProcess, waitUntil } from "../helpers/process.ts";
import { killTrees, pidsByEnvironment } from "../helpers/process-tree.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";
import { binary, makePlace, outliveRaces, type Place, tsync } from "../helpers/tsync.ts";
import { untilEqual } from "../helpers/until-equal.ts";

let sshd: TestSshd;

beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

/** How a file is replaced or changed by programs that people use; `text` is its whole new content. */
const ways: Record<string, (path: string, text: string) => void> = {
  "write and rename": (path, text) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  },
  "keep a copy, rename, remove the copy": (path, text) => {
    writeFileSync(`${path}~`, readFileSync(path));
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
    unlinkSync(`${path}~`);
  },
  "write in place": (path, text) => writeFileSync(path, text),
};

const fileBytes = 300_000;
const saves = 25;

/** A file of one letter: mixed letters are half of one version and half of another. */
const version = (at: number) => String.fromCharCode(97 + (at % 26)).repeat(fileBytes + at);

describe.each(["local", "ssh"])("%s", (kind) => {
  const destinationOf = (place: Place) => (kind === "local" ? place.target : `${sshd.host}:${place.target}`);

  /** Starts watching `place` and waits until it is in sync. */
  async function start(place: Place) {
    await outliveRaces();
    const argv = [binary, "watch", "-F", sshd.configFile, place.source, destinationOf(place)];
    const running = startProcess(argv, { env: place.env });
    await running.waitFor(/in sync/, 30_000, "stderr");
    return running;
  }

  test.each(Object.keys(ways))("%s: no reader sees it gone, or half of it", async (way) => {
    const place = makePlace();
    const [source, target] = [join(place.source, "page"), join(place.target, "page")];
    writeFileSync(source, version(0));
    const running = await start(place);
    const wrong: string[] = [];
    let reads = 0;
    let reading = true;
    const reader = (async () => {
      while (reading) {
        reads++;
        try {
          const text = readFileSync(target, "latin1");
          // While it is written in place, the source itself is half a file; what is sent is what was there to read.
          const isWhole = text.length >= fileBytes && text === text[0]!.repeat(text.length);
          if (!isWhole && way !== "write in place")
            wrong.push(`${text.length} bytes of ${new Set(text).size} letters`);
        } catch (error) {
          wrong.push((error as Error).message);
        }
        await Bun.sleep(1);
      }
    })();
    for (let at = 1; at <= saves; at++) {
      ways[way]!(source, version(at));
      await Bun.sleep(40);
    }
    const last = version(saves);
    await waitUntil(() => readFileSync(target, "latin1") === last, 20_000);
    reading = false;
    await reader;
    expect(wrong).toEqual([]);
    expect(reads).toBeGreaterThan(saves);
    running.signal("SIGTERM");
    await running.exit;
  });

  test("a file that is written all the while it is sent ends right", async () => {
    const place = makePlace();
    writeFileSync(join(place.source, "first"), "");
    const running = await start(place);
    const file = openSync(join(place.source, "large"), "w");
    const block = Buffer.alloc(1024 * 1024);
    for (let at = 0; at < 40; at++) {
      writeSync(file, block.fill(at));
      // Now and then something at the beginning, which may have been sent already.
      writeSync(file, `${at}`, 0);
      await Bun.sleep(25);
    }
    closeSync(file);
    appendFileSync(join(place.source, "large"), "the end");
    await untilEqual(place, 30_000);
    running.signal("SIGTERM");
    expect(await running.exit).toBe(0);
  });

  test("what a transfer left that was killed there is removed at the next start", async () => {
    const place = makePlace();
    writeFileSync(join(place.source, "large"), Buffer.alloc(20_000_000));
    const argv = ["sync", "-F", sshd.configFile, place.source, destinationOf(place)];
    const running = startProcess([binary, ...argv, "--bwlimit", "500"], { env: place.env });
    const there = () => (existsSync(place.target) ? readdirSync(place.target) : []);
    const temporary = () => there().filter((name) => /^\.large\.\w{6}$/.test(name));
    await waitUntil(() => temporary().length > 0, 20_000);
    // Here and there, so that none of them has time to clean up.
    const isPartOfIt = new RegExp(
      `^(XDG_STATE_HOME=${place.env.XDG_STATE_HOME}|SSH_CONNECTION=.* ${sshd.port})$`,
    );
    await killTrees(() => pidsByEnvironment(isPartOfIt));
    await running.exit;
    expect(temporary()).toHaveLength(1);
    writeFileSync(join(place.target, ".other.abcdef"), "not ours");
    const { code, stderr } = await tsync(place, argv);
    expect([code, stderr]).toEqual([0, expect.stringContaining("in sync")]);
    expect(there().sort()).toEqual([".other.abcdef", "large"]);
  });
});
