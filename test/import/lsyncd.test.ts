/** Each line of lsyncd's manual that a configuration may have, and what it is in tsync. */
import { describe, expect, test } from "bun:test";
import { refusal, take } from "./taken.ts";

const sync = (fields: string, kind = "rsync") =>
  kind === "rsyncssh"
    ? `sync{ default.rsyncssh, source="/s", host="h", targetdir="/t", ${fields} }`
    : `sync{ default.${kind}, source="/s", target="h:/t", ${fields} }`;
const rsync = (fields: string) => sync(`rsync={ archive=true, ${fields} }`);

/** What lsyncd does without being told. */
const plain = { delete: "exact", perms: false, group: false, owner: false };
/** With `archive`. */
const archive = { delete: "exact" };

describe("sync{}", () => {
  test.each([
    ["nothing", sync(""), plain],
    ["delete = true", sync("delete=true"), plain],
    ["delete = false", sync("delete=false"), { ...plain, delete: "never" }],
    ["delete = startup", sync("delete='startup'"), { ...plain, delete: "startup" }],
    ["delete = running", sync("delete=[[running]]"), { ...plain, delete: "live" }],
    ["init = false", sync("init=false"), { ...plain, delete: "live", "initial-sync": false }],
    [
      "init = false, delete = startup",
      sync("init=false, delete='startup'"),
      { ...plain, delete: "never", "initial-sync": false },
    ],
    ["delay", sync("delay=5"), { ...plain, delay: "5s" }],
    ["maxDelays", sync("maxDelays=500"), { ...plain, "max-batch": 500 }],
    ["maxProcesses", sync("maxProcesses=4"), { ...plain, parallel: 4 }],
    ["maxProcesses = 1", sync("maxProcesses=1"), plain],
    ["exclude", sync("exclude={'*.o', '/tmp/'}"), { ...plain, exclude: ["*.o", "/tmp/"] }],
    ["exclude, one", sync("exclude='*.o'"), { ...plain, exclude: ["*.o"] }],
    ["excludeFrom", sync("excludeFrom='/e'"), { ...plain, "exclude-from": ["/e"] }],
    ["filter", sync("filter={'- /ab**', '+/a**'}"), { ...plain, filter: ["- /ab**", "+ /a**"] }],
    ["filterFrom", sync("filterFrom='/f'"), { ...plain, "filter-from": ["/f"] }],
    ["default.direct", sync("", "direct"), plain],
    ["rsyncOpts of 2.0", sync("rsyncOpts={'-a', '-z'}"), { ...archive, compress: true }],
  ])("%s", (_, text, options) => {
    const taken = take(text);
    expect(taken.options).toEqual(options);
    expect(taken.mirrors).toMatchObject([{ name: "s", source: "/s", targets: ["h:/t"] }]);
    expect(taken.warnings).toEqual([]);
  });

  test.each([
    ["crontab", "crontab={'1 0 3 * * *'}", /crontab: let a timer/],
    ["tunnel", "tunnel=tunnel{command={}}", /tunnel: name the ssh server/],
    ["batchSizeLimit", "batchSizeLimit=1024*1024*30", /batchSizeLimit: parallel/],
    ["xargs", "xargs={binary='x'}", /xargs: removals travel in batches/],
    ["onCreate", "onCreate='cp ^source ^target'", /onCreate = .*no Lua/],
    ["action", "action=function(inlet) end", /action = a function: .*no Lua/],
    ["init", "init=function(event) end", /init = a function: .*no Lua/],
    ["exitcodes", "exitcodes={[0]='ok'}", /exitcodes: .*no Lua/],
    ["an unknown key", "postcmd='x'", /postcmd = "x": is nothing that tsync knows/],
  ])("%s has no equal, and is said with its line", (_, fields, reason) => {
    const taken = take(`\n\n${sync(fields)}`);
    expect(taken.warnings).toHaveLength(1);
    expect(taken.warnings[0]).toMatch(reason);
    expect(taken.warnings[0]).toStartWith("3: ");
    expect(taken.comments).toMatch(reason);
    expect(taken.comments).toContain("# line 3: ");
  });
});

describe("rsync = {}", () => {
  test.each([
    ["acls=true", { acls: true }],
    ["append=true", { append: true }],
    ["append_verify=true", { "append-verify": true }],
    ["['append-verify']=true", { "append-verify": true }],
    ["backup=true", { backup: true }],
    ["backup_dir='.old'", { "backup-dir": ".old" }],
    ["binary='/opt/rsync'", { rsync: "/opt/rsync" }],
    ["binary='/usr/bin/rsync'", {}],
    ["bwlimit=200", { bwlimit: "200K" }],
    ["bwlimit='1.5m'", { bwlimit: "1.5M" }],
    ["bwlimit=0", {}],
    ["checksum=true", { checksum: true }],
    ["chmod='D755,F644'", { chmod: "D755,F644" }],
    ["chown='www:www'", { chown: "www:www" }],
    ["compress=true", { compress: true }],
    ["compress=false", {}],
    ["copy_links=true", { "copy-links": true }],
    ["copy_unsafe_links=true", { "copy-unsafe-links": true }],
    ["delete_excluded=true", { "delete-excluded": true }],
    ["exclude={'a','b'}", { exclude: ["a", "b"] }],
    ["excludeFrom='/e'", { "exclude-from": ["/e"] }],
    ["filter={'- a'}", { exclude: ["a"] }],
    ["group=false", { group: false }],
    ["groupmap='a:b'", { "rsync-arg": ["--groupmap=a:b"] }],
    ["hard_links=true", { "hard-links": true }],
    ["inplace=true", { inplace: true }],
    ["keep_dirlinks=true", { "rsync-arg": ["--keep-dirlinks"] }],
    ["links=false", { links: false }],
    ["omit_dir_times=true", { "rsync-arg": ["--omit-dir-times"] }],
    ["omit_link_times=true", { "rsync-arg": ["--omit-link-times"] }],
    ["one_file_system=true", { "one-file-system": true }],
    ["owner=false", { owner: false }],
    ["password_file='/p'", { "password-file": "/p" }],
    ["perms=false", { perms: false }],
    ["protect_args=true", {}],
    [
      "rsh='ssh -p 2222 -i /k -o IdentityFile=/l -F /f -l me'",
      { port: 2222, identity: ["/k", "/l"], "ssh-config": "/f" },
    ],
    ["rsync_path='sudo rsync'", { "rsync-path": "sudo rsync" }],
    ["sparse=true", { sparse: true }],
    ["suffix='.bak'", { suffix: ".bak" }],
    ["temp_dir='/tmp'", { "rsync-arg": ["--temp-dir=/tmp"] }],
    ["timeout=60", { timeout: "60s" }],
    ["times=false", { times: false }],
    ["usermap='a:b'", { "rsync-arg": ["--usermap=a:b"] }],
    ["whole_file=true", { "rsync-arg": ["--whole-file"] }],
    ["whole_file=false", {}],
    ["xattrs=true", { xattrs: true }],
    [
      "_extra={'--max-size=10m', '-HAX', '--fuzzy', '-e', 'ssh -p 7'}",
      { "max-size": "10M", "hard-links": true, acls: true, xattrs: true, "rsync-arg": ["--fuzzy"], port: 7 },
    ],
    ["_extra={'--include=a', '--exclude', '*'}", { filter: ["+ a", "- *"] }],
    ["_extra={'--partial'}", { "partial-dir": ".rsync-partial" }],
    ["_extra={'--partial', '--inplace'}", { inplace: true }],
    ["_extra={'--no-perms', '--no-o'}", { perms: false, owner: false }],
    ["_extra={'--filter=:- .gitignore', '--filter=merge /f'}", { gitignore: true, "filter-from": ["/f"] }],
    [
      "_extra={'--max-delete=7', '--min-size=1k', '--delay-updates', '--safe-links', '--include-from=/i'}",
      {
        "max-delete": 7,
        "min-size": "1K",
        "delay-updates": true,
        "safe-links": true,
        "include-from": ["/i"],
      },
    ],
  ])("%s", (fields, options) => {
    const taken = take(rsync(fields));
    expect(taken.options).toEqual({ ...archive, ...options });
    expect(taken.warnings).toEqual([]);
  });

  test.each([
    ["cvs_exclude=true", /--cvs-exclude: written out/],
    ["dry_run=true", /--dry-run: tsync sync --dry-run/],
    ["executability=true", /--executability: perms = true/],
    ["ignore_times=true", /--ignore-times: .*checksum = true/],
    ["ipv4=true", /--ipv4: set AddressFamily inet /],
    ["ipv6=true", /--ipv6: set AddressFamily inet6/],
    ["prune_empty_dirs=true", /--prune-empty-dirs: empty directories are mirrored/],
    ["quiet=true", /--quiet: .*-q/],
    ["verbose=true", /--verbose: .*-v/],
  ])("%s is a comment", (fields, reason) => {
    const taken = take(rsync(fields));
    expect(taken.comments).toMatch(reason);
    expect(taken.warnings).toEqual([]);
  });

  test.each([
    ["copy_dirlinks=true", /--copy-dirlinks: links to directories are mirrored as links/],
    ["existing=true", /--existing: new files are sent/],
    ["update=true", /--update: .*overwritten all the same/],
    ["rsh='rsh'", /rsh "rsh": tsync speaks ssh itself/],
    ["_extra={'-R'}", /--relative/],
    ["_extra={'--link-dest=/x'}", /--link-dest=\/x: .*one copy/],
    ["_extra={'--filter=P x'}", /"P x"/],
    ["bwlimit='x'", /--bwlimit=x: was not understood/],
    ["_extra={'file'}", /file: is no option/],
  ])("%s is a warning", (fields, reason) => {
    expect(take(rsync(fields)).warnings.join("\n")).toMatch(reason);
  });

  test("cvs_exclude leaves out what rsync would", () => {
    const { exclude } = take(rsync("cvs_exclude=true")).options as { exclude: string[] };
    expect(exclude).toContain(".git/");
    expect(exclude).toContain("*.o");
  });
});

describe("default.rsyncssh", () => {
  test("host and targetdir are the target; ssh's settings are tsync's", () => {
    const taken = take(
      sync(
        "ssh={ port=1234, identityFile='/k', options={ User='me', Compression='yes' }, _extra={'-T', '-C'} }",
        "rsyncssh",
      ),
    );
    expect(taken.mirrors[0]).toMatchObject({
      targets: ["me@h:/t"],
      port: 1234,
      identity: ["/k"],
      compress: true,
    });
    expect(taken.warnings).toEqual([]);
    expect(taken.comments).toContain("ssh -T: tsync has a connection of its own");
  });

  test("a host whose key is unknown is not accepted, and that is said", () => {
    const taken = take(sync("ssh={ binary='/b', options={ StrictHostKeyChecking='no' } }", "rsyncssh"));
    expect(taken.warnings).toHaveLength(1);
    expect(taken.warnings[0]).toContain("refuses a host whose key it does not know");
    expect(taken.comments).toContain("ssh.binary");
  });
});

describe("settings{}", () => {
  test.each([
    ["insist=true", { insist: true }],
    ["maxDelays=10", { "max-batch": 10 }],
    ["maxProcesses=99", { parallel: 16 }],
    ["delay=3", { delay: "3s" }],
  ])("%s", (fields, defaults) => {
    for (const form of [`settings{ ${fields} }`, `settings { ${fields} }`, `settings = { ${fields} }`])
      expect(take(`${form}\n${sync("")}`).defaults).toEqual(defaults);
  });

  test.each([
    ["logfile='/l'", "standard error"],
    ["logfacility='user'", "standard error"],
    ["logident='x'", "standard error"],
    ["pidfile='/p'", "a second tsync"],
    ["nodaemon=true", "foreground"],
    ["statusFile='/s'", "--json"],
    ["statusInterval=1", "--json"],
    ["onepass=true", "tsync sync"],
    ["inotifyMode='CloseWrite or Modify'", "settle"],
  ])("%s is a comment", (fields, reason) => {
    const taken = take(`settings{\n ${fields} }\n${sync("")}`);
    expect(taken.comments).toMatch(new RegExp(`# line 2: ${fields.split("=")[0]}.*${reason}`));
    expect(taken.warnings).toEqual([]);
  });

  test("what is unknown is a warning", () => {
    expect(take(`settings{ statusIntervall=1 }\n${sync("")}`).warnings).toEqual([
      "1: statusIntervall = 1: is no setting that tsync knows, and was left out",
    ]);
  });
});

describe("Lua", () => {
  test("variables, concatenation, tables and loops are worked out", () => {
    const taken = take(`#!/usr/bin/env lsyncd
      local base = "/var/" .. "www"
      targets = { 'h1:' .. base, "h2:/x", }
      opts = { archive = true }
      opts.compress = true
      for i, target in ipairs(targets) do
        do sync{ default.rsync, source = base, target = target, rsync = opts, delay = 2 * 3 } end
      end
      for n = 3, 4 do sync{ default.rsync, source = base, target = "h" .. n .. ":/y", rsync = opts, delay = 6 } end`);
    expect(taken.mirrors).toEqual([
      {
        name: "www",
        source: "/var/www",
        targets: ["h1:/var/www", "h2:/x", "h3:/y", "h4:/y"],
        ...archive,
        delay: "6s",
        compress: true,
      },
    ]);
    expect(taken.warnings).toEqual([]);
  });

  test("a sync may build on a table that builds on lsyncd's own", () => {
    const taken = take(`local mine = { default.rsync, delay = 1, rsync = { archive = true, bwlimit = 5 } }
      sync{ mine, source = "/s", target = "/t", rsync = { bwlimit = 7 } }`);
    expect(taken.mirrors[0]).toMatchObject({ delay: "1s", bwlimit: "7K" });
    expect(taken.mirrors[0]).not.toHaveProperty("perms");
  });

  test("names, escapes and other alphabets arrive as they are", () => {
    const taken = take(`sync{ default.rsync, source="/s\\u{fc}/\\195\\169 'x'", target="h:/ü\\n\\"" }`);
    expect(taken.mirrors[0]).toMatchObject({ source: "/sü/é 'x'", targets: ['h:/ü\n"'] });
  });

  test("a table that is changed later does not change the syncs before", () => {
    const taken = take(
      `t = { default.rsync, source = "/s", target = "h1:" }; sync(t); t.target = "h2:"; sync(t)`,
    );
    expect(taken.mirrors[0]!.targets).toEqual(["h1:", "h2:"]);
  });

  test.each([
    ["dofile('x')", /^1: dofile\(…\): is not run/],
    ["require 'x'", /^1: require\(…\): is not run/],
    ["if x then y = 1 end", /^1: if: was not understood/],
    ["while true do end", /^1: while: was not understood/],
    ["function f() end", /^1: function f: is not run/],
    ["for k, v in pairs(x) do end", /^1: for: was not understood/],
    ["x.y = 1", /^1: x\.y = …: was not understood/],
  ])("%s is not run, and said", (code, reason) => {
    const taken = take(`${code}\n${sync("")}`);
    expect(taken.warnings).toHaveLength(1);
    expect(taken.warnings[0]).toMatch(reason);
  });

  test("a target that depends on code leaves its mirror out, and says why", () => {
    const taken = take(`sync{ default.rsync, source="/s", target=os.getenv("T") }\n${sync("")}`);
    expect(taken.mirrors).toHaveLength(1);
    expect(taken.warnings).toEqual([
      "1: sync{}: has no target that is known: target is what os.getenv() returns",
    ]);
  });

  test("without a sync that can be done there is nothing to print", () => {
    expect(refusal("settings{ insist = true }")).toContain("there is no sync{} that tsync could do");
    expect(refusal(`sync{ s3, source="/s", target="s3://b" }`)).toContain(
      "line 1: sync{}: builds on the variable s3",
    );
  });

  test("mistakes and endless loops end with a message", () => {
    expect(refusal("sync{ default.rsync,\n source = }")).toMatch(/line 2 is not valid Lua/);
    expect(refusal("for i = 1, 1e9 do end sync{}")).toContain("do not end");
    expect(
      refusal(`x = "a" ${"x = x .. x ".repeat(60)}\nsync{ default.rsync, source = x, target = x }`),
    ).toContain("unusual length");
  });
});

describe("a command line of lsyncd", () => {
  test("each of its behaviours and options", () => {
    const taken = take(
      "lsyncd -insist --delay 3 -nodaemon -pidfile /p -log Exec -rsync /a h:b -rsyncssh /a h c -direct /d /e\n",
    );
    expect(taken.defaults).toEqual({ insist: true, delay: "3s" });
    expect(taken.mirrors).toMatchObject([
      { source: "/a", targets: ["h:b", "h:c"] },
      { source: "/d", targets: ["/e"] },
    ]);
    for (const said of ["nodaemon", "pidfile", "-log Exec"]) expect(taken.comments).toContain(said);
  });

  test("one with a configuration file says to import that", () => {
    expect(refusal("lsyncd -nodaemon /etc/lsyncd.conf")).toContain("tsync import /etc/lsyncd.conf");
  });
});
