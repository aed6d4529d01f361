/** Shell completions, made from the table of commands. */
import { commonOptions, type OptionDef } from "../config/options.ts";
import { effectOf, isOnByDefault } from "./arguments.ts";
import { type Command, commands } from "./commands.ts";

/** The shells that have completions. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The completion script for `shell`. */
export function completionScript(shell: Shell): string {
  const makers = { bash, zsh, fish };
  return makers[shell](Object.entries(commands));
}

type Entries = readonly (readonly [string, Command])[];

function optionsOf(command: Command): [string, OptionDef][] {
  return Object.entries({ ...command.options, ...commonOptions });
}

/** The long form that changes something: `--name`, or `--no-name` for what is on by default. */
function longName([name, option]: [string, OptionDef]): string {
  return isOnByDefault(option) ? `no-${name}` : name;
}

/** `--name` and its one-letter form. */
function spellings(entry: [string, OptionDef]): string[] {
  const { alias } = entry[1];
  return [...(alias === undefined ? [] : [`-${alias}`]), `--${longName(entry)}`];
}

function takesFile(option: OptionDef): boolean {
  return "hint" in option && ["FILE", "PROGRAM"].includes(option.hint);
}

/** What may stand right behind the command, if that is one of a few words. */
function wordsOf(command: Command): readonly string[] | null {
  return command.positionals[0]?.words ?? null;
}

function choicesOf(option: OptionDef): readonly string[] | null {
  return option.type === "choice" || option.type === "set" ? option.choices : null;
}

function bash(entries: Entries): string {
  const cases = entries.map(([name, command]) => {
    const words = optionsOf(command).flatMap(spellings).join(" ");
    const first = wordsOf(command);
    return `    ${name}) words="${words}"${first === null ? "" : ` first="${first.join(" ")}"`} ;;`;
  });
  const values = new Map<string, string>();
  for (const [, command] of entries) {
    for (const entry of optionsOf(command)) {
      const [, option] = entry;
      if (option.type === "flag") continue;
      const choices = choicesOf(option);
      const reply =
        choices !== null
          ? `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word")); return`
          : takesFile(option)
            ? 'mapfile -t COMPREPLY < <(compgen -f -- "$word"); return'
            : "return";
      values.set(spellings(entry).join("|"), reply);
    }
  }
  const valueCases = [...values].map(([spelling, reply]) => `    ${spelling}) ${reply} ;;`);
  return `# bash completion for tsync
_tsync() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words first=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${entries.map(([name]) => name).join(" ")} --help --version" -- "$word"))
    return
  fi
  case $previous in
${valueCases.join("\n")}
  esac
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
    *) return ;;
  esac
  if [ "$COMP_CWORD" -eq 2 ] && [ "$first" ] && [[ $word != -* ]]; then
    COMPREPLY=($(compgen -W "$first" -- "$word"))
    return
  fi
  case $word in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
  esac
}
complete -o filenames -F _tsync tsync
`;
}

function zsh(entries: Entries): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''");
  const text = (description: string | undefined) =>
    quote((description ?? "").replaceAll(/[[\]:]/g, (char) => `\\${char}`));
  const cases = entries.map(([name, command]) => {
    const specs = optionsOf(command).flatMap(([long, option]) => {
      const choices = choicesOf(option);
      const value =
        option.type === "flag"
          ? ""
          : choices !== null
            ? `:value:(${choices.join(" ")})`
            : takesFile(option)
              ? ":file:_files"
              : ":value: ";
      const again = option.type === "list" ? "*" : "";
      return spellings([long, option]).map(
        (spelling) => `'${again}${spelling}[${text(effectOf(option))}]${value}'`,
      );
    });
    const first = wordsOf(command);
    const positionals = [
      ...(first === null ? [] : [`'1:action:(${first.join(" ")})'`]),
      ...(command.positionals.length > (first === null ? 0 : 1) ? ["'*:directory:_directories'"] : []),
    ];
    return `    ${name}) _arguments ${[...specs, ...positionals].join(" \\\n      ")} ;;`;
  });
  const list = entries.map(([name, command]) => `'${name}:${text(command.description)}'`).join(" ");
  return `#compdef tsync
_tsync() {
  if (( CURRENT == 2 )); then
    local -a commands=(${list})
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
compdef _tsync tsync
`;
}

function fish(entries: Entries): string {
  const quote = (text: string | undefined) => `'${(text ?? "").replaceAll(/['\\]/g, (char) => `\\${char}`)}'`;
  const lines = ["# fish completion for tsync"];
  for (const [name, command] of entries) {
    lines.push(`complete -c tsync -n __fish_use_subcommand -f -a ${name} -d ${quote(command.description)}`);
  }
  for (const [name, command] of entries) {
    const first = wordsOf(command);
    if (first !== null) {
      const words = first.join(" ");
      const condition = `'__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${words}'`;
      lines.push(`complete -c tsync -n ${condition} -f -a '${words}'`);
    }
    for (const [long, option] of optionsOf(command)) {
      const alias = option.alias === undefined ? "" : ` -s ${option.alias}`;
      const choices = choicesOf(option);
      const value =
        option.type === "flag"
          ? ""
          : choices !== null
            ? ` -x -a '${choices.join(" ")}'`
            : takesFile(option)
              ? " -r -F"
              : " -x";
      const condition = `'__fish_seen_subcommand_from ${name}'`;
      lines.push(
        `complete -c tsync -n ${condition}${alias} -l ${longName([long, option])}${value} -d ${quote(effectOf(option))}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}
