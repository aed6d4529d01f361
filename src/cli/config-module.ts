/** Runs a configuration that is a program, and gets what it exports. Only a file that the user named comes here. */
import { plugin } from "bun";
import { Fault, Faults, isFault } from "../core/fault.ts";

/** How long the program may take to say what it has to say. */
const answerMaxMs = 10_000;

/** The endings of files that are programs. */
const programEnding = /\.[cm]?[jt]s$/;

/** True if the configuration `file` is a program, by its name. */
export function isProgram(file: string): boolean {
  return programEnding.test(file);
}

let isReady = false;

/** How many programs were loaded: each time they are read anew. */
let loads = 0;

/** What the program at `path` (absolute) exports, a function called and a promise kept; `file` is its name in messages. */
export async function loadProgram(path: string, file: string): Promise<{ exported: unknown } | Faults> {
  if (/[?]/.test(path))
    return faultOf(`cannot run ${file}: a program cannot have a question mark in its path`, "rename it");
  provideModule();
  for (const key of Object.keys(require.cache)) if (!key.startsWith("/$bunfs/")) delete require.cache[key];
  const late = Promise.withResolvers<Fault>();
  const hint = "a configuration must not wait for what may never come";
  const timer = setTimeout(
    () => late.resolve(new Fault("usage", `${file} has said nothing for ${answerMaxMs / 1000} s`, hint)),
    answerMaxMs,
  );
  try {
    const exported = await Promise.race([answerOf(`${path}?${++loads}`, file), late.promise]);
    return isFault(exported) ? new Faults([exported]) : { exported };
  } catch (error) {
    return new Faults(reasonsOf(error, path, file).map((reason) => new Fault("usage", reason)));
  } finally {
    clearTimeout(timer);
  }
}

async function answerOf(specifier: string, file: string): Promise<unknown> {
  const module = (await import(specifier)) as Record<string, unknown>;
  if (!("default" in module)) {
    const hint = "write export default defineConfig({ mirror: [...] })";
    return new Fault("usage", `${file} has no default export`, hint);
  }
  const { default: exported } = module;
  return await (typeof exported === "function" ? exported() : exported);
}

/** Makes `import { defineConfig } from "tsync"` work, where nothing of that name is installed. */
function provideModule(): void {
  if (isReady) return;
  isReady = true;
  const exports = { defineConfig: (config: unknown) => config };
  plugin({
    name: "tsync",
    setup: (build) => void build.module("tsync", () => ({ exports, loader: "object" })),
  });
}

/** What was wrong, with line and column as far as they are known. */
function reasonsOf(error: unknown, path: string, file: string): string[] {
  const all = error instanceof AggregateError ? error.errors : [error];
  return all.map((one: unknown) => {
    const at = placeOf(one, path, file);
    if (typeof one !== "object" || one === null) return `${at}: it threw ${String(one)}`;
    const { name, message } = one as Error;
    // Bun's own names for what is wrong with the text say nothing more.
    const isOfText = name === "BuildMessage" || name === "ResolveMessage";
    const text = String(message).replaceAll(/\?\d+(?=$|')/g, "");
    return `${at}: ${isOfText ? text : `it threw ${name}: ${text}`}`;
  });
}

/** Where it went wrong, in the program itself or in what it imports: `tsync.config.ts:3:9`; the file alone if nobody knows. */
function placeOf(error: unknown, path: string, file: string): string {
  const { position, stack } = Object(error) as {
    position?: { file: string; line: number; column: number } | null;
    stack?: string;
  };
  if (position) {
    const isElsewhere = position.file !== "" && !position.file.startsWith(path);
    return `${isElsewhere ? position.file : file}:${position.line}:${position.column}`;
  }
  const line = (typeof stack === "string" ? stack : "").split("\n").find((one) => one.includes(path));
  const [, lineNumber, column] = /:(\d+):(\d+)\)?$/.exec(line ?? "") ?? [];
  return lineNumber === undefined ? file : `${file}:${lineNumber}:${column}`;
}

function faultOf(message: string, hint: string): Faults {
  return new Faults([new Fault("usage", message, hint)]);
}
