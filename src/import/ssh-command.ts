/** What a command line of ssh (rsync's `-e`) says, in tsync's options. */
import type { MirrorDraft } from "./draft.ts";
import { splitWords } from "./words.ts";

const own =
  "tsync has a connection of its own, set up by your ssh configuration: put it there, or into a file that the option ssh-config names";

/** Takes over `command`, the value of `--rsh`. */
export function applyRemoteShell(draft: MirrorDraft, command: string, line?: number): void {
  const split = splitWords(command);
  const [program, ...args] = split?.words ?? [];
  if (program === undefined || program.split("/").at(-1) !== "ssh") {
    draft.notes.warn(`rsh "${command}": tsync speaks ssh itself and starts no other remote shell`, line);
    return;
  }
  applySshArguments(draft, args, line);
}

/** Takes over arguments of ssh. */
export function applySshArguments(draft: MirrorDraft, args: readonly string[], line?: number): void {
  for (let at = 0; at < args.length; at++) {
    const [, letter, glued] = /^-([a-zA-Z])(.*)$/s.exec(args[at]!) ?? [];
    if (letter === undefined) {
      draft.notes.warn(`ssh ${args[at]}: ${own}`, line);
      continue;
    }
    if (!"BbcDEeFIiJLlmOopQRSWw".includes(letter)) {
      // -T, -x, -a and the like concern terminals and forwarding; tsync has neither.
      if (letter === "C") draft.set("compress", true);
      else draft.notes.note(`ssh ${args[at]}: ${own}`, line);
      continue;
    }
    const value = glued !== "" ? glued! : (args[++at] ?? "");
    if (letter === "o") {
      const [, key, setting] = /^\s*(\w+)\s*[=\s]\s*(.*)$/s.exec(value) ?? [];
      applySshSetting(draft, key ?? value, setting ?? "", line);
    } else applySshLetter(draft, letter, value, line);
  }
}

function applySshLetter(draft: MirrorDraft, letter: string, value: string, line?: number): void {
  const names: Record<string, string> = {
    p: "Port",
    i: "IdentityFile",
    l: "User",
    c: "Ciphers",
    J: "ProxyJump",
  };
  if (letter === "F") draft.set("ssh-config", value);
  else if (names[letter] !== undefined) applySshSetting(draft, names[letter], value, line);
  else draft.notes.note(`ssh -${letter} ${value}: ${own}`, line);
}

/** Takes over `KEY value` of an ssh configuration. */
export function applySshSetting(draft: MirrorDraft, key: string, value: string, line?: number): void {
  const name = key.toLowerCase();
  if (name === "port" && /^\d+$/.test(value)) draft.set("port", Number(value));
  else if (name === "identityfile") draft.add("identity", value);
  else if (name === "user") draft.user = value;
  else if (name === "compression") draft.set("compress", value === "yes");
  else if (name === "batchmode")
    return; // tsync never asks
  else if (name === "stricthostkeychecking" && value !== "yes")
    draft.notes.warn(
      `ssh ${key} ${value}: tsync refuses a host whose key it does not know; log in once with ssh, then the key is known`,
      line,
    );
  else draft.notes.note(`ssh ${key} ${value}: ${own}`, line);
}
