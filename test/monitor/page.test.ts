/** The page in a real browser: what it shows, and what names of files and servers cannot make it do. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { isFault } from "../../src/core/fault.ts";
import type { ProgramStatus } from "../../src/engine/status.ts";
import { type Server, serve } from "../../src/monitor/server.ts";
import { type BrowserPage, browserProgram, startBrowser } from "../helpers/browser.ts";
import { tempDir } from "../helpers/process.ts";
import { allStates, mirrorOf, nowMs, statusOf, targetOf } from "../helpers/statuses.ts";

const why = browserProgram === null ? " (skipped: chromium is not installed; apt-get install chromium)" : "";

const hostile = `<img src=x onerror="document.title='broken'"> & 'x' </script><script>document.title='broken'</script>`;
const failingPaths = [
  { path: `private/${hostile}\n\x1b[31m`, reason: hostile, tries: 3, nextMs: nowMs + 30_000 },
  { path: "long/".repeat(100), reason: "the target is full", tries: 1, nextMs: nowMs - 1 },
];

const progress = { filesDone: 1_200, files: 5_000, bytesDone: 3 * 2 ** 30, bytes: 8 * 2 ** 30, isOpen: true };

/** Every state, a target on which much fails, and names that are meant to break the page. */
const all = statusOf([
  mirrorOf(
    "www",
    allStates.map((state, at) =>
      targetOf(`user@web${at}:/var/www`, {
        state,
        pending: at,
        lagMs: at * 1_000,
        progress: state.state === "syncing" ? progress : null,
      }),
    ),
    { unwatched: 12, overflows: 3 },
  ),
  mirrorOf(hostile, [
    targetOf(`backup:/${hostile}`, { failing: 250, failingPaths, inSyncMs: null }),
    targetOf(`/mnt/${"deep/".repeat(60)}`, { state: { state: "halted", reason: hostile, hint: hostile } }),
  ]),
]);

const fifty = statusOf([
  mirrorOf(
    "fleet",
    Array.from({ length: 50 }, (_, at) =>
      targetOf(`web${at}:/www`, at === 7 ? { state: allStates[3]! } : {}),
    ),
  ),
]);

describe.skipIf(browserProgram === null)(`page${why}`, () => {
  let status: ProgramStatus;
  let server: Server;
  let page: BrowserPage;
  const pictures = process.env.TSYNC_PICTURES ?? tempDir("tsync-pictures-");

  const listen = async (port: number) => {
    const address = { host: "127.0.0.1", port };
    const served = await serve({ address, option: "--web", hasPage: true, status: () => status });
    if (isFault(served)) throw new Error(served.toString());
    server = served;
  };
  /** What is shown once as many targets are there as `status` has. */
  const shown = async (): Promise<string> => {
    const count = status.mirrors.flatMap(({ targets }) => targets).length;
    await page.waitFor(`document.querySelectorAll(".target").length === ${count}`);
    return (await page.evaluate("document.body.innerText")) as string;
  };
  const textOf = async (selector: string) =>
    (await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`)) as string;
  const picture = (name: string, isWhole = false) => page.screenshot(join(pictures, `${name}.png`), isWhole);
  const isWiderThanWindow = () =>
    page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");

  beforeAll(async () => {
    status = statusOf([mirrorOf("/srv/site", [targetOf("user@host:/var/www")])]);
    await listen(0);
    page = await startBrowser();
    await page.setWindow(1200, 800, "light");
    await page.open(`http://127.0.0.1:${server.address.port}/`);
  }, 90_000);
  afterAll(() => {
    page?.close();
    server?.stop();
  });

  test("one target", async () => {
    const text = await shown();
    for (const part of ["user@host:/var/www", "in sync", "12,345 entries", "Version 1.2.3", "for 60 min"])
      expect(text).toContain(part);
    expect(await textOf("#summary")).toBe("in sync");
    expect(await page.evaluate("document.title")).toBe("in sync - tsync");
    await picture("one");
  });

  test("every state is said in words, with its reason and what to do", async () => {
    status = all;
    const text = await shown();
    for (const part of [
      "connecting",
      "syncing",
      "paused",
      "stopped",
      "waiting to try again",
      "web2 cannot be reached: connection refused; is sshd running there?; next try in 12 s",
      "the source is empty; put it back, or go on with --accept-deletes",
      "in sync, except for what fails",
      "12 directories cannot be watched (limit: 65,536)",
      "dropped file events 3 times",
      "250 paths fail",
      "6 paths, for 6 s",
      "1,200 of at least 5,000 files, 3 GiB of at least 8 GiB",
    ])
      expect(text).toContain(part);
    expect(await textOf("#summary")).toStartWith("9 targets: 2 halted, ");
    expect(await page.evaluate("document.title")).toBe("! 4 of 9 - tsync");
  });

  test("names and reasons are shown as they are, and are never HTML", async () => {
    await page.evaluate(`document.querySelector("details.failing:not([hidden])").open = true`);
    await page.waitFor(`document.querySelectorAll(".failing li").length === 3`);
    const text = (await page.evaluate("document.body.innerText")) as string;
    expect(text).toContain(`private/${hostile}\\x0a\\x1b[31m`);
    expect(text).toContain(`backup:/${hostile}`);
    expect(text).toContain("and 248 more paths");
    expect(text).toContain("tried 3 times, again in 30 s");
    expect(await page.evaluate("document.querySelectorAll('img, main script').length")).toBe(0);
    expect(await page.evaluate("document.title")).not.toContain("broken");
    await picture("all-light", true);
  });

  test("what is open stays open while the figures change", async () => {
    status = { ...all, nowMs: nowMs + 5_000 };
    await page.waitFor(`document.querySelector(".failing[open] li").innerText.includes("again in 25 s")`);
  });

  test("dark, and on a phone: nothing is wider than the window", async () => {
    await page.setWindow(1200, 800, "dark");
    await picture("all-dark", true);
    for (const width of [390, 320]) {
      await page.setWindow(width, 800, "dark");
      expect([width, await isWiderThanWindow()]).toEqual([width, false]);
    }
    await picture("all-phone", true);
    await page.setWindow(1200, 800, "light");
  });

  test("texts stand out from what is behind them, light and dark", async () => {
    for (const scheme of ["light", "dark"] as const) {
      await page.setWindow(1200, 800, scheme);
      // WCAG asks for a contrast of 4.5.
      const contrast = (await page.evaluate(`(() => {
        const channel = (c) => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
        const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(channel); return .2126 * r + .7152 * g + .0722 * b; };
        const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (c !== "rgba(0, 0, 0, 0)") return c; } };
        return Math.min(...[...document.querySelectorAll(".state, .why, dt, dd, h3, .faint, .notice:not([hidden])")].map((e) => {
          const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
          return (a + .05) / (b + .05);
        }));
      })()`)) as number;
      expect([scheme, contrast >= 4.5]).toEqual([scheme, true]);
    }
    await page.setWindow(1200, 800, "light");
  });

  test("fifty targets can be reduced to those that need a look", async () => {
    status = fifty;
    await shown();
    expect(await textOf("#summary")).toBe("50 targets: 49 in sync, 1 waiting to try again");
    await page.evaluate(`document.getElementById("only").click()`);
    expect(
      await page.evaluate(
        `[...document.querySelectorAll(".target")].filter((e) => e.checkVisibility()).length`,
      ),
    ).toBe(1);
    await picture("fifty-only");
    await page.evaluate(`document.getElementById("only").click()`);
    await picture("fifty");
  });

  test("nothing was complained of: the policy allows all that the page does", () => {
    expect(page.complaints).toEqual([]);
  });

  test("the policy is in force: a script that came in otherwise would not run", async () => {
    await page.evaluate(
      `document.head.append(Object.assign(document.createElement("script"), { textContent: "document.title = 'broken'" }))`,
    );
    expect(await page.evaluate("document.title")).not.toContain("broken");
    expect(page.complaints.join()).toContain("Content Security Policy");
  });

  test("no answer is said, what is shown is marked as old, and it goes on when tsync is back", async () => {
    const { port } = server.address;
    server.stop();
    await page.waitFor(`document.getElementById("lost").checkVisibility()`);
    expect(await textOf("#lost")).toMatch(
      /^No answer from tsync for .*What is below is old\. Trying again\.$/,
    );
    expect(await page.evaluate("document.title")).toBe("? no answer - tsync");
    await picture("lost");
    await listen(port);
    await page.waitFor(`!document.getElementById("lost").checkVisibility()`);
    expect(await page.evaluate("document.title")).toBe("! 1 of 50 - tsync");
  });

  test("another version of tsync brings its own page", async () => {
    await page.evaluate("window.isOld = true");
    status = { ...fifty, version: "1.2.4" };
    await page.waitFor("window.isOld === undefined && document.querySelectorAll('.target').length === 50");
  });

  test("before anything runs it says so", async () => {
    status = statusOf([]);
    await page.waitFor(`document.getElementById("summary").innerText === "starting"`);
  });
});
