/** `tsync examples`: worked command lines for every kind of use. */

/** A command line and what it does. */
interface Example {
  readonly command: string;
  readonly does: string;
}

/** Examples by kind of use. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  "First look": [
    {
      command: "tsync doctor deploy@web:/var/www",
      does: "What tsync finds on that host, what it means, and how it could be better",
    },
    { command: "tsync sync --dry-run ./site web:/var/www", does: "Print what would be done, touch nothing" },
    { command: "tsync sync ./site web:/var/www", does: "Bring the target up to date once, then exit" },
    { command: "tsync watch ./site web:/var/www", does: "The same, and keep it so until Ctrl-C" },
  ],
  "Web servers": [
    {
      command: "tsync watch /srv/site web1:/var/www web2:/var/www web3:/var/www",
      does: "Several servers side by side, each at its own pace",
    },
    {
      command: "tsync watch --chown www-data:www-data --chmod D755,F644 ./public deploy@web:/var/www",
      does: "Everything belongs to the web server there",
    },
    {
      command: "tsync watch --on-synced-remote 'sudo systemctl reload nginx' ./conf web:/etc/nginx",
      does: "Reload the server there when all is in place and something was changed",
    },
    {
      command: "tsync watch --delete exact -p 2222 -i ~/.ssh/deploy ./public deploy@web:/var/www",
      does: "Remove there whatever is not here; with a port and a key of its own",
    },
  ],
  "Media store": [
    {
      command: "tsync watch --bwlimit 5M --partial-dir .partial /media/store backup:/media/store",
      does: "At most 5 MiB a second; a large file that was cut off goes on where it stopped",
    },
    {
      command: "tsync watch --append-verify --settle 5s /var/recordings archive:recordings",
      does: "Recordings that only grow: send what was added, once they are quiet",
    },
  ],
  "Edit here, run there": [
    {
      command: "tsync watch --gitignore ~/src/app dev:src/app",
      does: "Send each save at once, without what .gitignore leaves out",
    },
    {
      command: "tsync watch --exclude node_modules/ --exclude '*.log' ~/src/app dev:src/app",
      does: "Leave out by pattern, as rsync understands it",
    },
    {
      command: "tsync watch --include '*/' --include '*.py' --exclude '*' ~/src/app dev:src/app",
      does: "Python files only: rules are tried in order",
    },
  ],
  "Build farm": [
    {
      command:
        "tsync watch --delay 2s --max-batch 500 --parallel 4 /build/out node1:/build/out node2:/build/out",
      does: "Gather what a build writes, then send it in four transfers at a time",
    },
  ],
  Backups: [
    {
      command: "tsync watch --backup --backup-dir .old --delete never ~/documents nas:backup/documents",
      does: "Delete nothing, and keep what is overwritten",
    },
    {
      command: "tsync watch -H -A -X --max-delete 1000 /home backup:/srv/home",
      does: "With hard links, access lists and attributes; stop when more than 1,000 entries would go",
    },
    {
      command: "tsync sync -q --nice 10 --ionice idle /srv /mnt/backup/srv",
      does: "From cron: quiet unless something is wrong, and in nobody's way",
    },
  ],
  "Is it right?": [
    { command: "tsync verify ./site web:/var/www", does: "Say what somebody else changed there" },
    {
      command: "tsync verify --checksum --repair --delete exact ./site web:/var/www",
      does: "Compare contents too, and make it right again",
    },
    {
      command: "tsync watch --verify-every 24h --require-file .mounted /mnt/disk/site web:/var/www",
      does: "Look once a day while watching; and do nothing while the disk is not mounted",
    },
  ],
  "A rsync daemon (a NAS)": [
    {
      command: "tsync watch --password-file ~/.nas-password ~/photos me@nas::photos/laptop",
      does: "Where there is no ssh: host::module/path",
    },
  ],
  "Configuration file": [
    { command: "tsync import /etc/lsyncd/lsyncd.conf.lua", does: "Print the tsync.toml that does the same" },
    {
      command: "tsync import -- pylsyncd -i /var/www/./ web:/var/www",
      does: "Likewise for a command line of pylsyncd or pirsyncd",
    },
    { command: "tsync watch --config tsync.toml", does: "Every mirror in the file, with its own options" },
  ],
  "In the background": [
    {
      command: "tsync watch -d ~/site web:/var/www",
      does: "Go on in the background once connected; the log file is told at the start",
    },
    {
      command: "tsync service install --config ~/tsync.toml",
      does: "A service of systemd or launchd, which is started with the system or the session",
    },
  ],
};

/** The examples as they are printed. */
export function examplesText(): string {
  const groups = Object.entries(examples).map(([title, group]) =>
    [`${title}:`, ...group.map(({ command, does }) => `  # ${does}\n  ${command}`)].join("\n"),
  );
  return `${groups.join("\n\n")}\n`;
}
