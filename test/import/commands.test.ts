/** The options of pylsyncd and pirsyncd, and what each is in tsync. */
import { describe, expect, test } from "bun:test";
import { refusal, take } from "./taken.ts";

describe("pylsyncd", () => {
  const plain = { "hard-links": true, delete: "live", "initial-sync": false };

  test.each([
    ["/tmp/src/./ /tmp/dst/", "/tmp/src/", ["/tmp/dst/"]],
    ["/tmp/foo/./bar/baz /tmp/dst", "/tmp/foo/bar/baz", ["/tmp/dst/bar/baz"]],
    [". srv2: srv3:x", ".", ["srv2:", "srv3:x"]],
    ["/var/www/./ www@srv2:/var/cluster/www", "/var/www/", ["www@srv2:/var/cluster/www"]],
    ["/var/www/./ srv2::webdata", "/var/www/", ["srv2::webdata"]],
    ["/var/www/./ rsync://me@srv2/webdata/", "/var/www/", ["me@srv2::webdata/"]],
    ["/var/www www@srv2:/", "/var/www", ["www@srv2:/var/www"]],
    ["/var/www/ /backup", "/var/www/", ["/backup/var/www"]],
  ])("pylsyncd %s", (words, source, targets) => {
    const taken = take(`pylsyncd ${words}`);
    expect(taken.mirrors).toMatchObject([{ source, targets }]);
    expect(taken.options).toEqual(plain);
    expect(taken.warnings).toEqual([]);
  });

  test("a source without /./ goes below the home directory, and that is said", () => {
    const taken = take("pylsyncd /var/www srv2:");
    expect(taken.mirrors[0]!.targets).toEqual(["srv2:var/www"]);
    expect(taken.comments).toContain("srv2: is the home directory there");
    expect(take("pylsyncd www /backup").warnings[0]).toContain("full path behind each destination");
  });

  test.each(["-i", "--initial-sync", "--initial"])("%s", (option) => {
    expect(take(`pylsyncd ${option} /a/./ b:`).options).toEqual({ "hard-links": true, delete: "exact" });
  });

  test.each([
    ["-d", "--verbose"],
    ["-v", "--verbose"],
    ["-q", "--quiet"],
    ["-n", "--dry-run"],
    ["-s", "syslog"],
    ["--syslog-facility=USER", "syslog"],
    ["--syslog-facility USER", "syslog"],
  ])("%s is a comment", (option, reason) => {
    const taken = take(`pylsyncd ${option} /a/./ b:`);
    expect(taken.comments).toMatch(new RegExp(`# line 1: ${option.split(/[= ]/)[0]}: .*${reason}`));
    expect(taken.options).toEqual(plain);
    expect(taken.warnings).toEqual([]);
  });

  test("-d takes no value, whatever one may think", () => {
    const taken = take("pylsyncd -d 10 /var/www srv2:");
    expect(taken.mirrors[0]!.source).toBe("10");
    expect(taken.warnings[0]).toContain('"10" is the directory to watch');
  });

  test("mistakes", () => {
    expect(refusal("pylsyncd --version")).toContain("starts no mirror");
    expect(refusal("pylsyncd -x a b:")).toContain("no option -x");
    expect(refusal("pylsyncd -dvd= a b:")).toContain("no option -=");
    expect(refusal("pylsyncd --debug=1 a b:")).toContain("--debug takes no value");
    expect(refusal("\npylsyncd --syslog-facility")).toContain("line 2: --syslog-facility needs a value");
  });
});

describe("pirsyncd", () => {
  const plain = {
    compress: true,
    "one-file-system": true,
    delete: "exact",
    "partial-dir": ".rsync-partial",
    "safe-links": true,
  };
  const { "partial-dir": _, ...appending } = plain;

  test.each([
    ["", {}],
    ["-r /usr/local/bin/rsync", { rsync: "/usr/local/bin/rsync" }],
    ["--rsync=/usr/bin/rsync", {}],
    ["--max_size 100m", { "max-size": "100M" }],
    ["--min_size 10k", { "min-size": "10K" }],
    ["--exclude_pattern=var/tmp", { exclude: ["var/tmp"] }],
    ["--host h --port 2222", { port: 2222 }],
    ["--host h --port 22", {}],
    ["--rsync_daemon=h::data --rsync_pass_file=/p", { "password-file": "/p" }],
  ])("pirsyncd %s", (words, options) => {
    const taken = take(`pirsyncd ${words}`);
    expect(taken.options).toEqual({ ...plain, ...options });
    expect(taken.warnings).toEqual([]);
  });

  test("--rsync_append", () => {
    expect(take("pirsyncd --rsync_append").options).toEqual({ ...appending, append: true });
  });

  test.each([
    ["", "/tmp/data/", "/tmp/data2/"],
    ["-s /a -d /b", "/a", "/b"],
    ["--source=/a --destination=/b/ --host h", "/a", "h:/b/"],
    ["--rsync_daemon h::data --rsync_pass_file /p", "/tmp/data/", "h::data"],
    ["--rsync_daemon h::data --rsync_pass_file /p --host i", "/tmp/data/", "i:/tmp/data2/"],
  ])("pirsyncd %s: where from and to", (words, source, to) => {
    expect(take(`./pirsyncd ${words}`).mirrors).toMatchObject([{ source, targets: [to] }]);
  });

  test.each([
    ["-p /p", "-p: that is tsync watch --pid-file"],
    ["-l /l", "--log: tsync watch writes to standard error"],
    ["--nolog", "--nolog: "],
    ["--debug /d", "--debug: --verbose"],
    ["--nodebug", "--nodebug: "],
    ["-f", "-f: tsync watch stays in the foreground"],
    ["--rsync_v2", "--rsync_v2: "],
  ])("%s is a comment", (words, reason) => {
    const taken = take(`pirsyncd ${words}`);
    expect(taken.comments).toContain(`# line 1: ${reason}`);
    expect(taken.options).toEqual(plain);
    expect(taken.warnings).toEqual([]);
  });

  test.each(["-k stop", "-p /p -k status", "--examples", "-v", "-h"])("%s starts no mirror", (words) => {
    expect(refusal(`pirsyncd ${words}`)).toContain("starts no mirror");
  });
});

describe("a text with command lines", () => {
  test("every line counts, behind sudo, nice and the like, in a script or a unit", () => {
    const taken = take(`#!/bin/sh
# pylsyncd /not/this x:
LANG=C sudo -u www nice -n 5 ionice -c3 /usr/bin/python2 /usr/local/bin/pylsyncd -i '/a b/./' \\
  h1: h2:  >/var/log/x 2>&1 &
ExecStart=-/usr/bin/pirsyncd -f -s /c -d /e
echo done
`);
    expect(taken.defaults).toEqual({ nice: 5, ionice: "idle" });
    expect(taken.mirrors).toMatchObject([
      { source: "/a b/", targets: ["h1:", "h2:"] },
      { source: "/c", targets: ["/e"] },
    ]);
    expect(taken.warnings).toEqual([]);
  });

  test("what a shell would do more is said", () => {
    expect(take("pirsyncd -s $HOME").warnings).toEqual([
      "1: has something that a shell fills in ($NAME, *): it was taken as it is written",
    ]);
    expect(take("pirsyncd -f | logger").warnings).toEqual(["1: | logger: is not run, and was left out"]);
  });

  test("a text that is for none of the programs is refused", () => {
    for (const text of ["", "hello", "source = 1", "\x00\x01", "echo pylsyncd a b:"])
      expect(refusal(text)).toContain("--from");
    expect(refusal("hello", "lsyncd")).toContain("line 1 is not valid Lua");
    expect(refusal("hello", "inosync")).toContain("nothing to mirror");
    expect(refusal("hello", "pirsyncd")).toContain("no command line");
  });
});
