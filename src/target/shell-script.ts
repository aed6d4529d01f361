/**
 * The language between tsync and the remote shell. Pure: text for the shell, and the meaning of its answers.
 *
 * The shell is fed calls of a few functions, each for a group of steps, and answers one line for each step or
 * range of steps: `TOKEN INDEX CODE COUNT [MESSAGE]`. Only POSIX features of `sh`, `mv`, `rm`, `rmdir`, `mkdir`
 * and `chmod` are used, so that GNU, BusyBox and BSD systems do the same. Paths start with `./`: none is taken
 * for an option.
 */
import { anyMode } from "../core/as-mirrored.ts";
import type { Outcome, Step } from "../core/operation.ts";
import { checked, type Path } from "../core/path.ts";
import { workingName } from "./reserved-by.ts";
import { backupFunctions } from "./shell-backup.ts";
import { shellQuote } from "./shell-quote.ts";
import { defaultTransfer } from "./transfer-options.ts";

/** How many steps, and about how many bytes, go into one call: far below any system's limit for arguments. */
const groupMax = 100;
const groupBytesMax = 60_000;

/** For perl: renames pairs of paths until one is not as it should be, and prints how many that were. */
const renameAll = `while (@ARGV) {
  my ($f, $t) = splice(@ARGV, 0, 2);
  lstat($f) or last; my $d = -d _;
  if (lstat($t)) { last if $d || -d _ }
  rename($f, $t) or last; $n++
}
print $n || 0`;

/**
 * Defines the functions. `g` is set while the batch goes on; a step that others may build on ends it by failing.
 * Commands get no input, so that none can eat the script. What may come from the account's environment is undone
 * first: options, functions instead of commands, other ways to divide words. `$1` stays as it is.
 * - `m`: moves. `mv` would put its source *into* a directory, or follow a link to one: both are excluded first.
 * - `M`: moves several. A process for each would take most of the time: where there is a perl, that renames as long as
 *   nothing is in doubt, and says how far it came; `m` has the rest.
 * - `h`: whether a directory holds something.
 * - `t`: says, every second, that process `$1` is still at work: a large tree takes its time to be removed.
 * - `r`, `x`, `k`: removes files (or a directory that is empty), trees, directories that are empty.
 * - `n`, `c`: makes directories, sets modes (never through a symbolic link). (The first try of `n` has made what it could: all of it is reported.)
 * - `N`, `w`: the same where modes are left to the target: with rights taken from new directories, and nothing.
 * `transfer`: whether what is replaced or removed is kept, and whether rsync leaves directories behind.
 */
export function prelude(token: string, mayReplace: boolean, transfer = defaultTransfer): string {
  const { backup } = transfer;
  return `
T=${shellQuote(token)}; W=${mayReplace ? "1" : ""}; Y=; Z=${shellQuote(workingName(transfer) ?? "")}; P=
L=${shellQuote(renameAll)}
set +Cefuvx
unset -f cd chmod command echo head kill ls mkdir mv perl printf pwd rm rmdir sleep tr umask wait wc
LC_ALL=C; export LC_ALL; unset CDPATH ENV IFS PERL5DB PERL5LIB PERL5OPT
command -v perl >/dev/null 2>&1 && P=1
a() { printf '%s %s %s %s\\n' "$T" "$1" "$2" "$3"; }
f() { printf '%s %s f 1 %s\\n' "$T" "$1" "$(printf '%s' "$2" | tr '\\n' ' ')"; }
t() { while sleep 1 >/dev/null 2>&1 && kill -0 $1 2>/dev/null; do a 0 alive 0; done; }
e() { [ -e "$1" ] || [ -L "$1" ]; }
d() { [ -d "$1" ] && [ ! -L "$1" ]; }
h() { d "$1" && [ "$(ls -A "$1" | wc -c)" -gt 0 ]; }
m() {
  [ "$g" ] || return
  if ! e "$2"; then
    if e "$3"; then a $1 y 1; else a $1 z 1; fi
    g=$K
  elif d "$3" || { d "$2" && e "$3"; }; then a $1 o 1; g=$K
  elif [ "$Y" ] && e "$3" && ! q=$(b "$3" 2>&1 </dev/null); then f $1 "$q"; g=$K
  else
    [ ! -L "$3" ] || rm -f "$3" </dev/null 2>/dev/null
    if mv -f "$2" "$3" </dev/null >/dev/null 2>&1 || q=$(mv -f "$2" "$3" 2>&1 </dev/null); then a $1 d 1
    else f $1 "$q"; g=$K; fi
  fi
}
M() {
  j=$1; l=$P; shift
  while [ "$g" ] && [ $# -gt 0 ]; do
    s=0
    if [ "$l" ] && [ -z "$Y" ]; then s=$(perl -e "$L" "$@" </dev/null 2>/dev/null); fi
    case $s in ''|0|*[!0-9]*) s=0; l= ;; *) a $j d $s; j=$((j+s)); shift $((2*s)) ;; esac
    if [ $# -gt 0 ]; then m $j "$1" "$2"; j=$((j+1)); shift 2; fi
  done
}
r() {
  [ "$g" ] || return
  i=$1; shift
  if rm -f "$@" </dev/null 2>/dev/null; then a $i d $#; return; fi
  for p; do
    if q=$(rm -f "$p" 2>&1 </dev/null) || { d "$p" && q=$(rmdir "$p" 2>&1 </dev/null); }; then a $i d 1
    elif h "$p"; then a $i k 1
    else f $i "$q"; fi
    i=$((i+1))
  done
}
x() {
  [ "$g" ] || return
  i=$1; shift
  rm -rf "$@" </dev/null 2>/dev/null & p=$!
  t $p & q=$!
  wait $p; s=$?
  { kill $q; wait $q; } 2>/dev/null
  if [ $s = 0 ]; then a $i d $#; return; fi
  for p; do
    if q=$(rm -rf "$p" 2>&1 </dev/null); then a $i d 1; else f $i "$q"; fi
    i=$((i+1))
  done
}
k() {
  [ "$g" ] || return
  i=$1; shift
  if rmdir "$@" </dev/null 2>/dev/null; then a $i d $#; return; fi
  for p; do
    if [ "$Z" ] && d "$p" && d "$p/$Z" && [ "$(ls -A "$p")" = "$Z" ]; then rm -rf "$p/$Z" </dev/null 2>/dev/null; fi
    if ! e "$p" || q=$(rmdir "$p" 2>&1 </dev/null); then a $i d 1
    elif ! d "$p" || h "$p"; then a $i k 1
    else f $i "$q"; fi
    i=$((i+1))
  done
}
n() {
  [ "$g" ] || return
  i=$1; o=$2; shift 2
  if mkdir \${o:+-m $o} "$@" </dev/null 2>/dev/null; then a $i d $#; return; fi
  for p; do
    if [ "$W" ] && e "$p" && ! d "$p"; then
      if [ "$Y" ]; then b "$p" </dev/null >/dev/null 2>&1; else rm -f "$p" </dev/null 2>/dev/null; fi
    fi
    if d "$p"; then q=$([ -z "$o" ] || chmod $o "$p" 2>&1 </dev/null)
    elif e "$p"; then a $i o 1; g=$K; i=$((i+1)); continue
    else q=$(mkdir \${o:+-m $o} "$p" 2>&1 </dev/null); fi
    if [ $? = 0 ]; then a $i d 1; else f $i "$q"; g=$K; fi
    i=$((i+1))
  done
}
N() {
  u=$(umask); v=$(printf %o $(($u | $2)))
  i=$1; shift 2
  umask $v; n $i '' "$@"; umask $u
}
w() { [ "$g" ] || return; i=$1; shift; a $i d $#; }
c() {
  [ "$g" ] || return
  i=$1; o=$2; shift 2; l=
  for p; do [ ! -L "$p" ] || l=1; done
  if [ -z "$l" ] && chmod $o "$@" </dev/null 2>/dev/null; then a $i d $#; return; fi
  for p; do
    if [ -L "$p" ]; then f $i 'a symbolic link is in its place'
    elif q=$(chmod $o "$p" 2>&1 </dev/null); then a $i d 1
    else f $i "$q"; fi
    i=$((i+1))
  done
}
${backup === null ? "" : backupFunctions(backup)}`;
}

/**
 * The script for a batch of `steps` below `directory` (absolute, a byte string). Ends with the answer `end`.
 * `replay`: the steps may have been done before: whatever became of one, all are carried out and reported.
 * `modeOf`: the rights of a new directory whose mode is left to the target, at most.
 */
export function batchScript(
  directory: string,
  steps: readonly Step[],
  replay: boolean,
  modeOf: (path: Path) => number = () => 0o777,
): string {
  let script = `g=1; K=${replay ? "1" : ""}; cd ${shellQuote(directory)} 2>/dev/null || { g=; a 0 lost 0; }\n`;
  for (let at = 0; at < steps.length; ) {
    const head = headOf(steps[at]!, at, modeOf);
    let group = argumentsOf(steps[at]!);
    let count = 1;
    while (count < groupMax && group.length < groupBytesMax && at + count < steps.length) {
      const next = steps[at + count]!;
      if (headOf(next, at, modeOf) !== head) break;
      group += ` ${argumentsOf(next)}`;
      count++;
    }
    script += `${head} ${group}\n`;
    at += count;
  }
  return `${script}a 0 end 0\n`;
}

/** What one line of the shell's output means; null for noise. */
export type Answer =
  | { readonly is: "end" | "lost" }
  | { readonly is: "outcome"; readonly index: number; readonly count: number; readonly outcome: Outcome };

const outcomes: Record<string, Outcome> = {
  d: { is: "done" },
  y: { is: "already" },
  z: { is: "missing" },
  o: { is: "occupied" },
  k: { is: "kept" },
};

/** Reads a line (without its newline) of the shell's output. */
export function readAnswer(token: string, line: string): Answer | null {
  // A command may have left an unfinished line before the answer.
  const start = line.indexOf(token);
  if (start < 0) return null;
  const [index, code, count, ...message] = line.slice(start + token.length + 1).split(" ");
  if (code === "end" || code === "lost") return { is: code };
  const outcome =
    code === "f" ? ({ is: "failed", reason: message.join(" ").trim() } as const) : outcomes[code ?? ""];
  if (outcome === undefined) return null;
  return { is: "outcome", index: Number(index), count: Number(count), outcome };
}

function headOf(step: Step, index: number, modeOf: (path: Path) => number): string {
  switch (step.do) {
    case "move":
      return `M ${index}`;
    case "remove":
      return `r ${index}`;
    case "remove-tree":
      return `x ${index}`;
    case "remove-directory":
      return `k ${index}`;
    case "make-directory":
      if (step.entry.mode === anyMode) return `N ${index} ${octal(0o777 & ~modeOf(step.path))}`;
      return `n ${index} ${octal(step.entry.mode | 0o700)}`;
    case "set-mode":
      if (step.mode === anyMode) return `w ${index}`;
      return `c ${index} ${octal(step.mode)}`;
  }
}

function argumentsOf(step: Step): string {
  const word = (path: string) => shellQuote(`./${checked(path)}`);
  return step.do === "move" ? `${word(step.from)} ${word(step.to)}` : word(step.path);
}

/** A mode as chmod takes it; five digits, so that GNU clears set-id bits of directories as well. */
function octal(mode: number): string {
  return mode.toString(8).padStart(5, "0");
}
