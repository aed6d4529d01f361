/** `tsync man`: the manual page, shown as such on a terminal. */
import { exitOk } from "../exit-codes.ts";
import { manPage } from "./man-page.ts";

/** Runs `tsync man`; returns the exit code. */
export async function manCommand(): Promise<number> {
  const page = manPage();
  const isShown = process.stdout.isTTY && (await show(page));
  if (!isShown) process.stdout.write(page);
  return exitOk;
}

/** Has `page` shown by the first program that can: man, which is not everywhere, or a pager. False if there is none. */
async function show(page: string): Promise<boolean> {
  const pager = process.env.PAGER;
  // The pager is a command line, as man takes it.
  const pagers = [...(pager ? [["sh", "-c", pager]] : []), ["less"], ["more"]];
  for (const argv of [["man", "-l", "-"], ...pagers]) {
    if (await feed(argv, page)) return true;
  }
  return false;
}

/** Runs a program with `input`; false if it is not there or fails. */
async function feed(argv: string[], input: string): Promise<boolean> {
  if (Bun.which(argv[0]!) === null) return false;
  // Ctrl-C is for the program that shows the page.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  const child = Bun.spawn(argv, {
    stdin: new Blob([input]),
    stdout: "inherit",
    // A man that cannot do it says so; the next one is tried.
    stderr: argv[0] === "man" ? "ignore" : "inherit",
  });
  const code = await child.exited;
  process.off("SIGINT", ignore);
  return code === 0;
}
