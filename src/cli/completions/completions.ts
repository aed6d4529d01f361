/** Shell completions, made from the table of commands. */
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

/** The shells that have completions. */
export const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** The completion script for `shell`. */
export function completionScript(shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell]();
}
