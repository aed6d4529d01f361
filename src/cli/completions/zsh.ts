/** The completion script for zsh: to be found in fpath as _tsync, or to be sourced after compinit. */
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
export function zshScript(): string {
  const entries = Object.entries(commands);
  const cases = groupCommands(
    entries.map(([name, command]) => {
      const offers = optionOffers(command);
      const usual = offers.flatMap(specsOf);
      const opposite = offers.flatMap(({ opposite, spellings }) =>
        opposite === null ? [] : [quote(`${opposite}[Take back ${plain(spellings.at(-1)!)}]`)],
      );
      return [name, { usual, opposite, positionals: positionalOffers(command).map(positionalSpec) }] as const;
    }),
  ).map(({ names, value: { usual, opposite, positionals } }) => {
    const named = positionals.some((spec) => /directory|place/.test(spec));
    return [
      `    ${names.join("|")})`,
      ...(opposite.length === 0
        ? []
        : [
            "      [[ $PREFIX == --?* ]] && opposite=(",
            ...opposite.map((spec) => `        ${spec}`),
            "      )",
          ]),
      `      arguments=(${positionals.join(" ")})`,
      ...(named ? ["      (( $words[(I)--config(|=*)] )) && arguments=('*:mirror:_tsync_mirrors')"] : []),
      `      _arguments -s -S $opposite $arguments \\`,
      `        ${usual.join(" \\\n        ")} ;;`,
    ].join("\n");
  });
  const list = entries.map(
    ([name, { description }]) => `      ${quote(`${name}:${plain(inShort(description))}`)}`,
  );
  return `#compdef tsync
# zsh completion for tsync (made by "tsync completions zsh")

# Asks tsync for candidates of the kind $1, into found. It is given the words without quotes.
_tsync_ask() {
  local program=\${(Q)tsync_program}
  [[ $program == '~/'* ]] && program=$HOME/\${program[3,-1]}
  whence -p -- $program >/dev/null || program=tsync
  found=(\${(f)"$("$program" __complete $1 "\${(Q)PREFIX}" \${(Q)words[1,CURRENT-1]} 2>/dev/null)"})
}

# (_directories offers files if there are no directories.)
_tsync_directories() {
  local expl
  _wanted directories expl directory _path_files -/
}

_tsync_hosts() {
  local -a found
  [[ $PREFIX == [./~]* || $PREFIX == */* ]] || _tsync_ask hosts
  compadd "$@" -S '' -- $found
}

# A directory elsewhere.
_tsync_remote() {
  local -a found expl
  if [[ $PREFIX == *:* && \${PREFIX%%:*} != */* ]]; then
    _tsync_ask directories
    _wanted remote-directories expl 'directory there' compadd -S '' -- $found
  else
    _wanted hosts expl host _tsync_hosts
  fi
}

# A directory here or elsewhere.
_tsync_place() {
  if [[ $PREFIX == *:* && \${PREFIX%%:*} != */* ]]; then
    _tsync_remote
  else
    _alternative 'directories:directory:_path_files -/' 'hosts:host:_tsync_hosts'
  fi
}

_tsync_mirrors() {
  local -a found expl
  _tsync_ask mirrors
  _wanted mirrors expl mirror compadd -- $found
}

# A number with a unit: $1 stands for it, the others are units.
_tsync_number() {
  local hint=$1 expl
  shift
  if [[ $PREFIX == <->(|.<->) ]]; then
    _wanted units expl $hint compadd -- $PREFIX\${^@}
  else
    _message "$hint: a number with \${(j: or :)@}"
  fi
}

_tsync() {
  local tsync_program=$words[1] command=$words[2]
  local -a opposite arguments
  if (( CURRENT == 2 )); then
    local -a commands=(
${list.join("\n")}
    )
    _describe -t commands command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}

# Sourced, it has to be made known; found in fpath, this is the first call.
if [[ $funcstack[1] == _tsync ]]; then _tsync "$@"; else compdef _tsync tsync; fi
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What _arguments does not take for its own signs. */
function plain(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, (sign) => `\\${sign}`);
}

function specsOf({ spellings, opposite, description, value, hint, repeats }: OptionOffer): string[] {
  const others = [...spellings, ...(opposite === null ? [] : [opposite])];
  // One that was given is not offered again, in no form.
  const front = repeats ? "*" : others.length > 1 ? `(${others.join(" ")})` : "";
  return spellings.map((spelling) => {
    const end = value === null ? "" : spelling.startsWith("--") ? "=" : "+";
    return quote(
      `${front}${spelling}${end}[${plain(description)}]${value === null ? "" : actionOf(value, hint)}`,
    );
  });
}

function actionOf(value: ValueOffer, hint: string): string {
  switch (value.is) {
    case "file":
      return ":file:_files";
    case "word":
      return `:word:(${value.words.join(" ")})`;
    case "words":
      return `:${plain(hint)}:_sequence compadd - ${value.words.join(" ")}`;
    case "number":
      // The blank keeps away what _arguments would add.
      return `:${plain(hint)}: _tsync_number ${hint} ${value.units.join(" ")}`;
    case "text":
      return `:${plain(hint)}: `;
  }
}

function positionalSpec(offer: string, at: number): string {
  const kind = offer.replace(/\+$/, "");
  const place = offer.endsWith("+") ? "*" : `${at + 1}`;
  if (kind.startsWith("=")) return quote(`${place}:word:(${kind.slice(1).replaceAll(",", " ")})`);
  const actions: Record<string, string> = {
    directory: "_tsync_directories",
    file: "_files",
    place: "_tsync_place",
    remote: "_tsync_remote",
    mirror: "_tsync_mirrors",
  };
  return quote(`${place}:${kind}:${actions[kind] ?? " "}`);
}
