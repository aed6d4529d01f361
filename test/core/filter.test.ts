import { describe, expect, test } from "bun:test";
import { Filter } from "../../src/core/filter.ts";
import { type Rule, readRuleFile } from "../../src/core/rules.ts";

const rules = (text: string) => readRuleFile("filter", "list", text, []) as Rule[];

/** Which of the paths are excluded; one with a slash at the end is a directory. */
function excluded(filter: Filter, ...paths: string[]): string[] {
  return paths.filter(
    (path) => filter.explain(path.replace(/\/$/, ""), path.endsWith("/"))?.rule.action === "exclude",
  );
}

/** What decides about a path. */
function why(filter: Filter, path: string): string {
  const decision = filter.explain(path.replace(/\/$/, ""), path.endsWith("/"));
  return decision === null ? "" : `${decision.rule.action} ${decision.at} ${decision.rule.origin}`;
}

/** A filter with these .gitignore files, by directory. */
function withGitignore(files: Record<string, string>, given = ""): Filter {
  const filter = new Filter(rules(given), true);
  for (const [directory, text] of Object.entries(files)) filter.setIgnoreFile(directory, text);
  return filter;
}

describe("without rules", () => {
  test("all is included", () => {
    const filter = new Filter([], false);
    expect(filter.isEmpty).toBe(true);
    expect(excluded(filter, "a", "a/", ".git/", "a/.git")).toEqual([]);
    expect(filter.ruleFor("a", false)).toBeNull();
  });

  test("with gitignore, .git is not", () => {
    const filter = new Filter([], true);
    expect(filter.isEmpty).toBe(false);
    expect(excluded(filter, "a", ".git/", ".git/config", "a/.git", "a/.git/", ".gitx", ".gitignore")).toEqual(
      [".git/", ".git/config", "a/.git", "a/.git/"],
    );
    expect(why(filter, "a/.git/config")).toBe("exclude a/.git --gitignore");
  });
});

describe("rules", () => {
  test("count in their order", () => {
    expect(excluded(new Filter(rules("+ a.c\n- *.c"), false), "a.c", "b.c", "x/a.c", "a.h")).toEqual(["b.c"]);
    expect(excluded(new Filter(rules("- *.c\n+ a.c"), false), "a.c", "b.c")).toEqual(["a.c", "b.c"]);
  });

  test("keep their order whatever their patterns end with", () => {
    const filter = new Filter(rules("+ ?a\n- *a\n+ x[ab]\n- x*\n+ {xc,yc}\n- *c"), false);
    expect(excluded(filter, "ba", "bba", "xb", "xx", "xc", "yc", "zc", "d")).toEqual([
      "bba",
      "xx",
      "xc",
      "zc",
    ]);
  });

  test("about a directory are about all that is in it", () => {
    const filter = new Filter(rules("+ keep\n- /build/"), false);
    expect(excluded(filter, "build/", "build/keep", "build", "x/build/keep")).toEqual([
      "build/",
      "build/keep",
    ]);
    expect(why(filter, "build/x/y")).toBe("exclude build list:2");
    expect(why(filter, "x/keep")).toBe("include x/keep list:1");
    expect(filter.excludes("build/keep", false)).toBe(false);
  });

  test("are never about the root", () => {
    expect(excluded(new Filter(rules("- **\n- *"), false), "", "/", "a")).toEqual(["a"]);
    expect(new Filter(rules("- **"), false).excludes("", true)).toBe(false);
  });

  test("can leave all but one kind of file", () => {
    const filter = new Filter(rules("+ */\n+ *.c\n- *"), false);
    expect(excluded(filter, "a/", "a/b.c", "a/b.h", "c")).toEqual(["a/b.h", "c"]);
  });
});

describe(".gitignore files", () => {
  test("are about what is below them, the deepest first, the last line first", () => {
    const filter = withGitignore({ "": "*.o\n/a.txt\n!x.o\n", a: "!y.o\n*.txt\n/b/c\n", "a/b": "!*.txt\n" });
    const paths = ["z.o", "x.o", "a.txt", "a/y.o", "a/z.o", "a/x.txt", "a/b/x.txt", "a/b/c", "b/c", "y.o"];
    expect(excluded(filter, ...paths)).toEqual(["z.o", "a.txt", "a/z.o", "a/x.txt", "a/b/c", "y.o"]);
    expect(why(filter, "a/b/x.txt")).toBe("include a/b/x.txt a/b/.gitignore:1");
    expect(why(filter, "a/z.o")).toBe("exclude a/z.o .gitignore:1");
    expect(why(filter, "x/a.txt")).toBe("");
  });

  test("take nothing back below a directory that is excluded", () => {
    const filter = withGitignore({ "": "out/\n", "out/x": "!*\n" });
    expect(why(filter, "out/x/y")).toBe("exclude out .gitignore:1");
  });

  test("come after the rules that were given", () => {
    const filter = withGitignore({ "": "*.o\n!b\n" }, "+ keep.o\n- b\n+ .git/");
    expect(excluded(filter, "keep.o", "a.o", "b", ".git/", "x/.git")).toEqual(["a.o", "b", "x/.git"]);
  });

  test("count from when they are set to when they are gone", () => {
    const filter = withGitignore({});
    expect(excluded(filter, "a/x")).toEqual([]);
    expect(filter.setIgnoreFile("a", "x\n")).toBe(true);
    expect(excluded(filter, "a/x")).toEqual(["a/x"]);
    expect(filter.setIgnoreFile("a", "x\n")).toBe(false);
    expect(filter.setIgnoreFile("a", "y\n")).toBe(true);
    expect(excluded(filter, "a/x", "a/y")).toEqual(["a/y"]);
    expect(filter.setIgnoreFile("a", null)).toBe(true);
    expect(filter.setIgnoreFile("a", null)).toBe(false);
    expect(excluded(filter, "a/x", "a/y")).toEqual([]);
    expect(filter.setIgnoreFile("", "x\n")).toBe(true);
    expect(excluded(filter, "a/x", "a/y")).toEqual(["a/x"]);
  });

  test("count at once for the directory that was asked about last", () => {
    const filter = withGitignore({ a: "x" });
    expect(filter.excludes("a/x", false)).toBe(true);
    filter.setIgnoreFile("a", "y");
    expect(filter.excludes("a/x", false)).toBe(false);
    expect(filter.excludes("a/y", false)).toBe(true);
    filter.setIgnoreFile("b", "");
    filter.forget("a");
    expect(filter.excludes("a/y", false)).toBe(false);
  });

  test("are forgotten with their directory", () => {
    const filter = withGitignore({ a: "x", "a/b": "x", ab: "x" });
    expect(excluded(filter, "a/b/x", "a/x", "ab/x")).toEqual(["a/b/x", "a/x", "ab/x"]);
    filter.forget("a");
    expect(excluded(filter, "a/b/x", "a/x", "ab/x")).toEqual(["ab/x"]);
    filter.forget("");
    expect(excluded(filter, "ab/x")).toEqual([]);
  });
});
