/** Functions for the remote shell that keep what they replace or remove. Pure text; see shell-script.ts. */
import { shellQuote } from "./shell-quote.ts";
import type { BackupOptions } from "./transfer-options.ts";

/**
 * Defines, after the functions of the same names that delete:
 * - `b`: moves what is no directory to where backups are. What is in the way there is an older backup: it goes.
 * - `t`: does so with all files below a directory, then removes the directories that are empty by then. Backups in
 *   it stay where they are.
 * - `r`, `x`: as those that delete.
 */
export function backupFunctions({ directory, suffix }: BackupOptions): string {
  // `./`: none is taken for an option, and all can be compared.
  const place = directory === null ? "" : directory.startsWith("/") ? directory : `./${directory}`;
  return `
Y=1; B=${shellQuote(place)}; S=${shellQuote(suffix)}
b() {
  if [ "$B" ]; then
    t=$B/\${1#./}$S; h=\${t%/*}
    (umask 077; mkdir -p "$h" 2>/dev/null) || {
      o=$h
      while [ "$o" ] && ! e "$o"; do o=\${o%/*}; done
      case $o in "$B"/*) d "$o" || rm -f "$o" ;; esac
      (umask 077; mkdir -p "$h") || return 1
    }
  else t=$1$S; fi
  if d "$t"; then rm -rf "$t"; elif [ -L "$t" ]; then rm -f "$t"; fi
  mv -f "$1" "$t"
}
t() {
  for c in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    e "$c" || continue
    if [ "$B" ]; then
      [ "$c" != "$B" ] || continue
    else
      case $c in *"$S") continue ;; esac
    fi
    if d "$c"; then t "$c" || return 1; else b "$c" || return 1; fi
  done
  rmdir "$1" 2>/dev/null || :
}
r() {
  [ "$g" ] || return
  i=$1; shift
  for p; do
    if ! e "$p"; then q=
    elif d "$p"; then q=$(rmdir "$p" 2>&1 </dev/null)
    else q=$(b "$p" 2>&1 </dev/null); fi
    if [ $? = 0 ]; then a $i d 1
    elif h "$p"; then a $i k 1
    else f $i "$q"; fi
    i=$((i+1))
  done
}
x() {
  [ "$g" ] || return
  i=$1; shift
  for p; do
    if ! e "$p" || [ "$p" = "$B" ]; then q=
    elif d "$p"; then q=$(t "$p" 2>&1 </dev/null)
    else q=$(b "$p" 2>&1 </dev/null); fi
    if [ $? = 0 ]; then a $i d 1; else f $i "$q"; fi
    i=$((i+1))
  done
}
`;
}
