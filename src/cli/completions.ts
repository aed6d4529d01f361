/** Shell completions, made from the table of commands. */
import { type Command, commands } from "./commands.ts";
import { commonOptions, type OptionDef } from "./options.ts";

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

/** `--name` and its one-letter form. */
function spellings([name, option]: [string, OptionDef]): string[] {
  const alias = "alias" in option && typeof option.alias === "string" ? [`-${option.alias}`] : [];
  return [...alias, `--${name}`];
}

function takesFile(option: OptionDef): boolean {
  return "valueHint" in option && option.valueHint === "FILE";
}

function bash(entries: Entries): string {
  const cases = entries.map(([name, command]) => {
    const words = optionsOf(command).flatMap(spellings).join(" ");
    return `    ${name}) words="${words}" ;;`;
  });
  const values = new Map<string, string>();
  for (const [, command] of entries) {
    for (const entry of optionsOf(command)) {
      const [, option] = entry;
      if (option.type === "boolean") continue;
      const reply =
        option.type === "enum"
          ? `COMPREPLY=($(compgen -W "${option.options?.join(" ")}" -- "$word")); return`
          : takesFile(option)
            ? 'mapfile -t COMPREPLY < <(compgen -f -- "$word"); return'
            : "return";
      values.set(spellings(entry).join("|"), reply);
    }
  }
  const valueCases = [...values].map(([spelling, reply]) => `    ${spelling}) ${reply} ;;`);
  return `# bash completion for tsync
_tsync() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words
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
      const value =
        option.type === "boolean"
          ? ""
          : option.type === "enum"
            ? `:value:(${option.options?.join(" ")})`
            : takesFile(option)
              ? ":file:_files"
              : ":value: ";
      const again = option.repeatable ? "*" : "";
      return spellings([long, option]).map(
        (spelling) => `'${again}${spelling}[${text(option.description)}]${value}'`,
      );
    });
    const positionals = Object.keys(command.positionals).length > 0 ? ["'*:directory:_directories'"] : [];
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
    for (const [long, option] of optionsOf(command)) {
      const alias = "alias" in option && typeof option.alias === "string" ? ` -s ${option.alias}` : "";
      const value =
        option.type === "boolean"
          ? ""
          : option.type === "enum"
            ? ` -x -a '${option.options?.join(" ")}'`
            : takesFile(option)
              ? " -r -F"
              : " -x";
      const condition = `'__fish_seen_subcommand_from ${name}'`;
      lines.push(
        `complete -c tsync -n ${condition}${alias} -l ${long}${value} -d ${quote(option.description)}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}
