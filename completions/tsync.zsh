#compdef tsync
# zsh completion for tsync (made by "tsync completions zsh")

# Asks tsync for candidates of the kind $1, into found. It is given the words without quotes.
_tsync_ask() {
  local program=${(Q)tsync_program}
  [[ $program == '~/'* ]] && program=$HOME/${program[3,-1]}
  whence -p -- $program >/dev/null || program=tsync
  found=(${(f)"$("$program" __complete $1 "${(Q)PREFIX}" ${(Q)words[1,CURRENT-1]} 2>/dev/null)"})
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
  if [[ $PREFIX == *:* && ${PREFIX%%:*} != */* ]]; then
    _tsync_ask directories
    _wanted remote-directories expl 'directory there' compadd -S '' -- $found
  else
    _wanted hosts expl host _tsync_hosts
  fi
}

# A directory here or elsewhere.
_tsync_place() {
  if [[ $PREFIX == *:* && ${PREFIX%%:*} != */* ]]; then
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
    _wanted units expl $hint compadd -- $PREFIX${^@}
  else
    _message "$hint: a number with ${(j: or :)@}"
  fi
}

_tsync() {
  local tsync_program=$words[1] command=$words[2]
  local -a opposite arguments
  if (( CURRENT == 2 )); then
    local -a commands=(
      'watch:Bring each DEST up to date with SRC, and keep it so, live'
      'sync:Bring each DEST up to date with SRC, then exit'
      'verify:Say how each DEST differs from SRC, changing nothing unless told to repair it'
      'status:Say what running mirrors are doing, one line a target'
      'pause:Let mirrors rest'
      'resume:Let mirrors go on after pause, or after a guard halted them'
      'flush:Return once every change made before is on every target'
      'reload:Have a running tsync read its configuration file again'
      'stop:End a running tsync at its next safe point'
      'why:Say whether a path is mirrored, by which rule it is not, and whether it fails'
      'log:Print the changes that went out last'
      'import:Print the tsync.toml that does what a configuration of lsyncd, inosync, pylsyncd or pirsyncd does'
      'examples:Print worked command lines for every kind of use'
      'check:Check that SRC can be mirrored to each DEST, without changing anything'
      'doctor:Connect to a host and say what tsync finds there, what it means, and how it could be better'
      'config:Show each option in force and where it comes from, or the schema or types of the configuration'
      'service:Write, install or remove the file that makes a service of it'
      'completions:Print the completion script for a shell'
      'man:Show the manual page'
    )
    _describe -t commands command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $command in
    watch)
      [[ $PREFIX == --?* ]] && opposite=(
        '--no-gitignore[Take back --gitignore]'
        '--no-one-file-system[Take back --one-file-system]'
        '--no-delete-excluded[Take back --delete-excluded]'
        '--no-accept-deletes[Take back --accept-deletes]'
        '--no-backup[Take back --backup]'
        '--no-ignore-attributes[Take back --ignore-attributes]'
        '--initial-sync[Take back --no-initial-sync]'
        '--no-insist[Take back --insist]'
        '--no-compress[Take back --compress]'
        '--no-checksum[Take back --checksum]'
        '--no-inplace[Take back --inplace]'
        '--no-append[Take back --append]'
        '--no-append-verify[Take back --append-verify]'
        '--no-delay-updates[Take back --delay-updates]'
        '--no-sparse[Take back --sparse]'
        '--perms[Take back --no-perms]'
        '--times[Take back --no-times]'
        '--owner[Take back --no-owner]'
        '--group[Take back --no-group]'
        '--no-acls[Take back --acls]'
        '--no-xattrs[Take back --xattrs]'
        '--links[Take back --no-links]'
        '--no-copy-links[Take back --copy-links]'
        '--no-copy-unsafe-links[Take back --copy-unsafe-links]'
        '--no-safe-links[Take back --safe-links]'
        '--no-hard-links[Take back --hard-links]'
      )
      arguments=('1:directory:_tsync_directories' '*:place:_tsync_place')
      (( $words[(I)--config(|=*)] )) && arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '*--exclude=[Leave out what matches]:PATTERN: ' \
        '*--include=[Keep what matches, although a later rule excludes it]:PATTERN: ' \
        '*--filter=[A rule as "- PATTERN"]:RULE: ' \
        '*--exclude-from=[Read patterns to exclude from a file, one a line]:file:_files' \
        '*--include-from=[Read patterns to include from a file, one a line]:file:_files' \
        '*--filter-from=[Read rules]:file:_files' \
        '(--gitignore --no-gitignore)--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
        '--max-size=[Leave out files that are larger]:SIZE: _tsync_number SIZE K M G T' \
        '--min-size=[Leave out files that are smaller]:SIZE: _tsync_number SIZE K M G T' \
        '(-x --one-file-system --no-one-file-system)-x[Leave out what is mounted below the source]' \
        '(-x --one-file-system --no-one-file-system)--one-file-system[Leave out what is mounted below the source]' \
        '--delete=[What may be deleted on a target]:word:(tracked exact never startup live)' \
        '--max-delete=[How many deletions are followed that tsync did not see happen, but found at a start or after lost events]:LIMIT: ' \
        '(--delete-excluded --no-delete-excluded)--delete-excluded[Also delete on the target what is excluded]' \
        '(--accept-deletes --no-accept-deletes)--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
        '--require-file=[Do nothing as long as the source does not hold this file or directory]:NAME: ' \
        '(-b --backup --no-backup)-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '(-b --backup --no-backup)--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '--backup-dir=[Keep what is deleted or overwritten in this directory of the target]:DIR: ' \
        '--suffix=[What is put behind the name of a backup]:SUFFIX: ' \
        '--settle=[How long a path must be quiet before it is sent]:TIME: _tsync_number TIME ms s m h' \
        '--max-delay=[How long a path that is never quiet waits at most]:TIME: _tsync_number TIME ms s m h' \
        '--delay=[Gather changes for this long after the first one, then send them together]:TIME: _tsync_number TIME ms s m h' \
        '--max-batch=[Send what was gathered as soon as this many paths changed, before the delay is over]:N: ' \
        '--only=[Follow only these kinds of changes]:KINDS:_sequence compadd - create change delete move attributes' \
        '(--ignore-attributes --no-ignore-attributes)--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
        '(--no-initial-sync --initial-sync)--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
        '(--insist --no-insist)--insist[Start although a target cannot be reached, and try it again and again]' \
        '--verify-every=[Compare the whole target with the source this often]:TIME: _tsync_number TIME ms s m h' \
        '--bwlimit=[Highest rate for one target, in KiB a second or with a unit]:RATE: _tsync_number RATE K M G T' \
        '(-z --compress --no-compress)-z[Compress content on its way]' \
        '(-z --compress --no-compress)--compress[Compress content on its way]' \
        '(-c --checksum --no-checksum)-c[Compare files that may be on the target already by content, not by size and time]' \
        '(-c --checksum --no-checksum)--checksum[Compare files that may be on the target already by content, not by size and time]' \
        '--partial-dir=[Keep what arrived of a large file in this directory of the target, to go on from there]:DIR: ' \
        '(--inplace --no-inplace)--inplace[Write into the target'\''s files instead of replacing them]' \
        '(--append --no-append)--append[Only send what was added at the end of files that grew]' \
        '(--append-verify --no-append-verify)--append-verify[The same, and check the part that was there before]' \
        '(--delay-updates --no-delay-updates)--delay-updates[Put all files of a transfer in place at its end]' \
        '(-S --sparse --no-sparse)-S[Store long runs of zeros on the target as holes]' \
        '(-S --sparse --no-sparse)--sparse[Store long runs of zeros on the target as holes]' \
        '--parallel=[How many transfers to one target run at the same time, where there is much to send]:N: ' \
        '--timeout=[Give up what was silent for this long]:TIME: _tsync_number TIME ms s m h' \
        '--nice=[Lower the priority of tsync and its transfers]:N: ' \
        '--ionice=[Lower the disk priority of tsync and its transfers]:word:(best-effort idle)' \
        '--sender=[Who sends to ssh targets]:word:(auto stock builtin)' \
        '--keep-warm=[How long after its last work an ssh target keeps two receivers started for the next save]:TIME: _tsync_number TIME ms s m h' \
        '--rsync=[The rsync program here]:file:_files' \
        '--rsync-path=[The rsync program on the target]:COMMAND: ' \
        '*--rsync-arg=[A further argument for rsync, as it is]:ARGUMENT: ' \
        '(--no-perms --perms)--no-perms[Leave permissions as they are on the target]' \
        '(--no-times --times)--no-times[Do not keep modification times]' \
        '(--no-owner --owner)--no-owner[Do not keep owners]' \
        '(--no-group --group)--no-group[Do not keep groups]' \
        '(-A --acls --no-acls)-A[Keep access control lists]' \
        '(-A --acls --no-acls)--acls[Keep access control lists]' \
        '(-X --xattrs --no-xattrs)-X[Keep extended attributes]' \
        '(-X --xattrs --no-xattrs)--xattrs[Keep extended attributes]' \
        '--chmod=[Change permissions on the way]:CHANGES: ' \
        '--chown=[Give everything on the target to this user and group]:USER\:GROUP: ' \
        '(--no-links --links)--no-links[Leave symbolic links out]' \
        '(-L --copy-links --no-copy-links)-L[Mirror what symbolic links point to in their place]' \
        '(-L --copy-links --no-copy-links)--copy-links[Mirror what symbolic links point to in their place]' \
        '(--copy-unsafe-links --no-copy-unsafe-links)--copy-unsafe-links[The same for links that point out of the source]' \
        '(--safe-links --no-safe-links)--safe-links[Leave out links that point out of the source]' \
        '(-H --hard-links --no-hard-links)-H[Keep files that have several names as such]' \
        '(-H --hard-links --no-hard-links)--hard-links[Keep files that have several names as such]' \
        '--on-change=[Run this after changes were made on a target, with what was done as JSON on its input and as TSYNC_... variables]:COMMAND: ' \
        '--on-synced=[Run this when a target holds all that the source holds]:COMMAND: ' \
        '--on-synced-remote=[Run this on the target'\''s host, over the open connection, when a target holds all that the source holds and something was changed there]:COMMAND: ' \
        '--on-error=[Run this when a target cannot be reached or written, or a path fails]:COMMAND: ' \
        '--on-halt=[Run this when a guard halts the mirror]:COMMAND: ' \
        '--on-recover=[Run this when what on-error or on-halt told of is over]:COMMAND: ' \
        '(-F --ssh-config)-F+[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-F --ssh-config)--ssh-config=[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-p --port)-p+[Port of the ssh server]:N: ' \
        '(-p --port)--port=[Port of the ssh server]:N: ' \
        '*-i+[Private key to log in with]:file:_files' \
        '*--identity=[Private key to log in with]:file:_files' \
        '--password-file=[File with the password, in place of asking for it]:file:_files' \
        '--config=[Mirror what this file says]:file:_files' \
        '(-n --dry-run)-n[Print what would be done, touch nothing]' \
        '(-n --dry-run)--dry-run[Print what would be done, touch nothing]' \
        '--json[Print one JSON object for each event on standard output]' \
        '(-v --verbose)-v[Print every single operation]' \
        '(-v --verbose)--verbose[Print every single operation]' \
        '(-q --quiet)-q[Print warnings and errors only]' \
        '(-q --quiet)--quiet[Print warnings and errors only]' \
        '--no-view[Print lines only on a terminal too, without the view of what each target is doing below them]' \
        '--log-file=[Add what is said to this file]:file:_files' \
        '--log-format=[How the lines in the log file are written]:word:(text json)' \
        '--socket=[Control socket, in place of one in $XDG_RUNTIME_DIR/tsync]:file:_files' \
        '--metrics=[Serve metrics for Prometheus at http\://HOST\:PORT/metrics]:\[HOST\:\]PORT: ' \
        '--web=[Serve a page that shows what each target is doing at http\://HOST\:PORT/, with /status.json and /metrics]:\[HOST\:\]PORT: ' \
        '(-d --daemon)-d[Go on in the background once every target is connected]' \
        '(-d --daemon)--daemon[Go on in the background once every target is connected]' \
        '--pid-file=[Write the process id to this file, and remove it at the end]:file:_files' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    sync)
      [[ $PREFIX == --?* ]] && opposite=(
        '--no-gitignore[Take back --gitignore]'
        '--no-one-file-system[Take back --one-file-system]'
        '--no-delete-excluded[Take back --delete-excluded]'
        '--no-accept-deletes[Take back --accept-deletes]'
        '--no-backup[Take back --backup]'
        '--no-ignore-attributes[Take back --ignore-attributes]'
        '--initial-sync[Take back --no-initial-sync]'
        '--no-insist[Take back --insist]'
        '--no-compress[Take back --compress]'
        '--no-checksum[Take back --checksum]'
        '--no-inplace[Take back --inplace]'
        '--no-append[Take back --append]'
        '--no-append-verify[Take back --append-verify]'
        '--no-delay-updates[Take back --delay-updates]'
        '--no-sparse[Take back --sparse]'
        '--perms[Take back --no-perms]'
        '--times[Take back --no-times]'
        '--owner[Take back --no-owner]'
        '--group[Take back --no-group]'
        '--no-acls[Take back --acls]'
        '--no-xattrs[Take back --xattrs]'
        '--links[Take back --no-links]'
        '--no-copy-links[Take back --copy-links]'
        '--no-copy-unsafe-links[Take back --copy-unsafe-links]'
        '--no-safe-links[Take back --safe-links]'
        '--no-hard-links[Take back --hard-links]'
      )
      arguments=('1:directory:_tsync_directories' '*:place:_tsync_place')
      (( $words[(I)--config(|=*)] )) && arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '*--exclude=[Leave out what matches]:PATTERN: ' \
        '*--include=[Keep what matches, although a later rule excludes it]:PATTERN: ' \
        '*--filter=[A rule as "- PATTERN"]:RULE: ' \
        '*--exclude-from=[Read patterns to exclude from a file, one a line]:file:_files' \
        '*--include-from=[Read patterns to include from a file, one a line]:file:_files' \
        '*--filter-from=[Read rules]:file:_files' \
        '(--gitignore --no-gitignore)--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
        '--max-size=[Leave out files that are larger]:SIZE: _tsync_number SIZE K M G T' \
        '--min-size=[Leave out files that are smaller]:SIZE: _tsync_number SIZE K M G T' \
        '(-x --one-file-system --no-one-file-system)-x[Leave out what is mounted below the source]' \
        '(-x --one-file-system --no-one-file-system)--one-file-system[Leave out what is mounted below the source]' \
        '--delete=[What may be deleted on a target]:word:(tracked exact never startup live)' \
        '--max-delete=[How many deletions are followed that tsync did not see happen, but found at a start or after lost events]:LIMIT: ' \
        '(--delete-excluded --no-delete-excluded)--delete-excluded[Also delete on the target what is excluded]' \
        '(--accept-deletes --no-accept-deletes)--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
        '--require-file=[Do nothing as long as the source does not hold this file or directory]:NAME: ' \
        '(-b --backup --no-backup)-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '(-b --backup --no-backup)--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '--backup-dir=[Keep what is deleted or overwritten in this directory of the target]:DIR: ' \
        '--suffix=[What is put behind the name of a backup]:SUFFIX: ' \
        '--settle=[How long a path must be quiet before it is sent]:TIME: _tsync_number TIME ms s m h' \
        '--max-delay=[How long a path that is never quiet waits at most]:TIME: _tsync_number TIME ms s m h' \
        '--delay=[Gather changes for this long after the first one, then send them together]:TIME: _tsync_number TIME ms s m h' \
        '--max-batch=[Send what was gathered as soon as this many paths changed, before the delay is over]:N: ' \
        '--only=[Follow only these kinds of changes]:KINDS:_sequence compadd - create change delete move attributes' \
        '(--ignore-attributes --no-ignore-attributes)--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
        '(--no-initial-sync --initial-sync)--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
        '(--insist --no-insist)--insist[Start although a target cannot be reached, and try it again and again]' \
        '--verify-every=[Compare the whole target with the source this often]:TIME: _tsync_number TIME ms s m h' \
        '--bwlimit=[Highest rate for one target, in KiB a second or with a unit]:RATE: _tsync_number RATE K M G T' \
        '(-z --compress --no-compress)-z[Compress content on its way]' \
        '(-z --compress --no-compress)--compress[Compress content on its way]' \
        '(-c --checksum --no-checksum)-c[Compare files that may be on the target already by content, not by size and time]' \
        '(-c --checksum --no-checksum)--checksum[Compare files that may be on the target already by content, not by size and time]' \
        '--partial-dir=[Keep what arrived of a large file in this directory of the target, to go on from there]:DIR: ' \
        '(--inplace --no-inplace)--inplace[Write into the target'\''s files instead of replacing them]' \
        '(--append --no-append)--append[Only send what was added at the end of files that grew]' \
        '(--append-verify --no-append-verify)--append-verify[The same, and check the part that was there before]' \
        '(--delay-updates --no-delay-updates)--delay-updates[Put all files of a transfer in place at its end]' \
        '(-S --sparse --no-sparse)-S[Store long runs of zeros on the target as holes]' \
        '(-S --sparse --no-sparse)--sparse[Store long runs of zeros on the target as holes]' \
        '--parallel=[How many transfers to one target run at the same time, where there is much to send]:N: ' \
        '--timeout=[Give up what was silent for this long]:TIME: _tsync_number TIME ms s m h' \
        '--nice=[Lower the priority of tsync and its transfers]:N: ' \
        '--ionice=[Lower the disk priority of tsync and its transfers]:word:(best-effort idle)' \
        '--sender=[Who sends to ssh targets]:word:(auto stock builtin)' \
        '--keep-warm=[How long after its last work an ssh target keeps two receivers started for the next save]:TIME: _tsync_number TIME ms s m h' \
        '--rsync=[The rsync program here]:file:_files' \
        '--rsync-path=[The rsync program on the target]:COMMAND: ' \
        '*--rsync-arg=[A further argument for rsync, as it is]:ARGUMENT: ' \
        '(--no-perms --perms)--no-perms[Leave permissions as they are on the target]' \
        '(--no-times --times)--no-times[Do not keep modification times]' \
        '(--no-owner --owner)--no-owner[Do not keep owners]' \
        '(--no-group --group)--no-group[Do not keep groups]' \
        '(-A --acls --no-acls)-A[Keep access control lists]' \
        '(-A --acls --no-acls)--acls[Keep access control lists]' \
        '(-X --xattrs --no-xattrs)-X[Keep extended attributes]' \
        '(-X --xattrs --no-xattrs)--xattrs[Keep extended attributes]' \
        '--chmod=[Change permissions on the way]:CHANGES: ' \
        '--chown=[Give everything on the target to this user and group]:USER\:GROUP: ' \
        '(--no-links --links)--no-links[Leave symbolic links out]' \
        '(-L --copy-links --no-copy-links)-L[Mirror what symbolic links point to in their place]' \
        '(-L --copy-links --no-copy-links)--copy-links[Mirror what symbolic links point to in their place]' \
        '(--copy-unsafe-links --no-copy-unsafe-links)--copy-unsafe-links[The same for links that point out of the source]' \
        '(--safe-links --no-safe-links)--safe-links[Leave out links that point out of the source]' \
        '(-H --hard-links --no-hard-links)-H[Keep files that have several names as such]' \
        '(-H --hard-links --no-hard-links)--hard-links[Keep files that have several names as such]' \
        '--on-change=[Run this after changes were made on a target, with what was done as JSON on its input and as TSYNC_... variables]:COMMAND: ' \
        '--on-synced=[Run this when a target holds all that the source holds]:COMMAND: ' \
        '--on-synced-remote=[Run this on the target'\''s host, over the open connection, when a target holds all that the source holds and something was changed there]:COMMAND: ' \
        '--on-error=[Run this when a target cannot be reached or written, or a path fails]:COMMAND: ' \
        '--on-halt=[Run this when a guard halts the mirror]:COMMAND: ' \
        '--on-recover=[Run this when what on-error or on-halt told of is over]:COMMAND: ' \
        '(-F --ssh-config)-F+[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-F --ssh-config)--ssh-config=[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-p --port)-p+[Port of the ssh server]:N: ' \
        '(-p --port)--port=[Port of the ssh server]:N: ' \
        '*-i+[Private key to log in with]:file:_files' \
        '*--identity=[Private key to log in with]:file:_files' \
        '--password-file=[File with the password, in place of asking for it]:file:_files' \
        '--config=[Mirror what this file says]:file:_files' \
        '(-n --dry-run)-n[Print what would be done, touch nothing]' \
        '(-n --dry-run)--dry-run[Print what would be done, touch nothing]' \
        '--json[Print one JSON object for each event on standard output]' \
        '(-v --verbose)-v[Print every single operation]' \
        '(-v --verbose)--verbose[Print every single operation]' \
        '(-q --quiet)-q[Print warnings and errors only]' \
        '(-q --quiet)--quiet[Print warnings and errors only]' \
        '--no-view[Print lines only on a terminal too, without the view of what each target is doing below them]' \
        '--log-file=[Add what is said to this file]:file:_files' \
        '--log-format=[How the lines in the log file are written]:word:(text json)' \
        '--socket=[Control socket, in place of one in $XDG_RUNTIME_DIR/tsync]:file:_files' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    verify)
      [[ $PREFIX == --?* ]] && opposite=(
        '--no-gitignore[Take back --gitignore]'
        '--no-one-file-system[Take back --one-file-system]'
        '--no-delete-excluded[Take back --delete-excluded]'
        '--no-accept-deletes[Take back --accept-deletes]'
        '--no-backup[Take back --backup]'
        '--no-ignore-attributes[Take back --ignore-attributes]'
        '--initial-sync[Take back --no-initial-sync]'
        '--no-insist[Take back --insist]'
        '--no-compress[Take back --compress]'
        '--no-checksum[Take back --checksum]'
        '--no-inplace[Take back --inplace]'
        '--no-append[Take back --append]'
        '--no-append-verify[Take back --append-verify]'
        '--no-delay-updates[Take back --delay-updates]'
        '--no-sparse[Take back --sparse]'
        '--perms[Take back --no-perms]'
        '--times[Take back --no-times]'
        '--owner[Take back --no-owner]'
        '--group[Take back --no-group]'
        '--no-acls[Take back --acls]'
        '--no-xattrs[Take back --xattrs]'
        '--links[Take back --no-links]'
        '--no-copy-links[Take back --copy-links]'
        '--no-copy-unsafe-links[Take back --copy-unsafe-links]'
        '--no-safe-links[Take back --safe-links]'
        '--no-hard-links[Take back --hard-links]'
      )
      arguments=('1:directory:_tsync_directories' '*:place:_tsync_place')
      (( $words[(I)--config(|=*)] )) && arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '*--exclude=[Leave out what matches]:PATTERN: ' \
        '*--include=[Keep what matches, although a later rule excludes it]:PATTERN: ' \
        '*--filter=[A rule as "- PATTERN"]:RULE: ' \
        '*--exclude-from=[Read patterns to exclude from a file, one a line]:file:_files' \
        '*--include-from=[Read patterns to include from a file, one a line]:file:_files' \
        '*--filter-from=[Read rules]:file:_files' \
        '(--gitignore --no-gitignore)--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
        '--max-size=[Leave out files that are larger]:SIZE: _tsync_number SIZE K M G T' \
        '--min-size=[Leave out files that are smaller]:SIZE: _tsync_number SIZE K M G T' \
        '(-x --one-file-system --no-one-file-system)-x[Leave out what is mounted below the source]' \
        '(-x --one-file-system --no-one-file-system)--one-file-system[Leave out what is mounted below the source]' \
        '--delete=[What may be deleted on a target]:word:(tracked exact never startup live)' \
        '--max-delete=[How many deletions are followed that tsync did not see happen, but found at a start or after lost events]:LIMIT: ' \
        '(--delete-excluded --no-delete-excluded)--delete-excluded[Also delete on the target what is excluded]' \
        '(--accept-deletes --no-accept-deletes)--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
        '--require-file=[Do nothing as long as the source does not hold this file or directory]:NAME: ' \
        '(-b --backup --no-backup)-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '(-b --backup --no-backup)--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '--backup-dir=[Keep what is deleted or overwritten in this directory of the target]:DIR: ' \
        '--suffix=[What is put behind the name of a backup]:SUFFIX: ' \
        '--settle=[How long a path must be quiet before it is sent]:TIME: _tsync_number TIME ms s m h' \
        '--max-delay=[How long a path that is never quiet waits at most]:TIME: _tsync_number TIME ms s m h' \
        '--delay=[Gather changes for this long after the first one, then send them together]:TIME: _tsync_number TIME ms s m h' \
        '--max-batch=[Send what was gathered as soon as this many paths changed, before the delay is over]:N: ' \
        '--only=[Follow only these kinds of changes]:KINDS:_sequence compadd - create change delete move attributes' \
        '(--ignore-attributes --no-ignore-attributes)--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
        '(--no-initial-sync --initial-sync)--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
        '(--insist --no-insist)--insist[Start although a target cannot be reached, and try it again and again]' \
        '--verify-every=[Compare the whole target with the source this often]:TIME: _tsync_number TIME ms s m h' \
        '--bwlimit=[Highest rate for one target, in KiB a second or with a unit]:RATE: _tsync_number RATE K M G T' \
        '(-z --compress --no-compress)-z[Compress content on its way]' \
        '(-z --compress --no-compress)--compress[Compress content on its way]' \
        '(-c --checksum --no-checksum)-c[Compare files that may be on the target already by content, not by size and time]' \
        '(-c --checksum --no-checksum)--checksum[Compare files that may be on the target already by content, not by size and time]' \
        '--partial-dir=[Keep what arrived of a large file in this directory of the target, to go on from there]:DIR: ' \
        '(--inplace --no-inplace)--inplace[Write into the target'\''s files instead of replacing them]' \
        '(--append --no-append)--append[Only send what was added at the end of files that grew]' \
        '(--append-verify --no-append-verify)--append-verify[The same, and check the part that was there before]' \
        '(--delay-updates --no-delay-updates)--delay-updates[Put all files of a transfer in place at its end]' \
        '(-S --sparse --no-sparse)-S[Store long runs of zeros on the target as holes]' \
        '(-S --sparse --no-sparse)--sparse[Store long runs of zeros on the target as holes]' \
        '--parallel=[How many transfers to one target run at the same time, where there is much to send]:N: ' \
        '--timeout=[Give up what was silent for this long]:TIME: _tsync_number TIME ms s m h' \
        '--nice=[Lower the priority of tsync and its transfers]:N: ' \
        '--ionice=[Lower the disk priority of tsync and its transfers]:word:(best-effort idle)' \
        '--sender=[Who sends to ssh targets]:word:(auto stock builtin)' \
        '--keep-warm=[How long after its last work an ssh target keeps two receivers started for the next save]:TIME: _tsync_number TIME ms s m h' \
        '--rsync=[The rsync program here]:file:_files' \
        '--rsync-path=[The rsync program on the target]:COMMAND: ' \
        '*--rsync-arg=[A further argument for rsync, as it is]:ARGUMENT: ' \
        '(--no-perms --perms)--no-perms[Leave permissions as they are on the target]' \
        '(--no-times --times)--no-times[Do not keep modification times]' \
        '(--no-owner --owner)--no-owner[Do not keep owners]' \
        '(--no-group --group)--no-group[Do not keep groups]' \
        '(-A --acls --no-acls)-A[Keep access control lists]' \
        '(-A --acls --no-acls)--acls[Keep access control lists]' \
        '(-X --xattrs --no-xattrs)-X[Keep extended attributes]' \
        '(-X --xattrs --no-xattrs)--xattrs[Keep extended attributes]' \
        '--chmod=[Change permissions on the way]:CHANGES: ' \
        '--chown=[Give everything on the target to this user and group]:USER\:GROUP: ' \
        '(--no-links --links)--no-links[Leave symbolic links out]' \
        '(-L --copy-links --no-copy-links)-L[Mirror what symbolic links point to in their place]' \
        '(-L --copy-links --no-copy-links)--copy-links[Mirror what symbolic links point to in their place]' \
        '(--copy-unsafe-links --no-copy-unsafe-links)--copy-unsafe-links[The same for links that point out of the source]' \
        '(--safe-links --no-safe-links)--safe-links[Leave out links that point out of the source]' \
        '(-H --hard-links --no-hard-links)-H[Keep files that have several names as such]' \
        '(-H --hard-links --no-hard-links)--hard-links[Keep files that have several names as such]' \
        '--on-change=[Run this after changes were made on a target, with what was done as JSON on its input and as TSYNC_... variables]:COMMAND: ' \
        '--on-synced=[Run this when a target holds all that the source holds]:COMMAND: ' \
        '--on-synced-remote=[Run this on the target'\''s host, over the open connection, when a target holds all that the source holds and something was changed there]:COMMAND: ' \
        '--on-error=[Run this when a target cannot be reached or written, or a path fails]:COMMAND: ' \
        '--on-halt=[Run this when a guard halts the mirror]:COMMAND: ' \
        '--on-recover=[Run this when what on-error or on-halt told of is over]:COMMAND: ' \
        '(-F --ssh-config)-F+[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-F --ssh-config)--ssh-config=[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-p --port)-p+[Port of the ssh server]:N: ' \
        '(-p --port)--port=[Port of the ssh server]:N: ' \
        '*-i+[Private key to log in with]:file:_files' \
        '*--identity=[Private key to log in with]:file:_files' \
        '--password-file=[File with the password, in place of asking for it]:file:_files' \
        '--config=[Mirror what this file says]:file:_files' \
        '--repair[Mend what differs]' \
        '--json[Print one JSON object a line]' \
        '(-q --quiet)-q[Print differences, warnings and errors only]' \
        '(-q --quiet)--quiet[Print differences, warnings and errors only]' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    status)
      arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '--json[Print JSON]' \
        '(-w --watch)-w[Print it again each second]' \
        '(-w --watch)--watch[Print it again each second]' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    pause|reload|stop)
      arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    resume)
      [[ $PREFIX == --?* ]] && opposite=(
        '--no-accept-deletes[Take back --accept-deletes]'
      )
      arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '(--accept-deletes --no-accept-deletes)--accept-deletes[Follow what a guard halted the mirror for]' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    flush)
      arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '--timeout=[Give up after this time]:TIME: _tsync_number TIME ms s m h' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    why)
      arguments=('1:file:_files')
      _arguments -s -S $opposite $arguments \
        '--json[Print JSON]' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    log)
      arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '--json[Print JSON]' \
        '(-f --follow)-f[Go on with what goes out from now on]' \
        '(-f --follow)--follow[Go on with what goes out from now on]' \
        '(-n --lines)-n+[How many changes to print]:N: ' \
        '(-n --lines)--lines=[How many changes to print]:N: ' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    import)
      arguments=('1:file:_files')
      _arguments -s -S $opposite $arguments \
        '--from=[Which program the configuration is for]:word:(lsyncd inosync pylsyncd pirsyncd)' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    examples|man)
      arguments=()
      _arguments -s -S $opposite $arguments \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    check)
      [[ $PREFIX == --?* ]] && opposite=(
        '--no-gitignore[Take back --gitignore]'
        '--no-one-file-system[Take back --one-file-system]'
        '--no-delete-excluded[Take back --delete-excluded]'
        '--no-accept-deletes[Take back --accept-deletes]'
        '--no-backup[Take back --backup]'
        '--no-ignore-attributes[Take back --ignore-attributes]'
        '--initial-sync[Take back --no-initial-sync]'
        '--no-insist[Take back --insist]'
        '--no-compress[Take back --compress]'
        '--no-checksum[Take back --checksum]'
        '--no-inplace[Take back --inplace]'
        '--no-append[Take back --append]'
        '--no-append-verify[Take back --append-verify]'
        '--no-delay-updates[Take back --delay-updates]'
        '--no-sparse[Take back --sparse]'
        '--perms[Take back --no-perms]'
        '--times[Take back --no-times]'
        '--owner[Take back --no-owner]'
        '--group[Take back --no-group]'
        '--no-acls[Take back --acls]'
        '--no-xattrs[Take back --xattrs]'
        '--links[Take back --no-links]'
        '--no-copy-links[Take back --copy-links]'
        '--no-copy-unsafe-links[Take back --copy-unsafe-links]'
        '--no-safe-links[Take back --safe-links]'
        '--no-hard-links[Take back --hard-links]'
      )
      arguments=('1:directory:_tsync_directories' '*:place:_tsync_place')
      (( $words[(I)--config(|=*)] )) && arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '*--exclude=[Leave out what matches]:PATTERN: ' \
        '*--include=[Keep what matches, although a later rule excludes it]:PATTERN: ' \
        '*--filter=[A rule as "- PATTERN"]:RULE: ' \
        '*--exclude-from=[Read patterns to exclude from a file, one a line]:file:_files' \
        '*--include-from=[Read patterns to include from a file, one a line]:file:_files' \
        '*--filter-from=[Read rules]:file:_files' \
        '(--gitignore --no-gitignore)--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
        '--max-size=[Leave out files that are larger]:SIZE: _tsync_number SIZE K M G T' \
        '--min-size=[Leave out files that are smaller]:SIZE: _tsync_number SIZE K M G T' \
        '(-x --one-file-system --no-one-file-system)-x[Leave out what is mounted below the source]' \
        '(-x --one-file-system --no-one-file-system)--one-file-system[Leave out what is mounted below the source]' \
        '--delete=[What may be deleted on a target]:word:(tracked exact never startup live)' \
        '--max-delete=[How many deletions are followed that tsync did not see happen, but found at a start or after lost events]:LIMIT: ' \
        '(--delete-excluded --no-delete-excluded)--delete-excluded[Also delete on the target what is excluded]' \
        '(--accept-deletes --no-accept-deletes)--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
        '--require-file=[Do nothing as long as the source does not hold this file or directory]:NAME: ' \
        '(-b --backup --no-backup)-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '(-b --backup --no-backup)--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '--backup-dir=[Keep what is deleted or overwritten in this directory of the target]:DIR: ' \
        '--suffix=[What is put behind the name of a backup]:SUFFIX: ' \
        '--settle=[How long a path must be quiet before it is sent]:TIME: _tsync_number TIME ms s m h' \
        '--max-delay=[How long a path that is never quiet waits at most]:TIME: _tsync_number TIME ms s m h' \
        '--delay=[Gather changes for this long after the first one, then send them together]:TIME: _tsync_number TIME ms s m h' \
        '--max-batch=[Send what was gathered as soon as this many paths changed, before the delay is over]:N: ' \
        '--only=[Follow only these kinds of changes]:KINDS:_sequence compadd - create change delete move attributes' \
        '(--ignore-attributes --no-ignore-attributes)--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
        '(--no-initial-sync --initial-sync)--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
        '(--insist --no-insist)--insist[Start although a target cannot be reached, and try it again and again]' \
        '--verify-every=[Compare the whole target with the source this often]:TIME: _tsync_number TIME ms s m h' \
        '--bwlimit=[Highest rate for one target, in KiB a second or with a unit]:RATE: _tsync_number RATE K M G T' \
        '(-z --compress --no-compress)-z[Compress content on its way]' \
        '(-z --compress --no-compress)--compress[Compress content on its way]' \
        '(-c --checksum --no-checksum)-c[Compare files that may be on the target already by content, not by size and time]' \
        '(-c --checksum --no-checksum)--checksum[Compare files that may be on the target already by content, not by size and time]' \
        '--partial-dir=[Keep what arrived of a large file in this directory of the target, to go on from there]:DIR: ' \
        '(--inplace --no-inplace)--inplace[Write into the target'\''s files instead of replacing them]' \
        '(--append --no-append)--append[Only send what was added at the end of files that grew]' \
        '(--append-verify --no-append-verify)--append-verify[The same, and check the part that was there before]' \
        '(--delay-updates --no-delay-updates)--delay-updates[Put all files of a transfer in place at its end]' \
        '(-S --sparse --no-sparse)-S[Store long runs of zeros on the target as holes]' \
        '(-S --sparse --no-sparse)--sparse[Store long runs of zeros on the target as holes]' \
        '--parallel=[How many transfers to one target run at the same time, where there is much to send]:N: ' \
        '--timeout=[Give up what was silent for this long]:TIME: _tsync_number TIME ms s m h' \
        '--nice=[Lower the priority of tsync and its transfers]:N: ' \
        '--ionice=[Lower the disk priority of tsync and its transfers]:word:(best-effort idle)' \
        '--sender=[Who sends to ssh targets]:word:(auto stock builtin)' \
        '--keep-warm=[How long after its last work an ssh target keeps two receivers started for the next save]:TIME: _tsync_number TIME ms s m h' \
        '--rsync=[The rsync program here]:file:_files' \
        '--rsync-path=[The rsync program on the target]:COMMAND: ' \
        '*--rsync-arg=[A further argument for rsync, as it is]:ARGUMENT: ' \
        '(--no-perms --perms)--no-perms[Leave permissions as they are on the target]' \
        '(--no-times --times)--no-times[Do not keep modification times]' \
        '(--no-owner --owner)--no-owner[Do not keep owners]' \
        '(--no-group --group)--no-group[Do not keep groups]' \
        '(-A --acls --no-acls)-A[Keep access control lists]' \
        '(-A --acls --no-acls)--acls[Keep access control lists]' \
        '(-X --xattrs --no-xattrs)-X[Keep extended attributes]' \
        '(-X --xattrs --no-xattrs)--xattrs[Keep extended attributes]' \
        '--chmod=[Change permissions on the way]:CHANGES: ' \
        '--chown=[Give everything on the target to this user and group]:USER\:GROUP: ' \
        '(--no-links --links)--no-links[Leave symbolic links out]' \
        '(-L --copy-links --no-copy-links)-L[Mirror what symbolic links point to in their place]' \
        '(-L --copy-links --no-copy-links)--copy-links[Mirror what symbolic links point to in their place]' \
        '(--copy-unsafe-links --no-copy-unsafe-links)--copy-unsafe-links[The same for links that point out of the source]' \
        '(--safe-links --no-safe-links)--safe-links[Leave out links that point out of the source]' \
        '(-H --hard-links --no-hard-links)-H[Keep files that have several names as such]' \
        '(-H --hard-links --no-hard-links)--hard-links[Keep files that have several names as such]' \
        '--on-change=[Run this after changes were made on a target, with what was done as JSON on its input and as TSYNC_... variables]:COMMAND: ' \
        '--on-synced=[Run this when a target holds all that the source holds]:COMMAND: ' \
        '--on-synced-remote=[Run this on the target'\''s host, over the open connection, when a target holds all that the source holds and something was changed there]:COMMAND: ' \
        '--on-error=[Run this when a target cannot be reached or written, or a path fails]:COMMAND: ' \
        '--on-halt=[Run this when a guard halts the mirror]:COMMAND: ' \
        '--on-recover=[Run this when what on-error or on-halt told of is over]:COMMAND: ' \
        '(-F --ssh-config)-F+[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-F --ssh-config)--ssh-config=[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-p --port)-p+[Port of the ssh server]:N: ' \
        '(-p --port)--port=[Port of the ssh server]:N: ' \
        '*-i+[Private key to log in with]:file:_files' \
        '*--identity=[Private key to log in with]:file:_files' \
        '--password-file=[File with the password, in place of asking for it]:file:_files' \
        '--config=[Mirror what this file says]:file:_files' \
        '--json[Print one JSON object a line]' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    doctor)
      arguments=('1:remote:_tsync_remote')
      _arguments -s -S $opposite $arguments \
        '(-F --ssh-config)-F+[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-F --ssh-config)--ssh-config=[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-p --port)-p+[Port of the ssh server]:N: ' \
        '(-p --port)--port=[Port of the ssh server]:N: ' \
        '*-i+[Private key to log in with]:file:_files' \
        '*--identity=[Private key to log in with]:file:_files' \
        '--password-file=[File with the password, in place of asking for it]:file:_files' \
        '--rsync=[The rsync program here]:file:_files' \
        '--rsync-path=[The rsync program on the target]:COMMAND: ' \
        '--json[Print one JSON object a line]' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    config)
      [[ $PREFIX == --?* ]] && opposite=(
        '--no-gitignore[Take back --gitignore]'
        '--no-one-file-system[Take back --one-file-system]'
        '--no-delete-excluded[Take back --delete-excluded]'
        '--no-accept-deletes[Take back --accept-deletes]'
        '--no-backup[Take back --backup]'
        '--no-ignore-attributes[Take back --ignore-attributes]'
        '--initial-sync[Take back --no-initial-sync]'
        '--no-insist[Take back --insist]'
        '--no-compress[Take back --compress]'
        '--no-checksum[Take back --checksum]'
        '--no-inplace[Take back --inplace]'
        '--no-append[Take back --append]'
        '--no-append-verify[Take back --append-verify]'
        '--no-delay-updates[Take back --delay-updates]'
        '--no-sparse[Take back --sparse]'
        '--perms[Take back --no-perms]'
        '--times[Take back --no-times]'
        '--owner[Take back --no-owner]'
        '--group[Take back --no-group]'
        '--no-acls[Take back --acls]'
        '--no-xattrs[Take back --xattrs]'
        '--links[Take back --no-links]'
        '--no-copy-links[Take back --copy-links]'
        '--no-copy-unsafe-links[Take back --copy-unsafe-links]'
        '--no-safe-links[Take back --safe-links]'
        '--no-hard-links[Take back --hard-links]'
      )
      arguments=('1:word:(show schema types)' '2:directory:_tsync_directories' '*:place:_tsync_place')
      (( $words[(I)--config(|=*)] )) && arguments=('*:mirror:_tsync_mirrors')
      _arguments -s -S $opposite $arguments \
        '*--exclude=[Leave out what matches]:PATTERN: ' \
        '*--include=[Keep what matches, although a later rule excludes it]:PATTERN: ' \
        '*--filter=[A rule as "- PATTERN"]:RULE: ' \
        '*--exclude-from=[Read patterns to exclude from a file, one a line]:file:_files' \
        '*--include-from=[Read patterns to include from a file, one a line]:file:_files' \
        '*--filter-from=[Read rules]:file:_files' \
        '(--gitignore --no-gitignore)--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
        '--max-size=[Leave out files that are larger]:SIZE: _tsync_number SIZE K M G T' \
        '--min-size=[Leave out files that are smaller]:SIZE: _tsync_number SIZE K M G T' \
        '(-x --one-file-system --no-one-file-system)-x[Leave out what is mounted below the source]' \
        '(-x --one-file-system --no-one-file-system)--one-file-system[Leave out what is mounted below the source]' \
        '--delete=[What may be deleted on a target]:word:(tracked exact never startup live)' \
        '--max-delete=[How many deletions are followed that tsync did not see happen, but found at a start or after lost events]:LIMIT: ' \
        '(--delete-excluded --no-delete-excluded)--delete-excluded[Also delete on the target what is excluded]' \
        '(--accept-deletes --no-accept-deletes)--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
        '--require-file=[Do nothing as long as the source does not hold this file or directory]:NAME: ' \
        '(-b --backup --no-backup)-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '(-b --backup --no-backup)--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '--backup-dir=[Keep what is deleted or overwritten in this directory of the target]:DIR: ' \
        '--suffix=[What is put behind the name of a backup]:SUFFIX: ' \
        '--settle=[How long a path must be quiet before it is sent]:TIME: _tsync_number TIME ms s m h' \
        '--max-delay=[How long a path that is never quiet waits at most]:TIME: _tsync_number TIME ms s m h' \
        '--delay=[Gather changes for this long after the first one, then send them together]:TIME: _tsync_number TIME ms s m h' \
        '--max-batch=[Send what was gathered as soon as this many paths changed, before the delay is over]:N: ' \
        '--only=[Follow only these kinds of changes]:KINDS:_sequence compadd - create change delete move attributes' \
        '(--ignore-attributes --no-ignore-attributes)--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
        '(--no-initial-sync --initial-sync)--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
        '(--insist --no-insist)--insist[Start although a target cannot be reached, and try it again and again]' \
        '--verify-every=[Compare the whole target with the source this often]:TIME: _tsync_number TIME ms s m h' \
        '--bwlimit=[Highest rate for one target, in KiB a second or with a unit]:RATE: _tsync_number RATE K M G T' \
        '(-z --compress --no-compress)-z[Compress content on its way]' \
        '(-z --compress --no-compress)--compress[Compress content on its way]' \
        '(-c --checksum --no-checksum)-c[Compare files that may be on the target already by content, not by size and time]' \
        '(-c --checksum --no-checksum)--checksum[Compare files that may be on the target already by content, not by size and time]' \
        '--partial-dir=[Keep what arrived of a large file in this directory of the target, to go on from there]:DIR: ' \
        '(--inplace --no-inplace)--inplace[Write into the target'\''s files instead of replacing them]' \
        '(--append --no-append)--append[Only send what was added at the end of files that grew]' \
        '(--append-verify --no-append-verify)--append-verify[The same, and check the part that was there before]' \
        '(--delay-updates --no-delay-updates)--delay-updates[Put all files of a transfer in place at its end]' \
        '(-S --sparse --no-sparse)-S[Store long runs of zeros on the target as holes]' \
        '(-S --sparse --no-sparse)--sparse[Store long runs of zeros on the target as holes]' \
        '--parallel=[How many transfers to one target run at the same time, where there is much to send]:N: ' \
        '--timeout=[Give up what was silent for this long]:TIME: _tsync_number TIME ms s m h' \
        '--nice=[Lower the priority of tsync and its transfers]:N: ' \
        '--ionice=[Lower the disk priority of tsync and its transfers]:word:(best-effort idle)' \
        '--sender=[Who sends to ssh targets]:word:(auto stock builtin)' \
        '--keep-warm=[How long after its last work an ssh target keeps two receivers started for the next save]:TIME: _tsync_number TIME ms s m h' \
        '--rsync=[The rsync program here]:file:_files' \
        '--rsync-path=[The rsync program on the target]:COMMAND: ' \
        '*--rsync-arg=[A further argument for rsync, as it is]:ARGUMENT: ' \
        '(--no-perms --perms)--no-perms[Leave permissions as they are on the target]' \
        '(--no-times --times)--no-times[Do not keep modification times]' \
        '(--no-owner --owner)--no-owner[Do not keep owners]' \
        '(--no-group --group)--no-group[Do not keep groups]' \
        '(-A --acls --no-acls)-A[Keep access control lists]' \
        '(-A --acls --no-acls)--acls[Keep access control lists]' \
        '(-X --xattrs --no-xattrs)-X[Keep extended attributes]' \
        '(-X --xattrs --no-xattrs)--xattrs[Keep extended attributes]' \
        '--chmod=[Change permissions on the way]:CHANGES: ' \
        '--chown=[Give everything on the target to this user and group]:USER\:GROUP: ' \
        '(--no-links --links)--no-links[Leave symbolic links out]' \
        '(-L --copy-links --no-copy-links)-L[Mirror what symbolic links point to in their place]' \
        '(-L --copy-links --no-copy-links)--copy-links[Mirror what symbolic links point to in their place]' \
        '(--copy-unsafe-links --no-copy-unsafe-links)--copy-unsafe-links[The same for links that point out of the source]' \
        '(--safe-links --no-safe-links)--safe-links[Leave out links that point out of the source]' \
        '(-H --hard-links --no-hard-links)-H[Keep files that have several names as such]' \
        '(-H --hard-links --no-hard-links)--hard-links[Keep files that have several names as such]' \
        '--on-change=[Run this after changes were made on a target, with what was done as JSON on its input and as TSYNC_... variables]:COMMAND: ' \
        '--on-synced=[Run this when a target holds all that the source holds]:COMMAND: ' \
        '--on-synced-remote=[Run this on the target'\''s host, over the open connection, when a target holds all that the source holds and something was changed there]:COMMAND: ' \
        '--on-error=[Run this when a target cannot be reached or written, or a path fails]:COMMAND: ' \
        '--on-halt=[Run this when a guard halts the mirror]:COMMAND: ' \
        '--on-recover=[Run this when what on-error or on-halt told of is over]:COMMAND: ' \
        '(-F --ssh-config)-F+[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-F --ssh-config)--ssh-config=[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-p --port)-p+[Port of the ssh server]:N: ' \
        '(-p --port)--port=[Port of the ssh server]:N: ' \
        '*-i+[Private key to log in with]:file:_files' \
        '*--identity=[Private key to log in with]:file:_files' \
        '--password-file=[File with the password, in place of asking for it]:file:_files' \
        '--config=[Mirror what this file says]:file:_files' \
        '--json[Print one JSON object a line]' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    service)
      [[ $PREFIX == --?* ]] && opposite=(
        '--no-gitignore[Take back --gitignore]'
        '--no-one-file-system[Take back --one-file-system]'
        '--no-delete-excluded[Take back --delete-excluded]'
        '--no-accept-deletes[Take back --accept-deletes]'
        '--no-backup[Take back --backup]'
        '--no-ignore-attributes[Take back --ignore-attributes]'
        '--initial-sync[Take back --no-initial-sync]'
        '--no-insist[Take back --insist]'
        '--no-compress[Take back --compress]'
        '--no-checksum[Take back --checksum]'
        '--no-inplace[Take back --inplace]'
        '--no-append[Take back --append]'
        '--no-append-verify[Take back --append-verify]'
        '--no-delay-updates[Take back --delay-updates]'
        '--no-sparse[Take back --sparse]'
        '--perms[Take back --no-perms]'
        '--times[Take back --no-times]'
        '--owner[Take back --no-owner]'
        '--group[Take back --no-group]'
        '--no-acls[Take back --acls]'
        '--no-xattrs[Take back --xattrs]'
        '--links[Take back --no-links]'
        '--no-copy-links[Take back --copy-links]'
        '--no-copy-unsafe-links[Take back --copy-unsafe-links]'
        '--no-safe-links[Take back --safe-links]'
        '--no-hard-links[Take back --hard-links]'
      )
      arguments=('1:word:(print install uninstall)' '2:text: ')
      _arguments -s -S $opposite $arguments \
        '*--exclude=[Leave out what matches]:PATTERN: ' \
        '*--include=[Keep what matches, although a later rule excludes it]:PATTERN: ' \
        '*--filter=[A rule as "- PATTERN"]:RULE: ' \
        '*--exclude-from=[Read patterns to exclude from a file, one a line]:file:_files' \
        '*--include-from=[Read patterns to include from a file, one a line]:file:_files' \
        '*--filter-from=[Read rules]:file:_files' \
        '(--gitignore --no-gitignore)--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
        '--max-size=[Leave out files that are larger]:SIZE: _tsync_number SIZE K M G T' \
        '--min-size=[Leave out files that are smaller]:SIZE: _tsync_number SIZE K M G T' \
        '(-x --one-file-system --no-one-file-system)-x[Leave out what is mounted below the source]' \
        '(-x --one-file-system --no-one-file-system)--one-file-system[Leave out what is mounted below the source]' \
        '--delete=[What may be deleted on a target]:word:(tracked exact never startup live)' \
        '--max-delete=[How many deletions are followed that tsync did not see happen, but found at a start or after lost events]:LIMIT: ' \
        '(--delete-excluded --no-delete-excluded)--delete-excluded[Also delete on the target what is excluded]' \
        '(--accept-deletes --no-accept-deletes)--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
        '--require-file=[Do nothing as long as the source does not hold this file or directory]:NAME: ' \
        '(-b --backup --no-backup)-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '(-b --backup --no-backup)--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
        '--backup-dir=[Keep what is deleted or overwritten in this directory of the target]:DIR: ' \
        '--suffix=[What is put behind the name of a backup]:SUFFIX: ' \
        '--settle=[How long a path must be quiet before it is sent]:TIME: _tsync_number TIME ms s m h' \
        '--max-delay=[How long a path that is never quiet waits at most]:TIME: _tsync_number TIME ms s m h' \
        '--delay=[Gather changes for this long after the first one, then send them together]:TIME: _tsync_number TIME ms s m h' \
        '--max-batch=[Send what was gathered as soon as this many paths changed, before the delay is over]:N: ' \
        '--only=[Follow only these kinds of changes]:KINDS:_sequence compadd - create change delete move attributes' \
        '(--ignore-attributes --no-ignore-attributes)--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
        '(--no-initial-sync --initial-sync)--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
        '(--insist --no-insist)--insist[Start although a target cannot be reached, and try it again and again]' \
        '--verify-every=[Compare the whole target with the source this often]:TIME: _tsync_number TIME ms s m h' \
        '--bwlimit=[Highest rate for one target, in KiB a second or with a unit]:RATE: _tsync_number RATE K M G T' \
        '(-z --compress --no-compress)-z[Compress content on its way]' \
        '(-z --compress --no-compress)--compress[Compress content on its way]' \
        '(-c --checksum --no-checksum)-c[Compare files that may be on the target already by content, not by size and time]' \
        '(-c --checksum --no-checksum)--checksum[Compare files that may be on the target already by content, not by size and time]' \
        '--partial-dir=[Keep what arrived of a large file in this directory of the target, to go on from there]:DIR: ' \
        '(--inplace --no-inplace)--inplace[Write into the target'\''s files instead of replacing them]' \
        '(--append --no-append)--append[Only send what was added at the end of files that grew]' \
        '(--append-verify --no-append-verify)--append-verify[The same, and check the part that was there before]' \
        '(--delay-updates --no-delay-updates)--delay-updates[Put all files of a transfer in place at its end]' \
        '(-S --sparse --no-sparse)-S[Store long runs of zeros on the target as holes]' \
        '(-S --sparse --no-sparse)--sparse[Store long runs of zeros on the target as holes]' \
        '--parallel=[How many transfers to one target run at the same time, where there is much to send]:N: ' \
        '--timeout=[Give up what was silent for this long]:TIME: _tsync_number TIME ms s m h' \
        '--nice=[Lower the priority of tsync and its transfers]:N: ' \
        '--ionice=[Lower the disk priority of tsync and its transfers]:word:(best-effort idle)' \
        '--sender=[Who sends to ssh targets]:word:(auto stock builtin)' \
        '--keep-warm=[How long after its last work an ssh target keeps two receivers started for the next save]:TIME: _tsync_number TIME ms s m h' \
        '--rsync=[The rsync program here]:file:_files' \
        '--rsync-path=[The rsync program on the target]:COMMAND: ' \
        '*--rsync-arg=[A further argument for rsync, as it is]:ARGUMENT: ' \
        '(--no-perms --perms)--no-perms[Leave permissions as they are on the target]' \
        '(--no-times --times)--no-times[Do not keep modification times]' \
        '(--no-owner --owner)--no-owner[Do not keep owners]' \
        '(--no-group --group)--no-group[Do not keep groups]' \
        '(-A --acls --no-acls)-A[Keep access control lists]' \
        '(-A --acls --no-acls)--acls[Keep access control lists]' \
        '(-X --xattrs --no-xattrs)-X[Keep extended attributes]' \
        '(-X --xattrs --no-xattrs)--xattrs[Keep extended attributes]' \
        '--chmod=[Change permissions on the way]:CHANGES: ' \
        '--chown=[Give everything on the target to this user and group]:USER\:GROUP: ' \
        '(--no-links --links)--no-links[Leave symbolic links out]' \
        '(-L --copy-links --no-copy-links)-L[Mirror what symbolic links point to in their place]' \
        '(-L --copy-links --no-copy-links)--copy-links[Mirror what symbolic links point to in their place]' \
        '(--copy-unsafe-links --no-copy-unsafe-links)--copy-unsafe-links[The same for links that point out of the source]' \
        '(--safe-links --no-safe-links)--safe-links[Leave out links that point out of the source]' \
        '(-H --hard-links --no-hard-links)-H[Keep files that have several names as such]' \
        '(-H --hard-links --no-hard-links)--hard-links[Keep files that have several names as such]' \
        '--on-change=[Run this after changes were made on a target, with what was done as JSON on its input and as TSYNC_... variables]:COMMAND: ' \
        '--on-synced=[Run this when a target holds all that the source holds]:COMMAND: ' \
        '--on-synced-remote=[Run this on the target'\''s host, over the open connection, when a target holds all that the source holds and something was changed there]:COMMAND: ' \
        '--on-error=[Run this when a target cannot be reached or written, or a path fails]:COMMAND: ' \
        '--on-halt=[Run this when a guard halts the mirror]:COMMAND: ' \
        '--on-recover=[Run this when what on-error or on-halt told of is over]:COMMAND: ' \
        '(-F --ssh-config)-F+[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-F --ssh-config)--ssh-config=[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
        '(-p --port)-p+[Port of the ssh server]:N: ' \
        '(-p --port)--port=[Port of the ssh server]:N: ' \
        '*-i+[Private key to log in with]:file:_files' \
        '*--identity=[Private key to log in with]:file:_files' \
        '--password-file=[File with the password, in place of asking for it]:file:_files' \
        '--config=[Mirror what this file says]:file:_files' \
        '--metrics=[Serve metrics for Prometheus at http\://HOST\:PORT/metrics]:\[HOST\:\]PORT: ' \
        '--web=[Serve a page that shows what each target is doing at http\://HOST\:PORT/, with /status.json and /metrics]:\[HOST\:\]PORT: ' \
        '--user[A service of this user]' \
        '--system[A service of the machine, run by root]' \
        '--name=[Name of this service beside others]:NAME: ' \
        '--manager=[What it is written for]:word:(systemd launchd)' \
        '--force[Replace or remove a file that tsync did not write, or that was changed since]' \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
    completions)
      arguments=('1:word:(bash zsh fish)')
      _arguments -s -S $opposite $arguments \
        '(-h --help)-h[Print this help]' \
        '(-h --help)--help[Print this help]' ;;
  esac
}

# Sourced, it has to be made known; found in fpath, this is the first call.
if [[ $funcstack[1] == _tsync ]]; then _tsync "$@"; else compdef _tsync tsync; fi
