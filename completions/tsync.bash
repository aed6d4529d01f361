# bash completion for tsync
_tsync() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words first=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "watch sync verify status pause resume flush reload stop why log import examples check doctor config completions --help --version" -- "$word"))
    return
  fi
  case $previous in
    --exclude) return ;;
    --include) return ;;
    --filter) return ;;
    --exclude-from) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --include-from) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --filter-from) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --max-size) return ;;
    --min-size) return ;;
    --delete) COMPREPLY=($(compgen -W "tracked exact never startup live" -- "$word")); return ;;
    --max-delete) return ;;
    --require-file) return ;;
    --backup-dir) return ;;
    --suffix) return ;;
    --settle) return ;;
    --max-delay) return ;;
    --delay) return ;;
    --max-batch) return ;;
    --only) COMPREPLY=($(compgen -W "create change delete move attributes" -- "$word")); return ;;
    --verify-every) return ;;
    --bwlimit) return ;;
    --partial-dir) return ;;
    --parallel) return ;;
    --timeout) return ;;
    --nice) return ;;
    --ionice) COMPREPLY=($(compgen -W "best-effort idle" -- "$word")); return ;;
    --rsync) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --rsync-path) return ;;
    --rsync-arg) return ;;
    --chmod) return ;;
    --chown) return ;;
    -F|--ssh-config) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    -p|--port) return ;;
    -i|--identity) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --password-file) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --config) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --socket) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    -n|--lines) return ;;
    --from) COMPREPLY=($(compgen -W "lsyncd inosync pylsyncd pirsyncd" -- "$word")); return ;;
  esac
  case ${COMP_WORDS[1]} in
    watch) words="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links -F --ssh-config -p --port -i --identity --password-file --config -n --dry-run --json -v --verbose -q --quiet --socket -h --help" ;;
    sync) words="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links -F --ssh-config -p --port -i --identity --password-file --config -n --dry-run --json -v --verbose -q --quiet --socket -h --help" ;;
    verify) words="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links -F --ssh-config -p --port -i --identity --password-file --config --repair --json -q --quiet -h --help" ;;
    status) words="--json -w --watch -h --help" ;;
    pause) words="-h --help" ;;
    resume) words="--accept-deletes -h --help" ;;
    flush) words="--timeout -h --help" ;;
    reload) words="-h --help" ;;
    stop) words="-h --help" ;;
    why) words="--json -h --help" ;;
    log) words="--json -f --follow -n --lines -h --help" ;;
    import) words="--from -h --help" ;;
    examples) words="-h --help" ;;
    check) words="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links -F --ssh-config -p --port -i --identity --password-file --config --json -h --help" ;;
    doctor) words="-F --ssh-config -p --port -i --identity --password-file --rsync --rsync-path --json -h --help" ;;
    config) words="--exclude --include --filter --exclude-from --include-from --filter-from --gitignore --max-size --min-size -x --one-file-system --delete --max-delete --delete-excluded --accept-deletes --require-file -b --backup --backup-dir --suffix --settle --max-delay --delay --max-batch --only --ignore-attributes --no-initial-sync --insist --verify-every --bwlimit -z --compress -c --checksum --partial-dir --inplace --append --append-verify --delay-updates -S --sparse --parallel --timeout --nice --ionice --rsync --rsync-path --rsync-arg --no-perms --no-times --no-owner --no-group -A --acls -X --xattrs --chmod --chown --no-links -L --copy-links --copy-unsafe-links --safe-links -H --hard-links -F --ssh-config -p --port -i --identity --password-file --config --json -h --help" first="show schema" ;;
    completions) words="-h --help" ;;
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
