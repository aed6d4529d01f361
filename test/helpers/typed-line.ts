/** A real shell in a real terminal, with tsync's completions if it is not said otherwise: what becomes of a line when Tab is pressed. */
import { dirname, resolve } from "node:path";
import { Terminal } from "./terminal.ts";
import { binary } from "./tsync.ts";

export type ShellName = "bash" | "zsh" | "fish";

const folder = resolve(import.meta.dir, "../../completions");

/** How each shell is started without the start-up files of whoever runs this, and made ready. */
const starts: Record<ShellName, { argv: string[]; setUp: string }> = {
  bash: {
    argv: ["bash", "--norc", "--noprofile", "-i"],
    setUp: `PS1='> '; bind 'set show-all-if-ambiguous on'; bind 'set bell-style none'; source ${folder}/tsync.bash`,
  },
  zsh: {
    argv: ["zsh", "-f", "-i"],
    setUp: `PS1='> '; setopt nobeep; autoload -Uz compinit; compinit -D -u; source ${folder}/tsync.zsh`,
  },
  fish: {
    argv: ["fish", "--no-config", "-i"],
    setUp: `function fish_prompt; echo '> '; end; source ${folder}/tsync.fish`,
  },
};

/** See above. */
export class TypedLine {
  #typed = 0;

  private constructor(
    private readonly terminal: Terminal,
    readonly shell: ShellName,
  ) {}

  /** Starts `shell` in the directory `cwd`, made ready by `setUp`; `tsync` is the compiled program. */
  static async start(
    shell: ShellName,
    cwd: string,
    setUp = starts[shell].setUp,
    env: Record<string, string> = {},
  ): Promise<TypedLine> {
    const { argv } = starts[shell];
    const path = `${dirname(binary)}:${process.env.PATH}`;
    const terminal = await Terminal.start(argv, { PATH: path, HISTFILE: undefined, ...env });
    await terminal.waitFor(/[>$#%] ?$/);
    await terminal.answer(`cd '${cwd}'; ${setUp}`);
    // Divided, so that it is not seen before it is printed.
    await terminal.answer("echo rea''dy");
    await terminal.waitFor(/^ready$/m);
    return new TypedLine(terminal, shell);
  }

  /** What `text` has become after Tab, without the prompt. */
  async complete(text: string): Promise<string> {
    // Typed behind the line, so that it is seen when all before it has been dealt with; the one before has its own.
    const mark = `%${++this.#typed}%`;
    await this.terminal.press("C-u");
    await this.terminal.press("C-l");
    await this.terminal.type(text);
    await this.terminal.press("Tab");
    await this.terminal.type(mark);
    const screen = await this.terminal.waitFor(new RegExp(mark));
    const line = screen.split("\n").findLast((each) => each.includes(mark))!;
    return line.slice(line.indexOf("tsync"), line.indexOf(mark));
  }

  /** The screen after Tab behind `text`, once it shows `pattern`. */
  async list(text: string, pattern: RegExp): Promise<string> {
    await this.terminal.press("C-u");
    await this.terminal.press("C-l");
    await this.terminal.type(text);
    await this.terminal.press("Tab");
    return await this.terminal.waitFor(pattern);
  }

  /** Ends the shell. */
  async stop(): Promise<void> {
    await this.terminal.stop();
  }
}
