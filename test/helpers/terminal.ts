/** A real pseudo terminal with a screen, for programs that talk to a person: tmux. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { killAtExit } from "./janitor.ts";
import { runProcess, tempDir } from "./process.ts";

/** Runs the program; then tells how it ended and in what state it left the terminal. */
const script = `#!/bin/sh
trap : INT
"$@"
echo "exit code $?"
stty -a | tr ' ;' '\\n\\n' | grep -Ex -e '-?(echo|icanon|isig|icrnl|opost)' | tr '\\n' ' '
echo; exec sleep 3600
`;

/** What `waitForExit` finds in a terminal that is as it was. */
const sane = ["icrnl", "opost", "isig", "icanon", "echo"];

let started = 0;

/** See above. */
export class Terminal {
  readonly #tmux: string[];

  private constructor(
    socket: string,
    private readonly dir: string,
  ) {
    this.#tmux = ["tmux", "-S", socket, "-f", "/dev/null"];
  }

  /** Starts `argv` in a terminal of 100 columns and 40 lines. */
  static async start(argv: string[], env: Record<string, string | undefined> = {}): Promise<Terminal> {
    const dir = tempDir("tsync-terminal-");
    const terminal = new Terminal(join(dir, `tmux-${started++}`), dir);
    const program = join(dir, "run");
    writeFileSync(program, script, { mode: 0o700 });
    const size = ["-x", "100", "-y", "40"];
    await terminal.#run(["new-session", "-d", ...size, program, ...argv], env);
    killAtExit(Number(await terminal.#run(["display-message", "-p", "#{pid}"])));
    return terminal;
  }

  /** Types `text` as it is. */
  async type(text: string): Promise<void> {
    await this.#run(["send-keys", "-l", "--", text]);
  }

  /** Presses keys by the names that tmux has for them: `Enter`, `C-c`, `BSpace`. */
  async press(...keys: string[]): Promise<void> {
    await this.#run(["send-keys", ...keys]);
  }

  /** Types `text` and presses Enter. */
  async answer(text: string): Promise<void> {
    await this.type(text);
    await this.press("Enter");
  }

  /** Gives the window another size. */
  async resize(columns: number, rows: number): Promise<void> {
    // A program is told late of a size that comes right after another one.
    await Bun.sleep(300);
    await this.#run(["resize-window", "-x", `${columns}`, "-y", `${rows}`]);
  }

  /** What is on the screen now, line by line, without blanks at their end. */
  async lines(): Promise<string[]> {
    return (await this.#run(["capture-pane", "-p"])).replace(/\n$/, "").split("\n");
  }

  /** The process of the program. */
  async programPid(): Promise<number> {
    const shell = (await this.#run(["display-message", "-p", "#{pane_pid}"])).trim();
    return Number(readFileSync(`/proc/${shell}/task/${shell}/children`, "utf8").trim());
  }

  /** True if the cursor is shown. */
  async hasCursor(): Promise<boolean> {
    return (await this.#run(["display-message", "-p", "#{cursor_flag}"])).trim() === "1";
  }

  /** From now on, all that is written to the terminal goes to `file` as well. */
  async record(file: string): Promise<void> {
    await this.#run(["pipe-pane", "-O", `exec cat > '${file}'`]);
  }

  /** What is on the screen, and above it; lines without blanks at their end. */
  async screen(): Promise<string> {
    const text = await this.#run(["capture-pane", "-p", "-J", "-S", "-"]);
    return text.replace(/[ \n]+$/, "").replace(/ +$/gm, "");
  }

  /** Waits until the screen matches `pattern`, and returns it. */
  async waitFor(pattern: RegExp, timeoutMs = 20_000): Promise<string> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const screen = await this.screen();
      if (pattern.test(screen)) return screen;
      if (performance.now() > end) throw new Error(`no ${pattern} on the screen:\n${screen}`);
      await Bun.sleep(30);
    }
  }

  /** Waits until the program has ended: its exit code, and whether the terminal is as it was. */
  async waitForExit(timeoutMs?: number): Promise<{ code: number; isRestored: boolean; screen: string }> {
    const screen = await this.waitFor(/^exit code \d+\n.*\w/m, timeoutMs);
    const [, code, modes] = /^exit code (\d+)\n(.*)/m.exec(screen)!;
    return { code: Number(code), isRestored: modes!.trim() === sane.join(" "), screen };
  }

  /** Ends all that runs in it. */
  async stop(): Promise<void> {
    await this.#run(["kill-server"]);
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #run(args: string[], env: Record<string, string | undefined> = {}): Promise<string> {
    const { code, stdout, stderr } = await runProcess([...this.#tmux, ...args], {
      env: { TMUX: undefined, TERM: "xterm-256color", LC_ALL: "C.UTF-8", ...env },
    });
    if (code !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
    return stdout;
  }
}
