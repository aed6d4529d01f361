/** inosync's variables, of the original and of its forks, and what each is in tsync. */
import { describe, expect, test } from "bun:test";
import { refusal, take } from "./taken.ts";

const base = `wpaths = ["/w/"]\nrpaths = ["/r"]\nrnodes = ["h:"]\n`;

/** What inosync does without being told. */
const plain = { delete: "exact", group: false, owner: false };

describe("variables", () => {
  test.each([
    ["nothing", "", plain],
    ["rexcludes", "rexcludes = ['.git/', '/localhost']", { ...plain, exclude: [".git/", "/localhost"] }],
    ["rexcludes for each path", "rexcludes = [['a', 'b'], ['c']]", { ...plain, exclude: ["a", "b"] }],
    ["rexcludes by path", "rexcludes = {'/w/': ['d']}", { ...plain, exclude: ["d"] }],
    [
      "extra",
      "extra = '--rsh=\"ssh -p 23\" -a --max-size=1g'",
      { delete: "exact", port: 23, "max-size": "1G" },
    ],
    ["rspeed", "rspeed = 100", { ...plain, bwlimit: "100K" }],
    ["rspeed = 0", "rspeed = 0", plain],
    ["edelay", "edelay = 10", { ...plain, delay: "10s" }],
    ["sleep_time of a fork", "sleep_time = 60", { ...plain, delay: "60s" }],
    ["rsync", "rsync = '/opt/rsync'", { ...plain, rsync: "/opt/rsync" }],
    ["rsync as usual", "rsync = '/usr/bin/rsync'", plain],
    ["emask", "emask = ['IN_CLOSE_WRITE', 'IN_CREATE']", { ...plain, only: ["change", "create"] }],
    [
      "emask with all that inosync takes by itself",
      "emask = ['IN_CLOSE_WRITE', 'IN_CREATE', 'IN_DELETE', 'IN_MOVED_FROM', 'IN_MOVED_TO']",
      plain,
    ],
  ])("%s", (_, text, options) => {
    const taken = take(base + text);
    expect(taken.options).toEqual(options);
    expect(taken.mirrors).toMatchObject([{ name: "w", source: "/w/", targets: ["h:/r"] }]);
    expect(taken.warnings).toEqual([]);
  });

  test("logfile is a comment", () => {
    const taken = take(`${base}logfile = "/l"`);
    expect(taken.comments).toMatch(/line 4: .*log-file=\/l: .*standard error/);
    expect(taken.warnings).toEqual([]);
  });

  test.each([
    ["inotify_excludes = ['x']", /^4: inotify_excludes: /],
    ["emask = ['IN_OPEN']", /^4: emask: IN_OPEN has no equal/],
    ["foo = 1", /^4: foo: is nothing that inosync reads/],
    ["rspeed = f()", /^4: rspeed: is "f\(\)", and was left out/],
    ["import os", /^4: import os: is not run/],
    ["if True:\n  rspeed = 1", /^4: if True:: is not run/],
    ["for x in y: pass", /^4: for x in y: pass: is not run/],
    ["a, b = 1, 2", /^4: a, b = 1, 2: /],
    ["rspeed = = 1", /^4: rspeed = = 1: is not valid Python/],
  ])("%s is a warning", (text, reason) => {
    const taken = take(base + text);
    expect(taken.warnings).toHaveLength(1);
    expect(taken.warnings[0]).toMatch(reason);
  });
});

describe("paths and nodes", () => {
  test("the original: wpaths and rpaths go together, each to every node", () => {
    const taken = take(`wpaths = ["/a/", "/b/"]\nrpaths = ["/c", "/d"]\nrnodes = ["x:", "me@y:"]`);
    expect(taken.mirrors).toMatchObject([
      { source: "/a/", targets: ["x:/c", "me@y:/c"] },
      { source: "/b/", targets: ["x:/d", "me@y:/d"] },
    ]);
  });

  test("rpaths by path; a path without one is said", () => {
    const taken = take(`wpaths = ["/a/", "/b/"]\nrpaths = {"/b/": "/d"}\nrnodes = ["x:"]`);
    expect(taken.mirrors).toMatchObject([{ source: "/b/", targets: ["x:/d"] }]);
    expect(taken.warnings).toEqual(["2: rpaths: has no path for /a/, which was left out"]);
  });

  test("the older original: one wpath, and nodes that name the path", () => {
    const taken = take(`wpath = "/var/www/"\nrpath = "/var/www/"\nrnodes = ["a:" + rpath, "b:" + rpath]`);
    expect(taken.mirrors).toMatchObject([{ source: "/var/www/", targets: ["a:/var/www/", "b:/var/www/"] }]);
    expect(taken.options.delete).toBe("exact");
    expect(taken.warnings).toEqual([]);
  });

  test("the fork: one wpath, one rpath; it sends nothing at the start", () => {
    const taken = take(`wpath = "/home/user/www"\nrpath = "/var/lib/www"\nrnodes = ["a:", ""]`);
    expect(taken.mirrors).toEqual([
      {
        name: "www",
        source: "/home/user/www",
        targets: ["a:/var/lib/www", "/var/lib/www"],
        ...plain,
        delete: "live",
        "initial-sync": false,
      },
    ]);
  });

  test("without a slash at its end, the directory itself goes into the target, as with rsync", () => {
    const taken = take(`wpaths = ["/a/b"]\nrpaths = ["/c"]\nrnodes = ["x:", "y:/z"]`);
    expect(taken.mirrors[0]!.targets).toEqual(["x:/c/b", "y:/z/c/b"]);
    expect(taken.comments).toContain("/a/b: has no slash at its end");
  });

  test("nodes as URLs keep their ports", () => {
    const taken = take(`wpaths = ["/a/"]\nrpaths = ["/c"]\nrnodes = ["ssh://me@x:222", "rsync://y"]`);
    expect(taken.mirrors[0]!.targets).toEqual([{ to: "me@x:/c", port: 222 }, "y::c"]);
  });
});

describe("Python", () => {
  test("names, joined lists and texts, formats, all kinds of strings", () => {
    const taken = take(`# -*- coding: utf-8 -*-
"""What this is."""
host = 'h'  # here
base = "/va" "r" + '/w\\x41\\u00e9'
wpaths = (base + "/",)
rpaths = [r'\\n' + """/ü""",]
rnodes = ["%s%d:" % (host, 1)] + ['me@' + host + ':']
rnodes += [u"z:"]
rexcludes = []
`);
    expect(taken.mirrors).toMatchObject([
      { source: "/var/wAé/", targets: ["h1:\\n/ü", "me@h:\\n/ü", "z:\\n/ü"] },
    ]);
    expect(taken.warnings).toEqual([]);
  });

  test("what is missing is said", () => {
    expect(refusal("wpaths = ['/a']")).toContain("rnodes is missing");
    expect(refusal("rnodes = ['/a']")).toContain("wpaths or wpath is missing");
    expect(refusal("wpaths = f()\nrnodes = ['/a']")).toContain(
      "wpaths or wpath is missing or was not understood",
    );
  });

  test("texts that grow without end are not followed", () => {
    const taken = take(`${base}x = "aaaaaaaa"\n${"x = x + x\n".repeat(60)}rsync = x`);
    expect(taken.warnings.join()).toContain("rsync: is what the operator + gives");
  });
});
