# bash completion for tsync
_tsync() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "watch sync completions --help --version" -- "$word"))
    return
  fi
  case $previous in
    --delete) COMPREPLY=($(compgen -W "tracked exact never" -- "$word")); return ;;
    --settle) return ;;
    -F|--ssh-config) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    -p|--port) return ;;
    -i|--identity) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --password-file) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
  esac
  case ${COMP_WORDS[1]} in
    watch) words="--delete -n --dry-run --accept-deletes --settle -F --ssh-config -p --port -i --identity --password-file --json -v --verbose -q --quiet -h --help" ;;
    sync) words="--delete -n --dry-run --accept-deletes --settle -F --ssh-config -p --port -i --identity --password-file --json -v --verbose -q --quiet -h --help" ;;
    completions) words="-h --help" ;;
    *) return ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
  esac
}
complete -o filenames -F _tsync tsync
