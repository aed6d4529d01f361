#compdef tsync
_tsync() {
  if (( CURRENT == 2 )); then
    local -a commands=('watch:Bring each DEST up to date with SRC, and keep it so, live' 'sync:Bring each DEST up to date with SRC, then exit' 'verify:Say how each DEST differs from SRC, changing nothing unless told to repair it' 'status:Say what running mirrors are doing, one line a target' 'pause:Let mirrors rest; what changes meanwhile is kept in mind' 'resume:Let mirrors go on after pause, or after a guard halted them' 'flush:Return once every change made before is on every target' 'reload:Have a running tsync read its configuration file again (as SIGHUP does)' 'stop:End a running tsync at its next safe point' 'why:Say whether a path is mirrored, by which rule it is not, and whether it fails' 'log:Print the changes that went out last' 'import:Print the tsync.toml that does what a configuration of lsyncd, inosync, pylsyncd or pirsyncd does' 'examples:Print worked command lines for every kind of use' 'check:Check that SRC can be mirrored to each DEST, without changing anything' 'doctor:Connect to a host and say what tsync finds there, what it means, and how it could be better' 'config:Show each option in force and where it comes from, or the schema of the configuration file' 'completions:Print the completion script for a shell')
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
    watch) _arguments '*--exclude[Leave out what matches; rules are tried in the order given, the first that matches decides]:value: ' \
      '*--include[Keep what matches, although a later rule excludes it]:value: ' \
      '*--filter[A rule as "- PATTERN" (exclude) or "+ PATTERN" (include)]:value: ' \
      '*--exclude-from[Read patterns to exclude from a file, one a line]:file:_files' \
      '*--include-from[Read patterns to include from a file, one a line]:file:_files' \
      '*--filter-from[Read rules ("- PATTERN", "+ PATTERN") from a file, one a line]:file:_files' \
      '--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
      '--max-size[Leave out files that are larger (10M, 1.5G)]:value: ' \
      '--min-size[Leave out files that are smaller]:value: ' \
      '-x[Leave out what is mounted below the source]' \
      '--one-file-system[Leave out what is mounted below the source]' \
      '--delete[What may be deleted on a target\: tracked = what tsync put there; exact = everything the source does not have; never = nothing (a moved file then keeps its old name there too); startup = everything the source does not have at the start, later nothing; live = nothing at the start, later what tsync put there]:value:(tracked exact never startup live)' \
      '--max-delete[How many deletions are followed that tsync did not see happen, but found at a start or after lost events\: a number, a percentage of what the target holds, or none for no limit; more halt the mirror]:value: ' \
      '--delete-excluded[Also delete on the target what is excluded]' \
      '--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
      '--require-file[Do nothing as long as the source does not hold this file or directory (a path below it)\: it shows that the right thing is mounted, say]:value: ' \
      '-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup-dir[Keep what is deleted or overwritten in this directory of the target (implies --backup)]:value: ' \
      '--suffix[What is put behind the name of a backup (default\: ~, with --backup-dir nothing)]:value: ' \
      '--settle[How long a path must be quiet before it is sent (10ms, 2s)]:value: ' \
      '--max-delay[How long a path that is never quiet waits at most]:value: ' \
      '--delay[Gather changes for this long after the first one, then send them together]:value: ' \
      '--max-batch[Send what was gathered as soon as this many paths changed, before the delay is over]:value: ' \
      '--only[Follow only these kinds of changes\: create, change, delete, move, attributes (separated by commas)]:value:(create change delete move attributes)' \
      '--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
      '--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
      '--insist[Start although a target cannot be reached, and try it again and again]' \
      '--verify-every[Compare the whole target with the source this often (24h) while watching, and mend what somebody else changed]:value: ' \
      '--bwlimit[Highest rate for one target, in KiB a second or with a unit (500K, 2M)]:value: ' \
      '-z[Compress content on its way]' \
      '--compress[Compress content on its way]' \
      '-c[Compare files that may be on the target already by content, not by size and time]' \
      '--checksum[Compare files that may be on the target already by content, not by size and time]' \
      '--partial-dir[Keep what arrived of a large file in this directory of the target, to go on from there]:value: ' \
      '--inplace[Write into the target'\''s files instead of replacing them\: readers see half-written files]' \
      '--append[Only send what was added at the end of files that grew]' \
      '--append-verify[The same, and check the part that was there before]' \
      '--delay-updates[Put all files of a transfer in place at its end]' \
      '-S[Store long runs of zeros on the target as holes]' \
      '--sparse[Store long runs of zeros on the target as holes]' \
      '--parallel[How many transfers to one target run at the same time, where there is much to send]:value: ' \
      '--timeout[Give up what was silent for this long\: a transfer, or commands there (these after 5 minutes at most)]:value: ' \
      '--nice[Lower the priority of tsync and its transfers (0 to 19)]:value: ' \
      '--ionice[Lower the disk priority of tsync and its transfers]:value:(best-effort idle)' \
      '--rsync[The rsync program here]:file:_files' \
      '--rsync-path[The rsync program on the target]:value: ' \
      '*--rsync-arg[A further argument for rsync, as it is]:value: ' \
      '--no-perms[Leave permissions as they are on the target]' \
      '--no-times[Do not keep modification times]' \
      '--no-owner[Do not keep owners]' \
      '--no-group[Do not keep groups]' \
      '-A[Keep access control lists]' \
      '--acls[Keep access control lists]' \
      '-X[Keep extended attributes]' \
      '--xattrs[Keep extended attributes]' \
      '--chmod[Change permissions on the way (D755,F644 or u+rw,go-w)]:value: ' \
      '--chown[Give everything on the target to this user and group]:value: ' \
      '--no-links[Leave symbolic links out]' \
      '-L[Mirror what symbolic links point to in their place]' \
      '--copy-links[Mirror what symbolic links point to in their place]' \
      '--copy-unsafe-links[The same for links that point out of the source]' \
      '--safe-links[Leave out links that point out of the source]' \
      '-H[Keep files that have several names as such]' \
      '--hard-links[Keep files that have several names as such]' \
      '-F[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '--ssh-config[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '-p[Port of the ssh server]:value: ' \
      '--port[Port of the ssh server]:value: ' \
      '*-i[Private key to log in with (may be given several times)]:file:_files' \
      '*--identity[Private key to log in with (may be given several times)]:file:_files' \
      '--password-file[File with the password, in place of asking for it (for an rsync daemon, RSYNC_PASSWORD is used without it)]:file:_files' \
      '--config[Mirror what this file says, or those of its mirrors that are named (default without SRC\: tsync/config.toml in ~/.config or /etc)]:file:_files' \
      '-n[Print what would be done, touch nothing]' \
      '--dry-run[Print what would be done, touch nothing]' \
      '--json[Print one JSON object for each event on standard output]' \
      '-v[Print every single operation]' \
      '--verbose[Print every single operation]' \
      '-q[Print warnings and errors only]' \
      '--quiet[Print warnings and errors only]' \
      '--socket[Control socket, in place of one in $XDG_RUNTIME_DIR/tsync (for root without that\: /run/tsync); none for no socket]:file:_files' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    sync) _arguments '*--exclude[Leave out what matches; rules are tried in the order given, the first that matches decides]:value: ' \
      '*--include[Keep what matches, although a later rule excludes it]:value: ' \
      '*--filter[A rule as "- PATTERN" (exclude) or "+ PATTERN" (include)]:value: ' \
      '*--exclude-from[Read patterns to exclude from a file, one a line]:file:_files' \
      '*--include-from[Read patterns to include from a file, one a line]:file:_files' \
      '*--filter-from[Read rules ("- PATTERN", "+ PATTERN") from a file, one a line]:file:_files' \
      '--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
      '--max-size[Leave out files that are larger (10M, 1.5G)]:value: ' \
      '--min-size[Leave out files that are smaller]:value: ' \
      '-x[Leave out what is mounted below the source]' \
      '--one-file-system[Leave out what is mounted below the source]' \
      '--delete[What may be deleted on a target\: tracked = what tsync put there; exact = everything the source does not have; never = nothing (a moved file then keeps its old name there too); startup = everything the source does not have at the start, later nothing; live = nothing at the start, later what tsync put there]:value:(tracked exact never startup live)' \
      '--max-delete[How many deletions are followed that tsync did not see happen, but found at a start or after lost events\: a number, a percentage of what the target holds, or none for no limit; more halt the mirror]:value: ' \
      '--delete-excluded[Also delete on the target what is excluded]' \
      '--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
      '--require-file[Do nothing as long as the source does not hold this file or directory (a path below it)\: it shows that the right thing is mounted, say]:value: ' \
      '-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup-dir[Keep what is deleted or overwritten in this directory of the target (implies --backup)]:value: ' \
      '--suffix[What is put behind the name of a backup (default\: ~, with --backup-dir nothing)]:value: ' \
      '--settle[How long a path must be quiet before it is sent (10ms, 2s)]:value: ' \
      '--max-delay[How long a path that is never quiet waits at most]:value: ' \
      '--delay[Gather changes for this long after the first one, then send them together]:value: ' \
      '--max-batch[Send what was gathered as soon as this many paths changed, before the delay is over]:value: ' \
      '--only[Follow only these kinds of changes\: create, change, delete, move, attributes (separated by commas)]:value:(create change delete move attributes)' \
      '--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
      '--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
      '--insist[Start although a target cannot be reached, and try it again and again]' \
      '--verify-every[Compare the whole target with the source this often (24h) while watching, and mend what somebody else changed]:value: ' \
      '--bwlimit[Highest rate for one target, in KiB a second or with a unit (500K, 2M)]:value: ' \
      '-z[Compress content on its way]' \
      '--compress[Compress content on its way]' \
      '-c[Compare files that may be on the target already by content, not by size and time]' \
      '--checksum[Compare files that may be on the target already by content, not by size and time]' \
      '--partial-dir[Keep what arrived of a large file in this directory of the target, to go on from there]:value: ' \
      '--inplace[Write into the target'\''s files instead of replacing them\: readers see half-written files]' \
      '--append[Only send what was added at the end of files that grew]' \
      '--append-verify[The same, and check the part that was there before]' \
      '--delay-updates[Put all files of a transfer in place at its end]' \
      '-S[Store long runs of zeros on the target as holes]' \
      '--sparse[Store long runs of zeros on the target as holes]' \
      '--parallel[How many transfers to one target run at the same time, where there is much to send]:value: ' \
      '--timeout[Give up what was silent for this long\: a transfer, or commands there (these after 5 minutes at most)]:value: ' \
      '--nice[Lower the priority of tsync and its transfers (0 to 19)]:value: ' \
      '--ionice[Lower the disk priority of tsync and its transfers]:value:(best-effort idle)' \
      '--rsync[The rsync program here]:file:_files' \
      '--rsync-path[The rsync program on the target]:value: ' \
      '*--rsync-arg[A further argument for rsync, as it is]:value: ' \
      '--no-perms[Leave permissions as they are on the target]' \
      '--no-times[Do not keep modification times]' \
      '--no-owner[Do not keep owners]' \
      '--no-group[Do not keep groups]' \
      '-A[Keep access control lists]' \
      '--acls[Keep access control lists]' \
      '-X[Keep extended attributes]' \
      '--xattrs[Keep extended attributes]' \
      '--chmod[Change permissions on the way (D755,F644 or u+rw,go-w)]:value: ' \
      '--chown[Give everything on the target to this user and group]:value: ' \
      '--no-links[Leave symbolic links out]' \
      '-L[Mirror what symbolic links point to in their place]' \
      '--copy-links[Mirror what symbolic links point to in their place]' \
      '--copy-unsafe-links[The same for links that point out of the source]' \
      '--safe-links[Leave out links that point out of the source]' \
      '-H[Keep files that have several names as such]' \
      '--hard-links[Keep files that have several names as such]' \
      '-F[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '--ssh-config[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '-p[Port of the ssh server]:value: ' \
      '--port[Port of the ssh server]:value: ' \
      '*-i[Private key to log in with (may be given several times)]:file:_files' \
      '*--identity[Private key to log in with (may be given several times)]:file:_files' \
      '--password-file[File with the password, in place of asking for it (for an rsync daemon, RSYNC_PASSWORD is used without it)]:file:_files' \
      '--config[Mirror what this file says, or those of its mirrors that are named (default without SRC\: tsync/config.toml in ~/.config or /etc)]:file:_files' \
      '-n[Print what would be done, touch nothing]' \
      '--dry-run[Print what would be done, touch nothing]' \
      '--json[Print one JSON object for each event on standard output]' \
      '-v[Print every single operation]' \
      '--verbose[Print every single operation]' \
      '-q[Print warnings and errors only]' \
      '--quiet[Print warnings and errors only]' \
      '--socket[Control socket, in place of one in $XDG_RUNTIME_DIR/tsync (for root without that\: /run/tsync); none for no socket]:file:_files' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    verify) _arguments '*--exclude[Leave out what matches; rules are tried in the order given, the first that matches decides]:value: ' \
      '*--include[Keep what matches, although a later rule excludes it]:value: ' \
      '*--filter[A rule as "- PATTERN" (exclude) or "+ PATTERN" (include)]:value: ' \
      '*--exclude-from[Read patterns to exclude from a file, one a line]:file:_files' \
      '*--include-from[Read patterns to include from a file, one a line]:file:_files' \
      '*--filter-from[Read rules ("- PATTERN", "+ PATTERN") from a file, one a line]:file:_files' \
      '--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
      '--max-size[Leave out files that are larger (10M, 1.5G)]:value: ' \
      '--min-size[Leave out files that are smaller]:value: ' \
      '-x[Leave out what is mounted below the source]' \
      '--one-file-system[Leave out what is mounted below the source]' \
      '--delete[What may be deleted on a target\: tracked = what tsync put there; exact = everything the source does not have; never = nothing (a moved file then keeps its old name there too); startup = everything the source does not have at the start, later nothing; live = nothing at the start, later what tsync put there]:value:(tracked exact never startup live)' \
      '--max-delete[How many deletions are followed that tsync did not see happen, but found at a start or after lost events\: a number, a percentage of what the target holds, or none for no limit; more halt the mirror]:value: ' \
      '--delete-excluded[Also delete on the target what is excluded]' \
      '--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
      '--require-file[Do nothing as long as the source does not hold this file or directory (a path below it)\: it shows that the right thing is mounted, say]:value: ' \
      '-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup-dir[Keep what is deleted or overwritten in this directory of the target (implies --backup)]:value: ' \
      '--suffix[What is put behind the name of a backup (default\: ~, with --backup-dir nothing)]:value: ' \
      '--settle[How long a path must be quiet before it is sent (10ms, 2s)]:value: ' \
      '--max-delay[How long a path that is never quiet waits at most]:value: ' \
      '--delay[Gather changes for this long after the first one, then send them together]:value: ' \
      '--max-batch[Send what was gathered as soon as this many paths changed, before the delay is over]:value: ' \
      '--only[Follow only these kinds of changes\: create, change, delete, move, attributes (separated by commas)]:value:(create change delete move attributes)' \
      '--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
      '--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
      '--insist[Start although a target cannot be reached, and try it again and again]' \
      '--verify-every[Compare the whole target with the source this often (24h) while watching, and mend what somebody else changed]:value: ' \
      '--bwlimit[Highest rate for one target, in KiB a second or with a unit (500K, 2M)]:value: ' \
      '-z[Compress content on its way]' \
      '--compress[Compress content on its way]' \
      '-c[Compare files that may be on the target already by content, not by size and time]' \
      '--checksum[Compare files that may be on the target already by content, not by size and time]' \
      '--partial-dir[Keep what arrived of a large file in this directory of the target, to go on from there]:value: ' \
      '--inplace[Write into the target'\''s files instead of replacing them\: readers see half-written files]' \
      '--append[Only send what was added at the end of files that grew]' \
      '--append-verify[The same, and check the part that was there before]' \
      '--delay-updates[Put all files of a transfer in place at its end]' \
      '-S[Store long runs of zeros on the target as holes]' \
      '--sparse[Store long runs of zeros on the target as holes]' \
      '--parallel[How many transfers to one target run at the same time, where there is much to send]:value: ' \
      '--timeout[Give up what was silent for this long\: a transfer, or commands there (these after 5 minutes at most)]:value: ' \
      '--nice[Lower the priority of tsync and its transfers (0 to 19)]:value: ' \
      '--ionice[Lower the disk priority of tsync and its transfers]:value:(best-effort idle)' \
      '--rsync[The rsync program here]:file:_files' \
      '--rsync-path[The rsync program on the target]:value: ' \
      '*--rsync-arg[A further argument for rsync, as it is]:value: ' \
      '--no-perms[Leave permissions as they are on the target]' \
      '--no-times[Do not keep modification times]' \
      '--no-owner[Do not keep owners]' \
      '--no-group[Do not keep groups]' \
      '-A[Keep access control lists]' \
      '--acls[Keep access control lists]' \
      '-X[Keep extended attributes]' \
      '--xattrs[Keep extended attributes]' \
      '--chmod[Change permissions on the way (D755,F644 or u+rw,go-w)]:value: ' \
      '--chown[Give everything on the target to this user and group]:value: ' \
      '--no-links[Leave symbolic links out]' \
      '-L[Mirror what symbolic links point to in their place]' \
      '--copy-links[Mirror what symbolic links point to in their place]' \
      '--copy-unsafe-links[The same for links that point out of the source]' \
      '--safe-links[Leave out links that point out of the source]' \
      '-H[Keep files that have several names as such]' \
      '--hard-links[Keep files that have several names as such]' \
      '-F[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '--ssh-config[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '-p[Port of the ssh server]:value: ' \
      '--port[Port of the ssh server]:value: ' \
      '*-i[Private key to log in with (may be given several times)]:file:_files' \
      '*--identity[Private key to log in with (may be given several times)]:file:_files' \
      '--password-file[File with the password, in place of asking for it (for an rsync daemon, RSYNC_PASSWORD is used without it)]:file:_files' \
      '--config[Mirror what this file says, or those of its mirrors that are named (default without SRC\: tsync/config.toml in ~/.config or /etc)]:file:_files' \
      '--repair[Mend what differs; what only the target has is removed with --delete exact]' \
      '--json[Print one JSON object a line]' \
      '-q[Print differences, warnings and errors only]' \
      '--quiet[Print differences, warnings and errors only]' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    status) _arguments '--json[Print JSON]' \
      '-w[Print it again each second]' \
      '--watch[Print it again each second]' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    pause) _arguments '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    resume) _arguments '--accept-deletes[Follow what a guard halted the mirror for\: deletions, or a source that is empty or another one]' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    flush) _arguments '--timeout[Give up after this time (30s, 5min)]:value: ' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    reload) _arguments '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    stop) _arguments '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    why) _arguments '--json[Print JSON]' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    log) _arguments '--json[Print JSON]' \
      '-f[Go on with what goes out from now on]' \
      '--follow[Go on with what goes out from now on]' \
      '-n[How many changes to print]:value: ' \
      '--lines[How many changes to print]:value: ' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    import) _arguments '--from[Which program the configuration is for (found out by itself if it is not given)]:value:(lsyncd inosync pylsyncd pirsyncd)' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    examples) _arguments '-h[Print this help]' \
      '--help[Print this help]' ;;
    check) _arguments '*--exclude[Leave out what matches; rules are tried in the order given, the first that matches decides]:value: ' \
      '*--include[Keep what matches, although a later rule excludes it]:value: ' \
      '*--filter[A rule as "- PATTERN" (exclude) or "+ PATTERN" (include)]:value: ' \
      '*--exclude-from[Read patterns to exclude from a file, one a line]:file:_files' \
      '*--include-from[Read patterns to include from a file, one a line]:file:_files' \
      '*--filter-from[Read rules ("- PATTERN", "+ PATTERN") from a file, one a line]:file:_files' \
      '--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
      '--max-size[Leave out files that are larger (10M, 1.5G)]:value: ' \
      '--min-size[Leave out files that are smaller]:value: ' \
      '-x[Leave out what is mounted below the source]' \
      '--one-file-system[Leave out what is mounted below the source]' \
      '--delete[What may be deleted on a target\: tracked = what tsync put there; exact = everything the source does not have; never = nothing (a moved file then keeps its old name there too); startup = everything the source does not have at the start, later nothing; live = nothing at the start, later what tsync put there]:value:(tracked exact never startup live)' \
      '--max-delete[How many deletions are followed that tsync did not see happen, but found at a start or after lost events\: a number, a percentage of what the target holds, or none for no limit; more halt the mirror]:value: ' \
      '--delete-excluded[Also delete on the target what is excluded]' \
      '--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
      '--require-file[Do nothing as long as the source does not hold this file or directory (a path below it)\: it shows that the right thing is mounted, say]:value: ' \
      '-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup-dir[Keep what is deleted or overwritten in this directory of the target (implies --backup)]:value: ' \
      '--suffix[What is put behind the name of a backup (default\: ~, with --backup-dir nothing)]:value: ' \
      '--settle[How long a path must be quiet before it is sent (10ms, 2s)]:value: ' \
      '--max-delay[How long a path that is never quiet waits at most]:value: ' \
      '--delay[Gather changes for this long after the first one, then send them together]:value: ' \
      '--max-batch[Send what was gathered as soon as this many paths changed, before the delay is over]:value: ' \
      '--only[Follow only these kinds of changes\: create, change, delete, move, attributes (separated by commas)]:value:(create change delete move attributes)' \
      '--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
      '--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
      '--insist[Start although a target cannot be reached, and try it again and again]' \
      '--verify-every[Compare the whole target with the source this often (24h) while watching, and mend what somebody else changed]:value: ' \
      '--bwlimit[Highest rate for one target, in KiB a second or with a unit (500K, 2M)]:value: ' \
      '-z[Compress content on its way]' \
      '--compress[Compress content on its way]' \
      '-c[Compare files that may be on the target already by content, not by size and time]' \
      '--checksum[Compare files that may be on the target already by content, not by size and time]' \
      '--partial-dir[Keep what arrived of a large file in this directory of the target, to go on from there]:value: ' \
      '--inplace[Write into the target'\''s files instead of replacing them\: readers see half-written files]' \
      '--append[Only send what was added at the end of files that grew]' \
      '--append-verify[The same, and check the part that was there before]' \
      '--delay-updates[Put all files of a transfer in place at its end]' \
      '-S[Store long runs of zeros on the target as holes]' \
      '--sparse[Store long runs of zeros on the target as holes]' \
      '--parallel[How many transfers to one target run at the same time, where there is much to send]:value: ' \
      '--timeout[Give up what was silent for this long\: a transfer, or commands there (these after 5 minutes at most)]:value: ' \
      '--nice[Lower the priority of tsync and its transfers (0 to 19)]:value: ' \
      '--ionice[Lower the disk priority of tsync and its transfers]:value:(best-effort idle)' \
      '--rsync[The rsync program here]:file:_files' \
      '--rsync-path[The rsync program on the target]:value: ' \
      '*--rsync-arg[A further argument for rsync, as it is]:value: ' \
      '--no-perms[Leave permissions as they are on the target]' \
      '--no-times[Do not keep modification times]' \
      '--no-owner[Do not keep owners]' \
      '--no-group[Do not keep groups]' \
      '-A[Keep access control lists]' \
      '--acls[Keep access control lists]' \
      '-X[Keep extended attributes]' \
      '--xattrs[Keep extended attributes]' \
      '--chmod[Change permissions on the way (D755,F644 or u+rw,go-w)]:value: ' \
      '--chown[Give everything on the target to this user and group]:value: ' \
      '--no-links[Leave symbolic links out]' \
      '-L[Mirror what symbolic links point to in their place]' \
      '--copy-links[Mirror what symbolic links point to in their place]' \
      '--copy-unsafe-links[The same for links that point out of the source]' \
      '--safe-links[Leave out links that point out of the source]' \
      '-H[Keep files that have several names as such]' \
      '--hard-links[Keep files that have several names as such]' \
      '-F[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '--ssh-config[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '-p[Port of the ssh server]:value: ' \
      '--port[Port of the ssh server]:value: ' \
      '*-i[Private key to log in with (may be given several times)]:file:_files' \
      '*--identity[Private key to log in with (may be given several times)]:file:_files' \
      '--password-file[File with the password, in place of asking for it (for an rsync daemon, RSYNC_PASSWORD is used without it)]:file:_files' \
      '--config[Mirror what this file says, or those of its mirrors that are named (default without SRC\: tsync/config.toml in ~/.config or /etc)]:file:_files' \
      '--json[Print one JSON object a line]' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    doctor) _arguments '-F[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '--ssh-config[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '-p[Port of the ssh server]:value: ' \
      '--port[Port of the ssh server]:value: ' \
      '*-i[Private key to log in with (may be given several times)]:file:_files' \
      '*--identity[Private key to log in with (may be given several times)]:file:_files' \
      '--password-file[File with the password, in place of asking for it (for an rsync daemon, RSYNC_PASSWORD is used without it)]:file:_files' \
      '--rsync[The rsync program here]:file:_files' \
      '--rsync-path[The rsync program on the target]:value: ' \
      '--json[Print one JSON object a line]' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
    config) _arguments '*--exclude[Leave out what matches; rules are tried in the order given, the first that matches decides]:value: ' \
      '*--include[Keep what matches, although a later rule excludes it]:value: ' \
      '*--filter[A rule as "- PATTERN" (exclude) or "+ PATTERN" (include)]:value: ' \
      '*--exclude-from[Read patterns to exclude from a file, one a line]:file:_files' \
      '*--include-from[Read patterns to include from a file, one a line]:file:_files' \
      '*--filter-from[Read rules ("- PATTERN", "+ PATTERN") from a file, one a line]:file:_files' \
      '--gitignore[Leave out what the .gitignore files of the source exclude, and .git itself]' \
      '--max-size[Leave out files that are larger (10M, 1.5G)]:value: ' \
      '--min-size[Leave out files that are smaller]:value: ' \
      '-x[Leave out what is mounted below the source]' \
      '--one-file-system[Leave out what is mounted below the source]' \
      '--delete[What may be deleted on a target\: tracked = what tsync put there; exact = everything the source does not have; never = nothing (a moved file then keeps its old name there too); startup = everything the source does not have at the start, later nothing; live = nothing at the start, later what tsync put there]:value:(tracked exact never startup live)' \
      '--max-delete[How many deletions are followed that tsync did not see happen, but found at a start or after lost events\: a number, a percentage of what the target holds, or none for no limit; more halt the mirror]:value: ' \
      '--delete-excluded[Also delete on the target what is excluded]' \
      '--accept-deletes[Go on although the source is empty, is another directory than before, or lost a large part]' \
      '--require-file[Do nothing as long as the source does not hold this file or directory (a path below it)\: it shows that the right thing is mounted, say]:value: ' \
      '-b[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup[Keep what is deleted or overwritten on the target under its name with the suffix]' \
      '--backup-dir[Keep what is deleted or overwritten in this directory of the target (implies --backup)]:value: ' \
      '--suffix[What is put behind the name of a backup (default\: ~, with --backup-dir nothing)]:value: ' \
      '--settle[How long a path must be quiet before it is sent (10ms, 2s)]:value: ' \
      '--max-delay[How long a path that is never quiet waits at most]:value: ' \
      '--delay[Gather changes for this long after the first one, then send them together]:value: ' \
      '--max-batch[Send what was gathered as soon as this many paths changed, before the delay is over]:value: ' \
      '--only[Follow only these kinds of changes\: create, change, delete, move, attributes (separated by commas)]:value:(create change delete move attributes)' \
      '--ignore-attributes[Do not follow changes of permissions, owners and times alone]' \
      '--no-initial-sync[Take the target to hold what the source holds at the start, without comparing them]' \
      '--insist[Start although a target cannot be reached, and try it again and again]' \
      '--verify-every[Compare the whole target with the source this often (24h) while watching, and mend what somebody else changed]:value: ' \
      '--bwlimit[Highest rate for one target, in KiB a second or with a unit (500K, 2M)]:value: ' \
      '-z[Compress content on its way]' \
      '--compress[Compress content on its way]' \
      '-c[Compare files that may be on the target already by content, not by size and time]' \
      '--checksum[Compare files that may be on the target already by content, not by size and time]' \
      '--partial-dir[Keep what arrived of a large file in this directory of the target, to go on from there]:value: ' \
      '--inplace[Write into the target'\''s files instead of replacing them\: readers see half-written files]' \
      '--append[Only send what was added at the end of files that grew]' \
      '--append-verify[The same, and check the part that was there before]' \
      '--delay-updates[Put all files of a transfer in place at its end]' \
      '-S[Store long runs of zeros on the target as holes]' \
      '--sparse[Store long runs of zeros on the target as holes]' \
      '--parallel[How many transfers to one target run at the same time, where there is much to send]:value: ' \
      '--timeout[Give up what was silent for this long\: a transfer, or commands there (these after 5 minutes at most)]:value: ' \
      '--nice[Lower the priority of tsync and its transfers (0 to 19)]:value: ' \
      '--ionice[Lower the disk priority of tsync and its transfers]:value:(best-effort idle)' \
      '--rsync[The rsync program here]:file:_files' \
      '--rsync-path[The rsync program on the target]:value: ' \
      '*--rsync-arg[A further argument for rsync, as it is]:value: ' \
      '--no-perms[Leave permissions as they are on the target]' \
      '--no-times[Do not keep modification times]' \
      '--no-owner[Do not keep owners]' \
      '--no-group[Do not keep groups]' \
      '-A[Keep access control lists]' \
      '--acls[Keep access control lists]' \
      '-X[Keep extended attributes]' \
      '--xattrs[Keep extended attributes]' \
      '--chmod[Change permissions on the way (D755,F644 or u+rw,go-w)]:value: ' \
      '--chown[Give everything on the target to this user and group]:value: ' \
      '--no-links[Leave symbolic links out]' \
      '-L[Mirror what symbolic links point to in their place]' \
      '--copy-links[Mirror what symbolic links point to in their place]' \
      '--copy-unsafe-links[The same for links that point out of the source]' \
      '--safe-links[Leave out links that point out of the source]' \
      '-H[Keep files that have several names as such]' \
      '--hard-links[Keep files that have several names as such]' \
      '-F[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '--ssh-config[OpenSSH configuration file to use instead of ~/.ssh/config]:file:_files' \
      '-p[Port of the ssh server]:value: ' \
      '--port[Port of the ssh server]:value: ' \
      '*-i[Private key to log in with (may be given several times)]:file:_files' \
      '*--identity[Private key to log in with (may be given several times)]:file:_files' \
      '--password-file[File with the password, in place of asking for it (for an rsync daemon, RSYNC_PASSWORD is used without it)]:file:_files' \
      '--config[Mirror what this file says, or those of its mirrors that are named (default without SRC\: tsync/config.toml in ~/.config or /etc)]:file:_files' \
      '--json[Print one JSON object a line]' \
      '-h[Print this help]' \
      '--help[Print this help]' \
      '1:action:(show schema)' \
      '*:directory:_directories' ;;
    completions) _arguments '-h[Print this help]' \
      '--help[Print this help]' \
      '*:directory:_directories' ;;
  esac
}
compdef _tsync tsync
