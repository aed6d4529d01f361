# bash completion for tsync (made by "tsync completions bash")

# Reads the line up to the cursor as the shell does. words: without quotes; quote: what is open in the last one;
# head: the part of the last one that stays, in front of $1, which readline replaces (it divides words at : = @ too).
_tsync_read() {
  local line=${COMP_LINE:0:COMP_POINT} word= char next started= at keep
  keep=$((${#line} - ${#1}))
  for ((at = 0; at < ${#line}; at++)); do
    ((at == keep)) && head=$word
    char=${line:at:1}
    if [[ $quote == "'" && $char != "'" ]]; then
      word+=$char
    elif [[ $char == \\ ]]; then
      next=${line:at+1:1}
      if [[ $quote == '"' && $next != [\"\\\$\`] ]]; then word+=\\; else word+=$next; ((at++)); fi
      started=1
    elif [[ $quote && $char == "$quote" ]]; then
      quote=
    elif [[ $quote ]]; then
      word+=$char
    elif [[ $char == [\'\"] ]]; then
      quote=$char started=1
    elif [[ $char == [[:space:]] ]]; then
      [[ $started ]] && words+=("$word")
      word= started=
    else
      word+=$char started=1
    fi
  done
  ((keep == ${#line})) && head=$word
  words+=("$word")
}

# Offers what begins with the word. $prefix stands in front of it: --name=.
_tsync_offer() {
  local each
  for each; do
    [[ $each == "$word"* ]] || continue
    each=$prefix$each
    COMPREPLY+=("${each:${#head}}")
  done
}

# The same for names that the shell must not look into.
_tsync_offer_quoted() {
  local each char
  for each; do
    [[ $each == "$word"* ]] || continue
    each=$prefix$each each=${each:${#head}}
    if [[ $quote == "'" ]]; then
      each=${each//\'/\'\\\'\'}
    elif [[ $quote ]]; then
      for char in \\ '"' '$' '`'; do each=${each//"$char"/"\\$char"}; done
    elif [[ $each == '~/'* && $head ]]; then
      printf -v each '~/%q' "${each:2}"
    elif [[ $each ]]; then
      printf -v each %q "$each"
    fi
    COMPREPLY+=("$each")
  done
}

# Paths here that begin with the word and match the pattern $1, into found.
_tsync_paths() {
  local path=$word char each
  [[ $path == '~/'* ]] && path=$HOME/${path:2}
  local pattern=$path matches
  for char in \\ '*' '?' '[' '(' '{'; do pattern=${pattern//"$char"/"\\$char"}; done
  mapfile -t matches < <(compgen -G "$pattern$1")
  found=()
  for each in "${matches[@]}"; do
    [[ -e $each && $each == "$path"* ]] && found+=("$word${each:${#path}}")
  done
}

# Asks tsync for candidates of the kind $1, into found.
_tsync_ask() {
  local program=${words[0]}
  [[ $program == '~/'* ]] && program=$HOME/${program:2}
  type -P -- "$program" >/dev/null || program=tsync
  mapfile -t found < <("$program" __complete "$1" "$word" "${words[@]:1:${#words[@]}-2}" 2>/dev/null)
}

# Offers what an argument of the kind $1 can be.
_tsync_argument() {
  local found=() places=()
  case $1 in
    file | directory)
      if [[ $1 == file ]]; then _tsync_paths '*'; else _tsync_paths '*/'; fi
      if [[ $head == "$prefix" ]]; then
        # Readline quotes them, and knows directories.
        compopt -o filenames
        _tsync_offer "${found[@]%/}"
      else
        # A colon in the name: readline has only a part of it.
        compopt -o nospace
        _tsync_offer_quoted "${found[@]}"
      fi
      ;;
    place | remote)
      if [[ $word == *:* && ${word%%:*} != */* ]]; then
        _tsync_ask directories
        compopt -o nospace
        _tsync_offer_quoted "${found[@]}"
        return
      fi
      [[ $word == [./~]* || $word == */* ]] || _tsync_ask hosts
      places=("${found[@]}")
      if [[ $1 == place && ${#places[@]} == 0 ]]; then
        _tsync_argument directory
        return
      fi
      found=()
      [[ $1 == remote ]] || _tsync_paths '*/'
      compopt -o nospace
      _tsync_offer_quoted "${found[@]}" "${places[@]}"
      ;;
    mirror)
      _tsync_ask mirrors
      _tsync_offer_quoted "${found[@]}"
      ;;
    =*)
      IFS=, read -ra found <<<"${1:1}"
      _tsync_offer "${found[@]}"
      ;;
  esac
}

# Offers values of the kind $1; the others are words for it.
_tsync_value() {
  local before= each
  case $1 in
    file) _tsync_argument file ;;
    word) _tsync_offer "${@:2}" ;;
    words)
      [[ $word == *,* ]] && before=${word%,*},
      compopt -o nospace
      for each in "${@:2}"; do
        [[ ,$before == *,"$each",* ]] || _tsync_offer "$before$each"
      done
      ;;
    number)
      local units=("${@:2}")
      [[ $word =~ ^[0-9]+(\.[0-9]+)?$ ]] && _tsync_offer "${units[@]/#/$word}"
      ;;
  esac
}

# What the option $2 of the command $1 takes: a kind, and words for it; empty for a flag.
_tsync_takes() {
  case $1:$2 in
    *:--exclude | *:--include | *:--filter | *:--max-delete | *:--require-file | *:--backup-dir | *:--suffix | *:--max-batch | *:--partial-dir | *:--parallel | *:--nice | *:--rsync-path | *:--rsync-arg | *:--chmod | *:--chown | *:--on-change | *:--on-synced | *:--on-synced-remote | *:--on-error | *:--on-halt | *:--on-recover | *:-p | *:--port | log:-n | *:--metrics | *:--web | *:--lines | *:--name) takes="text" ;;
    *:--exclude-from | *:--include-from | *:--filter-from | *:--rsync | *:-F | *:--ssh-config | *:-i | *:--identity | *:--password-file | *:--config | *:--log-file | *:--socket | *:--pid-file) takes="file" ;;
    *:--max-size | *:--min-size | *:--bwlimit) takes="number K M G T" ;;
    *:--delete) takes="word tracked exact never startup live" ;;
    *:--settle | *:--max-delay | *:--delay | *:--verify-every | *:--timeout | *:--keep-warm) takes="number ms s m h" ;;
    *:--only) takes="words create change delete move attributes" ;;
    *:--ionice) takes="word best-effort idle" ;;
    *:--sender) takes="word auto stock builtin" ;;
    *:--log-format) takes="word text json" ;;
    *:--from) takes="word lsyncd inosync pylsyncd pirsyncd" ;;
    *:--manager) takes="word systemd launchd" ;;
    *) takes= ;;
  esac
}

_tsync_command() {
  case $command in
    watch)
      usual="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --sender --keep-warm --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links --on-change --on-synced --on-synced-remote --on-error --on-halt --on-recover -F --ssh-config -p --port -i --identity --password-file --config -n --dry-run --json -v --verbose -q --quiet --no-view --log-file --log-format --socket --metrics --web -d --daemon --pid-file -h --help"
      opposite="--no-gitignore --no-one-file-system --no-delete-excluded --no-accept-deletes --no-backup --no-ignore-attributes --initial-sync --no-insist --no-compress --no-checksum --no-inplace --no-append --no-append-verify --no-delay-updates --no-sparse --perms --times --owner --group --no-acls --no-xattrs --links --no-copy-links --no-copy-unsafe-links --no-safe-links --no-hard-links" ;;
    sync)
      usual="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --sender --keep-warm --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links --on-change --on-synced --on-synced-remote --on-error --on-halt --on-recover -F --ssh-config -p --port -i --identity --password-file --config -n --dry-run --json -v --verbose -q --quiet --no-view --log-file --log-format --socket -h --help"
      opposite="--no-gitignore --no-one-file-system --no-delete-excluded --no-accept-deletes --no-backup --no-ignore-attributes --initial-sync --no-insist --no-compress --no-checksum --no-inplace --no-append --no-append-verify --no-delay-updates --no-sparse --perms --times --owner --group --no-acls --no-xattrs --links --no-copy-links --no-copy-unsafe-links --no-safe-links --no-hard-links" ;;
    verify)
      usual="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --sender --keep-warm --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links --on-change --on-synced --on-synced-remote --on-error --on-halt --on-recover -F --ssh-config -p --port -i --identity --password-file --config --repair --json -q --quiet -h --help"
      opposite="--no-gitignore --no-one-file-system --no-delete-excluded --no-accept-deletes --no-backup --no-ignore-attributes --initial-sync --no-insist --no-compress --no-checksum --no-inplace --no-append --no-append-verify --no-delay-updates --no-sparse --perms --times --owner --group --no-acls --no-xattrs --links --no-copy-links --no-copy-unsafe-links --no-safe-links --no-hard-links" ;;
    status)
      usual="--json -w --watch -h --help"
      opposite="" ;;
    pause | reload | stop | examples | completions | man)
      usual="-h --help"
      opposite="" ;;
    resume)
      usual="--accept-deletes -h --help"
      opposite="--no-accept-deletes" ;;
    flush)
      usual="--timeout -h --help"
      opposite="" ;;
    why)
      usual="--json -h --help"
      opposite="" ;;
    log)
      usual="--json -f --follow -n --lines -h --help"
      opposite="" ;;
    import)
      usual="--from -h --help"
      opposite="" ;;
    check | config)
      usual="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --sender --keep-warm --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links --on-change --on-synced --on-synced-remote --on-error --on-halt --on-recover -F --ssh-config -p --port -i --identity --password-file --config --json -h --help"
      opposite="--no-gitignore --no-one-file-system --no-delete-excluded --no-accept-deletes --no-backup --no-ignore-attributes --initial-sync --no-insist --no-compress --no-checksum --no-inplace --no-append --no-append-verify --no-delay-updates --no-sparse --perms --times --owner --group --no-acls --no-xattrs --links --no-copy-links --no-copy-unsafe-links --no-safe-links --no-hard-links" ;;
    doctor)
      usual="-F --ssh-config -p --port -i --identity --password-file --rsync --rsync-path --json -h --help"
      opposite="" ;;
    service)
      usual="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --sender --keep-warm --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links --on-change --on-synced --on-synced-remote --on-error --on-halt --on-recover -F --ssh-config -p --port -i --identity --password-file --config --metrics --web --user --system --name --manager --force -h --help"
      opposite="--no-gitignore --no-one-file-system --no-delete-excluded --no-accept-deletes --no-backup --no-ignore-attributes --initial-sync --no-insist --no-compress --no-checksum --no-inplace --no-append --no-append-verify --no-delay-updates --no-sparse --perms --times --owner --group --no-acls --no-xattrs --links --no-copy-links --no-copy-unsafe-links --no-safe-links --no-hard-links" ;;
    *) usual= opposite= ;;
  esac
  case $command in
    watch | sync | verify | check) kinds=(directory place+) ;;
    status | pause | resume | flush | reload | stop | log) kinds=(mirror+) ;;
    why | import) kinds=(file) ;;
    examples | man) kinds=() ;;
    doctor) kinds=(remote) ;;
    config) kinds=(=show,schema,types directory place+) ;;
    service) kinds=(=print,install,uninstall text) ;;
    completions) kinds=(=bash,zsh,fish) ;;
    *) kinds=() ;;
  esac
}

_tsync() {
  local IFS=$' \t\n' words=() quote= head=
  _tsync_read "$2"
  local word=${words[-1]} prefix= command=${words[1]} usual opposite kinds
  COMPREPLY=()
  if ((${#words[@]} == 2)); then
    _tsync_offer watch sync verify status pause resume flush reload stop why log import examples check doctor config service completions man --help --version
    return
  fi
  _tsync_command
  local given takes= ends= config= position=0 at letter
  for ((at = 2; at < ${#words[@]} - 1; at++)); do
    given=${words[at]}
    if [[ $takes ]]; then
      takes=
    elif [[ $ends || $given != -?* ]]; then
      ((position++))
    elif [[ $given == -- ]]; then
      ends=1
    elif [[ $given == --* ]]; then
      [[ $given == --config || $given == --config=* ]] && config=1
      [[ $given == *=* ]] || _tsync_takes "$command" "$given"
    else
      # Letters together, with a value behind the last one or as the next word.
      for ((letter = 1; letter < ${#given}; letter++)); do
        _tsync_takes "$command" "-${given:letter:1}"
        [[ $takes ]] || continue
        ((letter < ${#given} - 1)) && takes=
        break
      done
    fi
  done
  if [[ $takes ]]; then
    _tsync_value $takes
  elif [[ ! $ends && $word == --*=* ]]; then
    _tsync_takes "$command" "${word%%=*}"
    prefix=${word%%=*}= word=${word#*=}
    [[ ! $takes ]] || _tsync_value $takes
  elif [[ ! $ends && $word == -* ]]; then
    _tsync_offer $usual
    [[ $word == --?* ]] && _tsync_offer $opposite
  elif ((${#kinds[@]})); then
    local kind=${kinds[position]-}
    [[ $kind || ${kinds[-1]} != *+ ]] || kind=${kinds[-1]}
    kind=${kind%+}
    # With --config, mirrors are named.
    [[ $config && $kind == @(directory|place) ]] && kind=mirror
    _tsync_argument "$kind"
  fi
}
complete -F _tsync tsync
