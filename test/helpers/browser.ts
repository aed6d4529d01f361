/** Headless Chromium, steered over its debugging protocol: https://chromedevtools.github.io/devtools-protocol/ */
import { writeFileSync } from "node:fs";
import { startProcess, tempDir, waitUntil } from "./process.ts";

/** The browser's program; null where there is none. */
export const browserProgram = Bun.which("chromium") ?? Bun.which("chromium-browser");

/** A page in a browser of its own. */
export interface BrowserPage {
  /** What was written to the console, and what the browser refused to do. */
  readonly complaints: readonly string[];
  open(url: string): Promise<void>;
  setWindow(width: number, height: number, scheme: "light" | "dark"): Promise<void>;
  /** The value of a JavaScript expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until a JavaScript expression is true in the page. */
  waitFor(expression: string, timeoutMs?: number): Promise<void>;
  /** Writes a picture of the window, or of all of the page, as PNG. */
  screenshot(file: string, isWhole?: boolean): Promise<void>;
  close(): void;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Starts a browser with an empty page. */
export async function startBrowser(): Promise<BrowserPage> {
  const running = startProcess([
    browserProgram!,
    "--headless=new",
    // The tests may run as root, and in containers with a small /dev/shm.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--remote-debugging-port=0",
    `--user-data-dir=${tempDir("tsync-browser-")}`,
    "about:blank",
  ]);
  const [, origin] = await running.waitFor(/DevTools listening on ws:\/\/([^/]+)\//, 60_000, "stderr");
  const tabs = (await (await fetch(`http://${origin}/json/list`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(tabs.find(({ type }) => type === "page")!.webSocketDebuggerUrl);
  const complaints: string[] = [];
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.onmessage = ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
    else if (answer.method !== undefined && /consoleAPICalled|entryAdded|exceptionThrown/.test(answer.method))
      complaints.push(JSON.stringify(answer.params));
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  let count = 0;
  const send = async (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    const id = ++count;
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
    waiting.delete(id);
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result!;
  };
  for (const domain of ["Page", "Runtime", "Log"]) await send(`${domain}.enable`);

  const page: BrowserPage = {
    complaints,
    open: async (url) => {
      await send("Page.navigate", { url });
      await page.waitFor(`document.readyState === "complete" && location.href !== "about:blank"`);
    },
    setWindow: async (width, height, scheme) => {
      const mobile = width < 600;
      await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile });
      await send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: scheme }],
      });
    },
    evaluate: async (expression) => {
      const { result, exceptionDetails } = (await send("Runtime.evaluate", {
        expression,
        returnByValue: true,
        awaitPromise: true,
      })) as { result: { value: unknown }; exceptionDetails?: unknown };
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    },
    waitFor: async (expression, timeoutMs = 20_000) => {
      let last: unknown;
      const isTrue = async () => {
        // While a page is loaded in place of another, nothing can be asked for a moment.
        last = await page.evaluate(expression).catch(String);
        return last === true;
      };
      await waitUntil(isTrue, timeoutMs, 50, () => `${expression} is ${last}`);
    },
    screenshot: async (file, isWhole = false) => {
      const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: isWhole });
      writeFileSync(file, Buffer.from(data as string, "base64"));
    },
    close: () => {
      socket.close();
      running.signal("SIGKILL");
    },
  };
  return page;
}
