/** Talks to running tsyncs through their control sockets. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Fault, isFault } from "../core/fault.ts";
import type { ProgramStatus } from "../engine/status.ts";
import { faultIn } from "./api.ts";

/** How long a running tsync may take to say what it is doing. */
const statusMaxMs = 5_000;

/** A running tsync. */
export interface Instance {
  readonly socket: string;
  readonly status: ProgramStatus;
}

/**
 * The tsyncs whose sockets are in `folder`, but for those that do not answer within `waitMaxMs`. What nobody serves any
 * more is removed.
 */
export async function listInstances(folder: string, waitMaxMs = statusMaxMs): Promise<Instance[]> {
  const found = await Promise.all(
    socketsIn(folder).map(async (socket): Promise<Instance[]> => {
      const status = await ask<ProgramStatus>(socket, "GET", "/v1/status", AbortSignal.timeout(waitMaxMs));
      if (!isFault(status)) return [{ socket, status }];
      if (status.code === "not-running") rmSync(socket, { force: true });
      return [];
    }),
  );
  return found.flat();
}

/** The sockets in `folder`, whether somebody serves them or not. */
export function socketsIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".sock"));
    return names.sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** True if somebody serves `socket`, even if he does not answer in time. */
export async function isAlive(socket: string): Promise<boolean> {
  const status = await ask(socket, "GET", "/v1/status", AbortSignal.timeout(statusMaxMs));
  return !(isFault(status) && status.code === "not-running");
}

/**
 * Asks for `path` (with its query) on `socket`; the answer is a `T`. Fault: "not-running" if nobody serves the socket,
 * "timeout" if `signal` ended it, or what the answer says.
 */
export async function ask<T>(
  socket: string,
  method: "GET" | "POST",
  path: string,
  signal?: AbortSignal,
): Promise<T | Fault> {
  const response = await open(socket, method, path, signal);
  if (isFault(response)) return response;
  try {
    const body: unknown = await response.json();
    return faultIn(body) ?? (body as T);
  } catch {
    return new Fault("connection", `tsync at ${socket} ended before it answered`);
  }
}

/** The same for an answer that comes piece by piece. */
export async function open(
  socket: string,
  method: "GET" | "POST",
  path: string,
  signal?: AbortSignal,
): Promise<Response | Fault> {
  try {
    // (The host stands for nothing.)
    return await fetch(`http://tsync${path}`, {
      unix: socket,
      method,
      ...(signal === undefined ? {} : { signal }),
      ...({ timeout: false } as object),
    });
  } catch (error) {
    if (signal?.aborted) return new Fault("timeout", `tsync at ${socket} does not answer`);
    const reason = error instanceof Error ? error.message : String(error);
    const code = (error as { code?: string }).code ?? "";
    if (code === "EACCES" || code === "EPERM") return new Fault("usage", `${socket} is somebody else's`);
    if (["ENOENT", "ECONNREFUSED"].includes(code))
      return new Fault("not-running", `no tsync serves ${socket} any more`);
    return new Fault("connection", `tsync at ${socket} ended before it answered: ${reason}`);
  }
}
