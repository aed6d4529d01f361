/** What the manual page says that is in no table. Words of the command line are in backquotes. */

/** When this text was last changed; a page has to have a date. */
export const revised = "2026-11-27";

/** A term and what it means. */
type Terms = readonly (readonly [term: string, meaning: string])[];

/** What it is for, in one line. */
export const purpose = "keep remote copies of a local tree true, live";

/** What tsync is. */
export const description: readonly string[] = [
  "`tsync watch` keeps copies of a directory true, live: here, on other hosts through ssh, and on rsync daemons. `tsync sync` does it once.",
  "A moved file or directory is moved on the target, however large it is; a deleted one is deleted; only changed content is sent, by `rsync`, which must be installed here and on the target. What each target holds is kept in a ledger. A start compares it with the disk, and does only what differs.",
  "Nothing is deleted on a target that tsync did not put there, unless `--delete` says so. A source that is empty, gone or not mounted never empties a target.",
  "The contents of SRC become the contents of DEST; slashes at the end make no difference. DEST is made if it is not there. `/./` in SRC marks where the mirrored part begins: `/srv/./a/b` is mirrored to `DEST/a/b`.",
];

/** What can be written for DEST. */
export const destinations: Terms = [
  ["/path, ./path, name", "A directory here."],
  ["host:path, user@host:path, user@[ipv6]:path", "Through ssh; absolute, or below the home directory."],
  ["host:", "The home directory there."],
  ["user@host", "The same absolute path as the source, there."],
  ["ssh://user@host:port/path", "Through ssh; `/~/path` is below the home directory."],
  ["host::module/path, rsync://user@host:port/module/path", "An rsync daemon."],
];

/** How values are written. */
export const values: Terms = [
  ["TIME", "`10ms`, `2s`, `1.5m`, `1h`; a number alone is in seconds."],
  ["SIZE", "In bytes, or with a unit: `10K` is 1024 times ten, `10KB` 1000 times; also M, G, T, P."],
  ["RATE", "As SIZE, for each second; a number alone is in KiB."],
];

/** What patterns are. */
export const patterns: Terms = [
  ["*.bin", "Every name that ends in `.bin`, in any directory."],
  ["/build", "`build` at the top of the source only."],
  ["cache/", "Directories named `cache`, and so all that is in them."],
  ["doc/*.md", "Files that end in `.md` directly in any directory `doc`."],
  ["/a/**/b", "`b` at least one directory below `/a`."],
  ["logs/***", "`logs` and all that is in it; `logs/**` is only what is in it."],
  ["[a-c]?", "One of the bytes a to c, then any one; `[!a-c]` is any but these."],
  ["*.{jpg,png}", "`*.jpg` and `*.png`."],
  ["\\*", "The name `*`: a backslash takes the meaning from any sign."],
];

/** What is to know about them. */
export const patternRules: readonly string[] = [
  "The first rule that matches decides; what none matches is mirrored. What is excluded is not watched, not sent, and not deleted on the target (`--delete-excluded` does that). Nothing below an excluded directory can be included again.",
  "`*`, `?` and `[...]` do not match a slash, `**` does. A pattern without a slash is about the last part of a path, one with a slash in front about the whole path.",
];

/** The configuration file. */
export const configuration: readonly string[] = [
  "`tsync watch --config FILE` mirrors what the file says; behind it, names of mirrors choose some of them. Without SRC and `--config` the usual files are looked for, see FILES.",
];

/** An example of one. */
export const configurationExample = `[defaults]
exclude = ["*.tmp"]

[[mirror]]
name = "www"
source = "/var/www"
targets = ["user@host:/var/www", { to = "host2::web/www", bwlimit = "1M" }]
delete = "exact"`;

/** More about it. */
export const configurationRules: readonly string[] = [
  "Every option that is not for the command line alone can stand in it under its long name: in a target, in a mirror, in the defaults; the first of these that says something counts. The environment is stronger than the file, the command line is the strongest. Rules of what is mirrored add up instead, those of the stronger place first.",
  "Paths are relative to the folder of the file. A file that everybody may write to is refused. `tsync config show` tells what is in force and where it comes from; `tsync config schema` prints a JSON Schema for editors.",
];

/** The control socket. */
export const control: readonly string[] = [
  "Each `tsync watch` answers HTTP on a socket that only its user can reach (see FILES): the commands `status`, `pause`, `resume`, `flush`, `reload`, `stop`, `why` and `log` ask there, and so can other programs: `curl --unix-socket SOCKET http://tsync/v1/status`. Answers are JSON; a failure is an object `error` with `code`, `message` and `hint`. `mirror=NAME` may be given several times, and stands for all mirrors if it is missing.",
];

/** What can be asked there. */
export const routes: Terms = [
  ["GET /v1/status", "Mirrors and targets, and what they are doing."],
  ["GET /metrics", "The same as figures, as text for Prometheus."],
  ["GET /v1/why?path=ABSOLUTE", "Whether a path is mirrored, and whether it fails."],
  [
    "GET /v1/directories?host=HOST&user=USER&port=PORT&config=FILE&path=PATH",
    "Directories on a host whose path begins with PATH, if a connection to it is open that was asked for in this way. For completion.",
  ],
  [
    "GET /v1/log?mirror=NAME&count=N&follow",
    "The changes that went out last, one a line; `follow` goes on with what goes out from now on.",
  ],
  ["POST /v1/pause?mirror=NAME", "Rest."],
  ["POST /v1/resume?mirror=NAME&accept-deletes", "Go on; also follow what a guard halted the mirror for."],
  [
    "POST /v1/flush?mirror=NAME&timeout=MILLISECONDS",
    "Answers once every change made before is on every target.",
  ],
  ["POST /v1/reload", "Read the configuration file again."],
  ["POST /v1/stop", "End."],
];

/** What the environment says. */
export const environment: Terms = [
  [
    "TSYNC_NAME",
    "The value of an option: `TSYNC_MAX_DELAY=5s` is `--max-delay 5s`. Every option that can stand in the configuration file has such a variable; a flag takes true or false.",
  ],
  [
    "XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR",
    "Where configuration, ledgers and control sockets are, see FILES.",
  ],
  ["NO_COLOR, TERM", "No colours if the former is set, or the latter is dumb."],
  ["RSYNC_PASSWORD", "Password for an rsync daemon, without `--password-file`."],
  ["SSH_AUTH_SOCK, SSH_ASKPASS, SSH_ASKPASS_REQUIRE", "As for ssh."],
  [
    "NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, JOURNAL_STREAM",
    "Set by systemd, which hears through the first when `tsync watch` is ready, how it does, and that it advances; in the journal each line has its priority.",
  ],
  ["PAGER", "Shows this page, where `man` cannot."],
];

/** The files that are read and written. */
export const files: Terms = [
  [
    "$XDG_CONFIG_HOME/tsync/config.toml, /etc/tsync/config.toml",
    "The configuration; the first that is there counts. XDG_CONFIG_HOME is ~/.config if it is not set. One that is a program (.ts, .js) is run only if `--config` names it.",
  ],
  [
    "$XDG_STATE_HOME/tsync",
    "The ledgers. XDG_STATE_HOME is ~/.local/state if it is not set. Removing one does no harm: the next start compares everything with the target.",
  ],
  [
    "$XDG_RUNTIME_DIR/tsync",
    "The control sockets of running tsyncs. Without XDG_RUNTIME_DIR it is /run/tsync for root, and tsync-UID in the folder for temporary files for others.",
  ],
  [
    "$XDG_STATE_HOME/tsync/logs",
    "The logs of `tsync watch --daemon` without `--log-file`; one of 10 MiB is put aside under its name with `.1`.",
  ],
  [
    "/etc/systemd/system, $XDG_CONFIG_HOME/systemd/user, /Library/LaunchDaemons, ~/Library/LaunchAgents",
    "Where `tsync service install` writes.",
  ],
  ["~/.ssh, /etc/ssh", "Configuration, keys and known hosts of OpenSSH, as for ssh."],
];

/** What signals do. */
export const signals: Terms = [
  [
    "SIGINT, SIGTERM",
    "End tsync in order; a second one ends it at once. What was not acknowledged by a target is done again at the next start.",
  ],
  [
    "SIGHUP",
    "`tsync watch` reads its configuration file again, as with `tsync reload`, if its messages do not go to a terminal; else it ends, as other commands do.",
  ],
  [
    "SIGUSR1",
    "`tsync watch` and `tsync sync` open their log file anew: for what rotates logs. Without one nothing happens.",
  ],
];

/** What else to read. */
export const seeAlso = ["rsync(1)", "rrsync(1)", "ssh(1)", "ssh_config(5)", "rsyncd.conf(5)"];
