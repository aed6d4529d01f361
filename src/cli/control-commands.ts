/** The commands that ask and steer tsyncs that run. */
import { resolve } from "node:path";
import { parseDurationMs } from "../config/duration.ts";
import type { Flushed } from "../control/api.ts";
import { ask, type Instance, listInstances, open } from "../control/client.ts";
import { unknownMirror } from "../control/controlled.ts";
import type { RecentChange } from "../control/recent-changes.ts";
import { runtimeFolder } from "../control/runtime-folder.ts";
import { Fault, Faults, isFault } from "../core/fault.ts";
import type { Explanation } from "../engine/why.ts";
import { counted } from "./amounts.ts";
import { type Arguments, hasFlag, textOf } from "./arguments.ts";
import { changeLine, explanationLines } from "./control-lines.ts";
import { exitCodes, exitOk, exitPartial } from "./exit-codes.ts";
import { Printer } from "./printer.ts";
import { statusLines } from "./status-lines.ts";

/** How often `status --watch` asks. */
const watchEveryMs = 1_000;

/** How long `stop` waits for the end, and how often it looks. */
const stopMaxMs = 15_000;
const stopCheckMs = 50;

/** Those instances that have mirrors called as the arguments say, with the names that each of them has. */
interface Chosen {
  readonly instance: Instance;
  readonly names: readonly string[];
}

/** `tsync status`. */
export async function statusCommand(args: Arguments): Promise<number> {
  for (let isFirst = true; ; isFirst = false) {
    const chosen = await choose(args.positionals);
    if (isFault(chosen)) return fail(chosen);
    const programs = chosen.map(({ instance: { status, socket }, names }) => ({
      ...status,
      socket,
      mirrors: status.mirrors.filter(({ name }) => names.length === 0 || names.includes(name)),
    }));
    const text = hasFlag(args, "json") ? JSON.stringify(programs) : statusLines(programs).join("\n");
    const isScreen = hasFlag(args, "watch") && !hasFlag(args, "json") && process.stdout.isTTY === true;
    // In one piece, line by line over what was there: nothing flickers.
    const clear = isFirst ? "\x1b[2J\x1b[H" : "\x1b[H";
    write(isScreen ? `${clear}${text.replaceAll("\n", "\x1b[K\n")}\x1b[K\n\x1b[J` : `${text}\n`);
    if (!hasFlag(args, "watch")) return exitOk;
    await Bun.sleep(watchEveryMs);
  }
}

/** `tsync pause`. */
export function pauseCommand(args: Arguments): Promise<number> {
  return steer(args, "/v1/pause", "paused");
}

/** `tsync resume`. */
export function resumeCommand(args: Arguments): Promise<number> {
  return steer(args, `/v1/resume${hasFlag(args, "accept-deletes") ? "?accept-deletes" : ""}`, "resumed");
}

/** `tsync reload`: whole processes, whatever mirrors they have. */
export function reloadCommand(args: Arguments): Promise<number> {
  return steer(args, "/v1/reload", "reloaded");
}

/** `tsync flush`. */
export async function flushCommand(args: Arguments): Promise<number> {
  const given = textOf(args, "timeout");
  const chosen = await choose(args.positionals);
  if (isFault(chosen)) return fail(chosen);
  const timeout = given === null ? "" : `?timeout=${parseDurationMs(given)}`;
  const ends = await Promise.all(
    chosen.map(({ instance, names }) =>
      ask<Flushed>(instance.socket, "POST", withNames(`/v1/flush${timeout}`, names)),
    ),
  );
  const faults = ends.filter(isFault);
  if (faults.length > 0) return fail(...faults);
  const failing = ends.reduce((sum, end) => sum + (end as Flushed).failing, 0);
  if (failing === 0) return exitOk;
  printer().report({
    event: "warning",
    reason: `${counted(failing, "path")} could not be mirrored; all else is on every target`,
    hint: "tsync status names them",
  });
  return exitPartial;
}

/** `tsync stop`: whole processes; waits for their end. */
export async function stopCommand(args: Arguments): Promise<number> {
  const chosen = await choose(args.positionals);
  if (isFault(chosen)) return fail(chosen);
  for (const { instance, names } of chosen) {
    const others = instance.status.mirrors.filter(({ name }) => names.length > 0 && !names.includes(name));
    if (others.length > 0) {
      const also = others.map(({ name }) => name).join(", ");
      const reason = `the tsync that mirrors ${names.join(", ")} also mirrors ${also}`;
      return fail(
        new Fault(
          "usage",
          reason,
          "name all of them, or tsync pause, or change its configuration and tsync reload",
        ),
      );
    }
  }
  const faults: Fault[] = [];
  for (const { instance } of chosen) {
    const end = await stopOne(instance);
    if (end !== null) faults.push(end);
  }
  return faults.length > 0 ? fail(...faults) : exitOk;
}

/** `tsync why`. */
export async function whyCommand(args: Arguments): Promise<number> {
  const [given] = args.positionals;
  if (given === undefined || args.positionals.length > 1)
    return fail(new Fault("usage", "which path?", "tsync why PATH"));
  const path = resolve(given);
  const chosen = await choose([]);
  if (isFault(chosen)) return fail(chosen);
  const query = `/v1/why?path=${encodeURIComponent(path)}`;
  const answers = await Promise.all(
    chosen.map(({ instance }) => ask<Explanation[]>(instance.socket, "GET", query)),
  );
  const found = answers.flatMap((answer) => (isFault(answer) ? [] : answer));
  if (found.length === 0) return fail(answers.find(isFault)!);
  write(
    hasFlag(args, "json")
      ? `${JSON.stringify(found)}\n`
      : `${found.flatMap((one) => explanationLines(path, one, Date.now())).join("\n")}\n`,
  );
  return exitOk;
}

/** `tsync log`. */
export async function logCommand(args: Arguments): Promise<number> {
  const chosen = await choose(args.positionals);
  if (isFault(chosen)) return fail(chosen);
  const lines = textOf(args, "lines") ?? "50";
  const query = `/v1/log?count=${lines}${hasFlag(args, "follow") ? "&follow" : ""}`;
  const show = (line: string) =>
    write(hasFlag(args, "json") ? `${line}\n` : `${changeLine(JSON.parse(line) as RecentChange)}\n`);
  const ends = await Promise.all(
    chosen.map(async ({ instance, names }) => {
      const response = await open(instance.socket, "GET", withNames(query, names));
      if (isFault(response)) return response;
      if (!response.ok) return ask<object>(instance.socket, "GET", withNames(query, names));
      await eachLine(response, show);
      return null;
    }),
  );
  const faults = ends.filter(isFault);
  return faults.length > 0 ? fail(...faults) : exitOk;
}

/** Calls `take` for each line that comes; the empty ones only show that the other side is there. */
async function eachLine(response: Response, take: (line: string) => void): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line !== "") take(line);
    }
  } catch {
    // It has ended.
  }
}

async function steer(args: Arguments, path: string, done: string): Promise<number> {
  const chosen = await choose(args.positionals);
  if (isFault(chosen)) return fail(chosen);
  const ends = await Promise.all(
    chosen.map(({ instance, names }) => ask<object>(instance.socket, "POST", withNames(path, names))),
  );
  const faults = ends.filter(isFault);
  if (faults.length > 0) return fail(...faults);
  const names = chosen.flatMap(({ instance, names }) =>
    names.length > 0 ? names : instance.status.mirrors.map(({ name }) => name),
  );
  printer().info(`${done}: ${names.join(", ")}`);
  return exitOk;
}

async function stopOne({ socket, status }: Instance): Promise<Fault | null> {
  const end = await ask<object>(socket, "POST", "/v1/stop");
  if (isFault(end)) return end;
  const untilMs = performance.now() + stopMaxMs;
  while (isRunning(status.pid)) {
    if (performance.now() > untilMs)
      return new Fault(
        "timeout",
        `tsync (process ${status.pid}) has not ended yet`,
        `it was told to; kill ${status.pid} ends it at once`,
      );
    await Bun.sleep(stopCheckMs);
  }
  return null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The instances that serve mirrors called `names`, by their name or the path of their source; all if there are none. */
async function choose(names: readonly string[]): Promise<readonly Chosen[] | Fault> {
  const instances = await listInstances(runtimeFolder(process.env));
  if (instances.length === 0) return new Fault("not-running", "no tsync is running", "as this user, that is");
  if (names.length === 0) return instances.map((instance) => ({ instance, names: [] }));
  const chosen = new Map<Instance, string[]>();
  for (const name of names) {
    const having = instances.flatMap((instance) =>
      instance.status.mirrors
        .filter((mirror) => mirror.name === name || mirror.source === resolve(name))
        .map((mirror) => ({ instance, mirror })),
    );
    if (having.length === 0) {
      return unknownMirror(name, [
        ...new Set(instances.flatMap(({ status }) => status.mirrors.map((one) => one.name))),
      ]);
    }
    if (new Set(having.map(({ mirror }) => mirror.source)).size > 1) {
      const each = having.map(({ instance, mirror }) => `${mirror.source} in process ${instance.status.pid}`);
      return new Fault(
        "usage",
        `several running mirrors are called ${name}: ${each.join(", ")}`,
        "give the path of the source",
      );
    }
    for (const { instance, mirror } of having)
      chosen.set(instance, [...(chosen.get(instance) ?? []), mirror.name]);
  }
  return [...chosen].map(([instance, names]) => ({ instance, names }));
}

function withNames(path: string, names: readonly string[]): string {
  const query = names.map((name) => `mirror=${encodeURIComponent(name)}`).join("&");
  return query === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${query}`;
}

function printer(): Printer {
  return new Printer({ verbose: false, quiet: false, json: false });
}

function fail(...faults: readonly Fault[]): number {
  printer().faults(new Faults(faults));
  return exitCodes[faults[0]!.code];
}

function write(text: string): void {
  process.stdout.write(text);
}
