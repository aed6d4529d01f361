/** Asks through a program with a window of its own, as OpenSSH does: SSH_ASKPASS. */

/** Variables of the environment. */
export type Environment = Record<string, string | undefined>;

/** As OpenSSH. */
const answerMax = 1_023;

/**
 * The program to ask with; null if the terminal is to be used, or nobody can be asked. SSH_ASKPASS_REQUIRE says
 * `force` (always the program), `prefer` (where there is a display) or `never`; without it, the program is for where
 * there is a display and no terminal.
 */
export function findAskpass(env: Environment, hasTerminal: () => boolean): string | null {
  const hasDisplay = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  const require = env.SSH_ASKPASS_REQUIRE?.toLowerCase();
  const isWanted =
    require === "force" || (hasDisplay && (require === "prefer" || (require !== "never" && !hasTerminal())));
  return isWanted ? Bun.which(env.SSH_ASKPASS || "ssh-askpass") : null;
}

/** What `program` answers to `question`, which it gets as its argument; null if the user gave up. */
export async function askProgram(
  program: string,
  question: string,
  env: Environment,
  signal?: AbortSignal,
): Promise<string | null> {
  if (signal?.aborted) return null;
  const { SSH_ASKPASS_PROMPT: _, ...rest } = env;
  try {
    const child = Bun.spawn([program, question], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
      env: rest,
      ...(signal === undefined ? {} : { signal }),
    });
    const [output] = await Promise.all([child.stdout.text(), child.exited]);
    return child.exitCode === 0 ? output.split(/[\r\n]/, 1)[0]!.slice(0, answerMax) : null;
  } catch {
    // It is there but cannot be started.
    return null;
  }
}
