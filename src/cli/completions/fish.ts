/** The completion script for fish. */
import { commands } from "../commands.ts";
import {
  groupCommands,
  inShort,
  type OptionOffer,
  optionOffers,
  positionalOffers,
  type ValueOffer,
} from "./offers.ts";

/** See above. */
export function fishScript(): string {
  const entries = Object.entries(commands);
  const byCommand = entries.map(([name, command]) => [name, optionOffers(command)] as const);
  // The same option of several commands is one line.
  const options = groupOptions(byCommand).flatMap(({ names, offer }) => linesOf(names, offer));
  const valued = new Set(
    byCommand.flatMap(([, offers]) =>
      offers.flatMap(({ value, spellings }) => (value === null ? [] : spellings)),
    ),
  );
  const positionals = groupCommands(
    entries.map(([name, command]) => [name, positionalOffers(command)] as const),
  )
    .filter(({ value }) => value.length > 0)
    .map(({ names, value }) => `${ofCommands(names)} -a '(__tsync_argument ${value.join(" ")})'`);
  return `# fish completion for tsync (made by "tsync completions fish")

# True if no command is typed yet.
function __tsync_has_no_command
    test (count (commandline -opc)) -eq 1
end

# True if the command is one of these.
function __tsync_is
    set -l words (commandline -opc)
    set -q words[2]; and contains -- $words[2] $argv
end

# The same, if what is being typed goes on after two dashes.
function __tsync_is_opposite
    set -l token (commandline -ct)
    __tsync_is $argv; and string match -q -- '--?*' "$token"
end

# What is being typed, without quotes; one may be open.
function __tsync_word
    set -l token (commandline -ct)
    string unescape -- "$token"; or string unescape -- "$token'"; or string unescape -- "$token\\""
end

# Asks tsync for candidates of the kind $argv[1].
function __tsync_ask
    set -l words (commandline -opc)
    set -l program (string replace -r '^~/' $HOME/ -- $words[1])
    type -q -- $program; or set program tsync
    set -l word (__tsync_word)
    command $program __complete $argv[1] "$word" $words[2..-1] 2>/dev/null
end

# What the argument at this place can be: a kind for each place, the last one for all others if it ends with +.
function __tsync_argument
    set -l words (commandline -opc)
    set -l valued ${[...valued].join(" ")}
    set -l place 1
    set -l config 0
    set -l skip 1
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case --config '--config=*'
                set config 1
        end
        if contains -- $word $valued
            set skip 1
        else if not string match -q -- '-?*' $word
            set place (math $place + 1)
        end
    end
    set -l kind $argv[$place]
    if test -z "$kind"; and string match -q '*+' -- $argv[-1]
        set kind $argv[-1]
    end
    set kind (string trim -r -c + -- "$kind")
    if test $config = 1; and contains -- $kind directory place
        set kind mirror
    end
    set -l word (__tsync_word)
    switch "$kind"
        case directory
            __fish_complete_directories (commandline -ct)
        case file
            __fish_complete_path (commandline -ct)
        case place remote
            if string match -qr '^[^/]*:' -- "$word"
                __tsync_ask directories
                return
            end
            string match -qr '^[./~]|/' -- "$word"; or __tsync_ask hosts
            test $kind = place; and __fish_complete_directories (commandline -ct)
        case mirror
            __tsync_ask mirrors
        case '=*'
            string split , -- (string sub -s 2 -- $kind)
    end
end

# Some of these words, with commas between them.
function __tsync_words
    set -l token (commandline -ct)
    set -l before (string replace -r '^--[^=]*=' '' -- "$token" | string match -r '^.*,')
    for word in $argv
        string match -q -- "*,$word,*" ",$before"; or echo -- "$before$word"
    end
end

# A number with one of these units.
function __tsync_number
    set -l token (commandline -ct)
    set -l number (string replace -r '^--[^=]*=|^-[a-zA-Z]' '' -- "$token")
    string match -qr '^[0-9]+(\\.[0-9]+)?$' -- "$number"; and printf '%s\\n' $number$argv
end

complete -c tsync -f
complete -c tsync -n __tsync_has_no_command -l help -s h -d 'Print this help'
complete -c tsync -n __tsync_has_no_command -l version -s V -d 'Print the version'
${entries.map(([name, { description }]) => `complete -c tsync -n __tsync_has_no_command -a ${name} -d ${quote(inShort(description))}`).join("\n")}
${positionals.join("\n")}
${options.join("\n")}
`;
}

/** In single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (char) => `\\${char}`)}'`;
}

/** Each option once, with the commands that have it just so. */
function groupOptions(
  byCommand: readonly (readonly [name: string, offers: readonly OptionOffer[]])[],
): { readonly names: string[]; readonly offer: OptionOffer }[] {
  const groups = new Map<string, { names: string[]; offer: OptionOffer }>();
  for (const [name, offers] of byCommand) {
    for (const offer of offers) {
      const key = JSON.stringify(offer);
      const group = groups.get(key) ?? { names: [], offer };
      groups.set(key, group);
      group.names.push(name);
    }
  }
  return [...groups.values()];
}

function ofCommands(names: readonly string[], condition = "__tsync_is"): string {
  return `complete -c tsync -n '${condition} ${names.join(" ")}'`;
}

function linesOf(
  names: readonly string[],
  { spellings, opposite, description, value }: OptionOffer,
): string[] {
  const long = spellings.at(-1)!;
  const flags = spellings.map((spelling) =>
    spelling.startsWith("--") ? `-l ${spelling.slice(2)}` : `-s ${spelling.slice(1)}`,
  );
  const usual = `${ofCommands(names)} ${flags.join(" ")}${value === null ? "" : actionOf(value)} -d ${quote(description)}`;
  if (opposite === null) return [usual];
  const back = `${ofCommands(names, "__tsync_is_opposite")} -l ${opposite.slice(2)} -d ${quote(`Take back ${long}`)}`;
  return [usual, back];
}

function actionOf(value: ValueOffer): string {
  switch (value.is) {
    case "file":
      return " -r -F";
    case "word":
      return ` -x -a '${value.words.join(" ")}'`;
    case "words":
      return ` -x -a '(__tsync_words ${value.words.join(" ")})'`;
    case "number":
      return ` -x -a '(__tsync_number ${value.units.join(" ")})'`;
    case "text":
      return " -x";
  }
}
