# fish completion for tsync (made by "tsync completions fish")

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
    string unescape -- "$token"; or string unescape -- "$token'"; or string unescape -- "$token\""
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
    set -l valued --exclude --include --filter --exclude-from --include-from --filter-from --max-size --min-size --delete --max-delete --require-file --backup-dir --suffix --settle --max-delay --delay --max-batch --only --verify-every --bwlimit --partial-dir --parallel --timeout --nice --ionice --sender --keep-warm --rsync --rsync-path --rsync-arg --chmod --chown --on-change --on-synced --on-synced-remote --on-error --on-halt --on-recover -F --ssh-config -p --port -i --identity --password-file --config --log-file --log-format --socket --metrics --web --pid-file -n --lines --from --name --manager
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
    string match -qr '^[0-9]+(\.[0-9]+)?$' -- "$number"; and printf '%s\n' $number$argv
end

complete -c tsync -f
complete -c tsync -n __tsync_has_no_command -l help -s h -d 'Print this help'
complete -c tsync -n __tsync_has_no_command -l version -s V -d 'Print the version'
complete -c tsync -n __tsync_has_no_command -a watch -d 'Bring each DEST up to date with SRC, and keep it so, live'
complete -c tsync -n __tsync_has_no_command -a sync -d 'Bring each DEST up to date with SRC, then exit'
complete -c tsync -n __tsync_has_no_command -a verify -d 'Say how each DEST differs from SRC, changing nothing unless told to repair it'
complete -c tsync -n __tsync_has_no_command -a status -d 'Say what running mirrors are doing, one line a target'
complete -c tsync -n __tsync_has_no_command -a pause -d 'Let mirrors rest'
complete -c tsync -n __tsync_has_no_command -a resume -d 'Let mirrors go on after pause, or after a guard halted them'
complete -c tsync -n __tsync_has_no_command -a flush -d 'Return once every change made before is on every target'
complete -c tsync -n __tsync_has_no_command -a reload -d 'Have a running tsync read its configuration file again'
complete -c tsync -n __tsync_has_no_command -a stop -d 'End a running tsync at its next safe point'
complete -c tsync -n __tsync_has_no_command -a why -d 'Say whether a path is mirrored, by which rule it is not, and whether it fails'
complete -c tsync -n __tsync_has_no_command -a log -d 'Print the changes that went out last'
complete -c tsync -n __tsync_has_no_command -a import -d 'Print the tsync.toml that does what a configuration of lsyncd, inosync, pylsyncd or pirsyncd does'
complete -c tsync -n __tsync_has_no_command -a examples -d 'Print worked command lines for every kind of use'
complete -c tsync -n __tsync_has_no_command -a check -d 'Check that SRC can be mirrored to each DEST, without changing anything'
complete -c tsync -n __tsync_has_no_command -a doctor -d 'Connect to a host and say what tsync finds there, what it means, and how it could be better'
complete -c tsync -n __tsync_has_no_command -a config -d 'Show each option in force and where it comes from, or the schema or types of the configuration'
complete -c tsync -n __tsync_has_no_command -a service -d 'Write, install or remove the file that makes a service of it'
complete -c tsync -n __tsync_has_no_command -a completions -d 'Print the completion script for a shell'
complete -c tsync -n __tsync_has_no_command -a man -d 'Show the manual page'
complete -c tsync -n '__tsync_is watch sync verify check' -a '(__tsync_argument directory place+)'
complete -c tsync -n '__tsync_is status pause resume flush reload stop log' -a '(__tsync_argument mirror+)'
complete -c tsync -n '__tsync_is why import' -a '(__tsync_argument file)'
complete -c tsync -n '__tsync_is doctor' -a '(__tsync_argument remote)'
complete -c tsync -n '__tsync_is config' -a '(__tsync_argument =show,schema,types directory place+)'
complete -c tsync -n '__tsync_is service' -a '(__tsync_argument =print,install,uninstall text)'
complete -c tsync -n '__tsync_is completions' -a '(__tsync_argument =bash,zsh,fish)'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l exclude -x -d 'Leave out what matches'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l include -x -d 'Keep what matches, although a later rule excludes it'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l filter -x -d 'A rule as "- PATTERN"'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l exclude-from -r -F -d 'Read patterns to exclude from a file, one a line'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l include-from -r -F -d 'Read patterns to include from a file, one a line'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l filter-from -r -F -d 'Read rules'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l gitignore -d 'Leave out what the .gitignore files of the source exclude, and .git itself'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-gitignore -d 'Take back --gitignore'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l max-size -x -a '(__tsync_number K M G T)' -d 'Leave out files that are larger'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l min-size -x -a '(__tsync_number K M G T)' -d 'Leave out files that are smaller'
complete -c tsync -n '__tsync_is watch sync verify check config service' -s x -l one-file-system -d 'Leave out what is mounted below the source'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-one-file-system -d 'Take back --one-file-system'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l delete -x -a 'tracked exact never startup live' -d 'What may be deleted on a target'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l max-delete -x -d 'How many deletions are followed that tsync did not see happen, but found at a start or after lost events'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l delete-excluded -d 'Also delete on the target what is excluded'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-delete-excluded -d 'Take back --delete-excluded'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l accept-deletes -d 'Go on although the source is empty, is another directory than before, or lost a large part'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-accept-deletes -d 'Take back --accept-deletes'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l require-file -x -d 'Do nothing as long as the source does not hold this file or directory'
complete -c tsync -n '__tsync_is watch sync verify check config service' -s b -l backup -d 'Keep what is deleted or overwritten on the target under its name with the suffix'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-backup -d 'Take back --backup'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l backup-dir -x -d 'Keep what is deleted or overwritten in this directory of the target'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l suffix -x -d 'What is put behind the name of a backup'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l settle -x -a '(__tsync_number ms s m h)' -d 'How long a path must be quiet before it is sent'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l max-delay -x -a '(__tsync_number ms s m h)' -d 'How long a path that is never quiet waits at most'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l delay -x -a '(__tsync_number ms s m h)' -d 'Gather changes for this long after the first one, then send them together'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l max-batch -x -d 'Send what was gathered as soon as this many paths changed, before the delay is over'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l only -x -a '(__tsync_words create change delete move attributes)' -d 'Follow only these kinds of changes'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l ignore-attributes -d 'Do not follow changes of permissions, owners and times alone'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-ignore-attributes -d 'Take back --ignore-attributes'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l no-initial-sync -d 'Take the target to hold what the source holds at the start, without comparing them'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l initial-sync -d 'Take back --no-initial-sync'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l insist -d 'Start although a target cannot be reached, and try it again and again'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-insist -d 'Take back --insist'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l verify-every -x -a '(__tsync_number ms s m h)' -d 'Compare the whole target with the source this often'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l bwlimit -x -a '(__tsync_number K M G T)' -d 'Highest rate for one target, in KiB a second or with a unit'
complete -c tsync -n '__tsync_is watch sync verify check config service' -s z -l compress -d 'Compress content on its way'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-compress -d 'Take back --compress'
complete -c tsync -n '__tsync_is watch sync verify check config service' -s c -l checksum -d 'Compare files that may be on the target already by content, not by size and time'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-checksum -d 'Take back --checksum'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l partial-dir -x -d 'Keep what arrived of a large file in this directory of the target, to go on from there'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l inplace -d 'Write into the target\'s files instead of replacing them'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-inplace -d 'Take back --inplace'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l append -d 'Only send what was added at the end of files that grew'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-append -d 'Take back --append'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l append-verify -d 'The same, and check the part that was there before'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-append-verify -d 'Take back --append-verify'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l delay-updates -d 'Put all files of a transfer in place at its end'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-delay-updates -d 'Take back --delay-updates'
complete -c tsync -n '__tsync_is watch sync verify check config service' -s S -l sparse -d 'Store long runs of zeros on the target as holes'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-sparse -d 'Take back --sparse'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l parallel -x -d 'How many transfers to one target run at the same time, where there is much to send'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l timeout -x -a '(__tsync_number ms s m h)' -d 'Give up what was silent for this long'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l nice -x -d 'Lower the priority of tsync and its transfers'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l ionice -x -a 'best-effort idle' -d 'Lower the disk priority of tsync and its transfers'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l sender -x -a 'auto stock builtin' -d 'Who sends to ssh targets'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l keep-warm -x -a '(__tsync_number ms s m h)' -d 'How long after its last work an ssh target keeps two receivers started for the next save'
complete -c tsync -n '__tsync_is watch sync verify check doctor config service' -l rsync -r -F -d 'The rsync program here'
complete -c tsync -n '__tsync_is watch sync verify check doctor config service' -l rsync-path -x -d 'The rsync program on the target'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l rsync-arg -x -d 'A further argument for rsync, as it is'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l no-perms -d 'Leave permissions as they are on the target'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l perms -d 'Take back --no-perms'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l no-times -d 'Do not keep modification times'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l times -d 'Take back --no-times'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l no-owner -d 'Do not keep owners'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l owner -d 'Take back --no-owner'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l no-group -d 'Do not keep groups'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l group -d 'Take back --no-group'
complete -c tsync -n '__tsync_is watch sync verify check config service' -s A -l acls -d 'Keep access control lists'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-acls -d 'Take back --acls'
complete -c tsync -n '__tsync_is watch sync verify check config service' -s X -l xattrs -d 'Keep extended attributes'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-xattrs -d 'Take back --xattrs'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l chmod -x -d 'Change permissions on the way'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l chown -x -d 'Give everything on the target to this user and group'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l no-links -d 'Leave symbolic links out'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l links -d 'Take back --no-links'
complete -c tsync -n '__tsync_is watch sync verify check config service' -s L -l copy-links -d 'Mirror what symbolic links point to in their place'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-copy-links -d 'Take back --copy-links'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l copy-unsafe-links -d 'The same for links that point out of the source'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-copy-unsafe-links -d 'Take back --copy-unsafe-links'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l safe-links -d 'Leave out links that point out of the source'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-safe-links -d 'Take back --safe-links'
complete -c tsync -n '__tsync_is watch sync verify check config service' -s H -l hard-links -d 'Keep files that have several names as such'
complete -c tsync -n '__tsync_is_opposite watch sync verify check config service' -l no-hard-links -d 'Take back --hard-links'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l on-change -x -d 'Run this after changes were made on a target, with what was done as JSON on its input and as TSYNC_... variables'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l on-synced -x -d 'Run this when a target holds all that the source holds'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l on-synced-remote -x -d 'Run this on the target\'s host, over the open connection, when a target holds all that the source holds and something was changed there'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l on-error -x -d 'Run this when a target cannot be reached or written, or a path fails'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l on-halt -x -d 'Run this when a guard halts the mirror'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l on-recover -x -d 'Run this when what on-error or on-halt told of is over'
complete -c tsync -n '__tsync_is watch sync verify check doctor config service' -s F -l ssh-config -r -F -d 'OpenSSH configuration file to use instead of ~/.ssh/config'
complete -c tsync -n '__tsync_is watch sync verify check doctor config service' -s p -l port -x -d 'Port of the ssh server'
complete -c tsync -n '__tsync_is watch sync verify check doctor config service' -s i -l identity -r -F -d 'Private key to log in with'
complete -c tsync -n '__tsync_is watch sync verify check doctor config service' -l password-file -r -F -d 'File with the password, in place of asking for it'
complete -c tsync -n '__tsync_is watch sync verify check config service' -l config -r -F -d 'Mirror what this file says'
complete -c tsync -n '__tsync_is watch sync' -s n -l dry-run -d 'Print what would be done, touch nothing'
complete -c tsync -n '__tsync_is watch sync' -l json -d 'Print one JSON object for each event on standard output'
complete -c tsync -n '__tsync_is watch sync' -s v -l verbose -d 'Print every single operation'
complete -c tsync -n '__tsync_is watch sync' -s q -l quiet -d 'Print warnings and errors only'
complete -c tsync -n '__tsync_is watch sync' -l no-view -d 'Print lines only on a terminal too, without the view of what each target is doing below them'
complete -c tsync -n '__tsync_is watch sync' -l log-file -r -F -d 'Add what is said to this file'
complete -c tsync -n '__tsync_is watch sync' -l log-format -x -a 'text json' -d 'How the lines in the log file are written'
complete -c tsync -n '__tsync_is watch sync' -l socket -r -F -d 'Control socket, in place of one in $XDG_RUNTIME_DIR/tsync'
complete -c tsync -n '__tsync_is watch service' -l metrics -x -d 'Serve metrics for Prometheus at http://HOST:PORT/metrics'
complete -c tsync -n '__tsync_is watch service' -l web -x -d 'Serve a page that shows what each target is doing at http://HOST:PORT/, with /status.json and /metrics'
complete -c tsync -n '__tsync_is watch' -s d -l daemon -d 'Go on in the background once every target is connected'
complete -c tsync -n '__tsync_is watch' -l pid-file -r -F -d 'Write the process id to this file, and remove it at the end'
complete -c tsync -n '__tsync_is watch sync verify status pause resume flush reload stop why log import examples check doctor config service completions man' -s h -l help -d 'Print this help'
complete -c tsync -n '__tsync_is verify' -l repair -d 'Mend what differs'
complete -c tsync -n '__tsync_is verify check doctor config' -l json -d 'Print one JSON object a line'
complete -c tsync -n '__tsync_is verify' -s q -l quiet -d 'Print differences, warnings and errors only'
complete -c tsync -n '__tsync_is status why log' -l json -d 'Print JSON'
complete -c tsync -n '__tsync_is status' -s w -l watch -d 'Print it again each second'
complete -c tsync -n '__tsync_is resume' -l accept-deletes -d 'Follow what a guard halted the mirror for'
complete -c tsync -n '__tsync_is_opposite resume' -l no-accept-deletes -d 'Take back --accept-deletes'
complete -c tsync -n '__tsync_is flush' -l timeout -x -a '(__tsync_number ms s m h)' -d 'Give up after this time'
complete -c tsync -n '__tsync_is log' -s f -l follow -d 'Go on with what goes out from now on'
complete -c tsync -n '__tsync_is log' -s n -l lines -x -d 'How many changes to print'
complete -c tsync -n '__tsync_is import' -l from -x -a 'lsyncd inosync pylsyncd pirsyncd' -d 'Which program the configuration is for'
complete -c tsync -n '__tsync_is service' -l user -d 'A service of this user'
complete -c tsync -n '__tsync_is service' -l system -d 'A service of the machine, run by root'
complete -c tsync -n '__tsync_is service' -l name -x -d 'Name of this service beside others'
complete -c tsync -n '__tsync_is service' -l manager -x -a 'systemd launchd' -d 'What it is written for'
complete -c tsync -n '__tsync_is service' -l force -d 'Replace or remove a file that tsync did not write, or that was changed since'
