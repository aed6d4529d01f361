#compdef tsync
_tsync() {
  if (( CURRENT == 2 )); then
    local -a commands=('watch:Bring each DEST up to date with SRC, and keep it so, live' 'sync:Bring each DEST up to date with SRC, then exit' 'completions:Print the completion script for a shell')
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
    watch) _arguments '--delete[What may be deleted on a target\: tracked = what tsync put there, exact = everything the source does not have, never = nothing (a moved file then keeps its old name there too)]:value:(tracked exact never)' \
      '-n[Print what would be done, touch nothing]' \
      '--dry-run[Print what would be done, touch nothing]' \
      '--accept-deletes[Go on although the source is empty or is another directory than before]' \
      '--settle[How long a path must be quiet before it is sent (10ms, 2s)]:value: ' \
      '-F[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '--ssh-config[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '-p[Port of the ssh server]:value: ' \
      '--port[Port of the ssh server]:value: ' \
      '*-i[Private key to log in with (may be given several times)]:file:_files' \
      '*--identity[Private key to log in with (may be given several times)]:file:_files' \
      '--password-file[File with the password for rsync daemons in its first line (else RSYNC_PASSWORD is used)]:file:_files' \
      '--json[Print one JSON object for each event on standard output]' \
      '-v[Print every single operation]' \
      '--verbose[Print every single operation]' \
      '-q[Print warnings and errors only]' \
      '--quiet[Print warnings and errors only]' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    sync) _arguments '--delete[What may be deleted on a target\: tracked = what tsync put there, exact = everything the source does not have, never = nothing (a moved file then keeps its old name there too)]:value:(tracked exact never)' \
      '-n[Print what would be done, touch nothing]' \
      '--dry-run[Print what would be done, touch nothing]' \
      '--accept-deletes[Go on although the source is empty or is another directory than before]' \
      '--settle[How long a path must be quiet before it is sent (10ms, 2s)]:value: ' \
      '-F[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '--ssh-config[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '-p[Port of the ssh server]:value: ' \
      '--port[Port of the ssh server]:value: ' \
      '*-i[Private key to log in with (may be given several times)]:file:_files' \
      '*--identity[Private key to log in with (may be given several times)]:file:_files' \
      '--password-file[File with the password for rsync daemons in its first line (else RSYNC_PASSWORD is used)]:file:_files' \
      '--json[Print one JSON object for each event on standard output]' \
      '-v[Print every single operation]' \
      '--verbose[Print every single operation]' \
      '-q[Print warnings and errors only]' \
      '--quiet[Print warnings and errors only]' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    completions) _arguments '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
  esac
}
compdef _tsync tsync
