/** Runs the generated scripts with real shells, in real directories. */
import { beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join as joinText } from "node:path";
import fc from "fast-check";
import type { Outcome, Step } from "../../src/core/operation.ts";
import { fromText, join, type Path } from "../../src/core/path.ts";
import { shellQuote } from "../../src/target/shell-quote.ts";
import { batchScript, prelude, readAnswer } from "../../src/target/shell-script.ts";
import { entryOf } from "../helpers/model.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { tempDir } from "../helpers/process.ts";
import { bytesOf, namesIn, snapshot } from "../helpers/trees.ts";

interface Shell {
  readonly argv: readonly string[];
  readonly path: string;
}

const base = tempDir("tsync-shell-");
const applets = joinText(base, "applets");
mkdirSync(applets);
Bun.spawnSync(["busybox", "--install", "-s", applets]);

const systemPath = "/usr/bin:/bin";
const shells: Record<string, Shell> = {
  dash: { argv: ["dash"], path: systemPath },
  "bash --posix": { argv: ["bash", "--posix"], path: systemPath },
  "busybox sh": { argv: ["busybox", "sh"], path: systemPath },
  "busybox sh with its own commands": { argv: [joinText(applets, "sh")], path: applets },
};

const token = "tsync-0123456789abcdef";

interface Run {
  readonly mayReplace?: boolean;
  readonly replay?: boolean;
  /** Shell commands before the functions are defined, and before the steps. */
  readonly profile?: string;
  readonly before?: string;
}

/** What the shell wrote. */
function output(shell: Shell, script: string, cwd = base): string {
  const env = { PATH: shell.path, HOME: base };
  const program = Bun.which(shell.argv[0]!, { PATH: shell.path }) ?? shell.argv[0]!;
  const result = Bun.spawnSync([program, ...shell.argv.slice(1)], { stdin: bytesOf(script), env, cwd });
  expect([result.stderr.toString(), result.exitCode]).toEqual(["", 0]);
  return result.stdout.toString("latin1");
}

/** Carries out `steps` below `directory`; returns their outcomes, `lost` or `unanswered`. */
function outcomesOf(shell: Shell, directory: string, steps: readonly Step[], run: Run = {}): Outcome[] {
  const functions = prelude(token, run.mayReplace ?? false);
  const batch = batchScript(directory, steps, run.replay ?? false);
  const lines = output(shell, `${run.profile ?? ""}${functions}${run.before ?? ""}${batch}`).split("\n");
  const outcomes: Outcome[] = steps.map(() => ({ is: "skipped" }));
  let ended = false;
  for (const line of lines) {
    const answer = readAnswer(token, line);
    if (answer === null) continue;
    expect(ended).toBe(false);
    if (answer.is !== "outcome") {
      ended = answer.is === "end";
      continue;
    }
    for (let at = 0; at < answer.count; at++) {
      expect(outcomes[answer.index + at]).toEqual({ is: "skipped" });
      outcomes[answer.index + at] = answer.outcome;
    }
  }
  expect(ended).toBe(true);
  return outcomes;
}

const move = (from: Path, to: Path): Step => ({ do: "move", from, to });
const remove = (path: Path): Step => ({ do: "remove", path });
const removeTree = (path: Path): Step => ({ do: "remove-tree", path });
const removeDirectory = (path: Path): Step => ({ do: "remove-directory", path });
const makeDirectory = (path: Path, mode = 0o755): Step => {
  return { do: "make-directory", path, entry: entryOf("directory", 9, 1, mode) };
};
const setMode = (path: Path, mode: number): Step => ({ do: "set-mode", path, mode });

describe.each(Object.entries(shells))("%s", (_, shell) => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(joinText(base, "target-"));
  });

  const at = (path: Path) => bytesOf(`${dir}/${path}`);
  const file = (path: Path, content = path) => writeFileSync(at(path), content);
  const directory = (path: Path) => mkdirSync(at(path), { recursive: true });
  const content = (path: Path) => readFileSync(at(path), "latin1");
  const modeOf = (path: Path) => lstatSync(at(path)).mode & 0o7777;
  const paths = () => [...snapshot(dir).keys()].sort();
  /** The outcomes of `steps`, one word each. */
  const run = (steps: readonly Step[], options?: Run) =>
    outcomesOf(shell, dir, steps, options).map((outcome) => outcome.is);
  const runOne = (step: Step, options?: Run) => outcomesOf(shell, dir, [step], options)[0]!;

  describe("moves", () => {
    test("a file and a directory with all in it", () => {
      file("a");
      directory("d/e");
      file("d/e/f");
      expect(run([move("a", "d/a"), move("d", "x")])).toEqual(["done", "done"]);
      expect(paths()).toEqual(["x", "x/a", "x/e", "x/e/f"]);
    });

    test("over a file, also one that may not be written to", () => {
      file("a", "new");
      file("b", "old");
      chmodSync(at("b"), 0o400);
      expect(run([move("a", "b")])).toEqual(["done"]);
      expect([paths(), content("b")]).toEqual([["b"], "new"]);
    });

    test("never into a directory, be it empty or not", () => {
      file("a");
      directory("s");
      directory("d");
      for (const from of ["a", "s"]) expect(run([move(from, "d")])).toEqual(["occupied"]);
      expect(paths()).toEqual(["a", "d", "s"]);
    });

    test("never a directory over something else", () => {
      directory("d");
      file("f");
      symlinkSync("nowhere", at("l"));
      for (const to of ["f", "l"]) expect(run([move("d", to)])).toEqual(["occupied"]);
      expect(paths()).toEqual(["d", "f", "l"]);
    });

    test("over a symlink without following it, whatever it points to", () => {
      directory("outside");
      for (const target of ["outside", "nowhere", "other"]) {
        file("other", "other");
        symlinkSync(target, at("l"));
        file("a", "moved");
        expect(run([move("a", "l")])).toEqual(["done"]);
        expect([lstatSync(at("l")).isFile(), content("l"), content("other")]).toEqual([
          true,
          "moved",
          "other",
        ]);
        expect(run([remove("l"), remove("other")])).toEqual(["done", "done"]);
        expect(paths()).toEqual(["outside"]);
      }
    });

    test("a symlink as such", () => {
      directory("d");
      symlinkSync("d", at("l"));
      symlinkSync("nowhere", at("dangling"));
      expect(run([move("l", "m"), move("dangling", "n")])).toEqual(["done", "done"]);
      expect([readlinkSync(at("m")), readlinkSync(at("n"))]).toEqual(["d", "nowhere"]);
    });

    test("what is gone: already there, or missing; both end the batch", () => {
      file("b");
      file("x");
      expect(run([move("a", "b"), move("x", "y")])).toEqual(["already", "skipped"]);
      expect(run([move("a", "c"), move("x", "y")])).toEqual(["missing", "skipped"]);
      expect(paths()).toEqual(["b", "x"]);
    });

    test("what is gone: in a replay the batch goes on", () => {
      symlinkSync("nowhere", at("b"));
      file("x");
      const steps = [move("a", "b"), move("a", "c"), move("x", "y")];
      expect(run(steps, { replay: true })).toEqual(["already", "missing", "done"]);
      expect(paths()).toEqual(["b", "y"]);
    });

    test("into a directory that is not there: failed with a reason, and the batch ends", () => {
      file("a");
      file("x");
      const outcomes = outcomesOf(shell, dir, [move("a", "no/a"), move("x", "y"), remove("x")]);
      expect(outcomes.map((outcome) => outcome.is)).toEqual(["failed", "skipped", "skipped"]);
      expect(outcomes[0]).toMatchObject({ reason: expect.stringMatching(/No such file or directory/) });
      expect(paths()).toEqual(["a", "x"]);
    });
  });

  describe("removals", () => {
    test("of a file, of nothing, and of a symlink but not of what it points to", () => {
      directory("d");
      file("d/f");
      file("a");
      symlinkSync("d", at("l"));
      expect(run([remove("a"), remove("gone"), remove("no/where"), remove("l")])).toEqual(
        Array(4).fill("done"),
      );
      expect(paths()).toEqual(["d", "d/f"]);
    });

    test("of a file that became an empty directory", () => {
      directory("d");
      expect(run([remove("d")])).toEqual(["done"]);
      expect(paths()).toEqual([]);
    });

    test("of 300: the one that is a full directory is the only one that stays and is reported", () => {
      const names = Array.from({ length: 300 }, (_, number) => `f${number}`);
      for (const name of names) if (name !== "f150") file(name);
      directory("f150/kept");
      const outcomes = outcomesOf(shell, dir, names.map(remove));
      const kept = outcomes.flatMap((outcome, index) => (outcome.is === "done" ? [] : [[index, outcome.is]]));
      expect(kept).toEqual([[150, "kept"]]);
      expect(paths()).toEqual(["f150", "f150/kept"]);
    });

    test("that find a full directory do not end the batch", () => {
      directory("d/e");
      file("a");
      expect(run([remove("d"), remove("a"), move("d", "x")])).toEqual(["kept", "done", "done"]);
    });

    test("of directories: done if empty or gone, kept if not, kept if something else", () => {
      directory("empty");
      directory("full");
      file("full/.hidden");
      directory("blank");
      file("blank/ ");
      directory("line");
      file("line/\n");
      file("file");
      symlinkSync("empty", at("link"));
      const names = ["empty", "gone", "full", "blank", "line", "file", "link"];
      expect(run(names.map(removeDirectory))).toEqual([
        "done",
        "done",
        "kept",
        "kept",
        "kept",
        "kept",
        "kept",
      ]);
      expect(paths()).toEqual([
        "blank",
        "blank/ ",
        "file",
        "full",
        "full/.hidden",
        "line",
        "line/\n",
        "link",
      ]);
    });

    test("of trees, of single files and of nothing, but not through a symlink", () => {
      directory("d/e");
      file("d/e/f");
      file("a");
      directory("outside");
      file("outside/f");
      symlinkSync("outside", at("l"));
      symlinkSync("../outside", at("d/l"));
      expect(run(["d", "a", "gone", "l"].map(removeTree))).toEqual(Array(4).fill("done"));
      expect(paths()).toEqual(["outside", "outside/f"]);
    });
  });

  describe("new directories", () => {
    test("have their mode whatever the umask, and are open to their owner", () => {
      const steps = [makeDirectory("a"), makeDirectory("a/b", 0o500), makeDirectory("a/c", 0o1777)];
      expect(run(steps, { profile: "umask 077\n" })).toEqual(["done", "done", "done"]);
      expect(["a", "a/b", "a/c"].map(modeOf)).toEqual([0o755, 0o700, 0o1777]);
    });

    test("may be there already: they get their mode", () => {
      directory("a");
      file("a/f");
      chmodSync(at("a"), 0o2700);
      expect(run([makeDirectory("a"), makeDirectory("b")])).toEqual(["done", "done"]);
      expect([modeOf("a"), paths()]).toEqual([0o755, ["a", "a/f", "b"]]);
    });

    test.each(["file", "link", "dangling"])("do not replace a %s unless they may", (name) => {
      directory("outside");
      file("outside/f");
      file("file");
      symlinkSync("outside", at("link"));
      symlinkSync("nowhere", at("dangling"));
      file("x");
      const steps = [makeDirectory(name), move("x", "y")];
      const before = paths();
      expect(run(steps)).toEqual(["occupied", "skipped"]);
      expect(paths()).toEqual(before);
      expect(run(steps, { mayReplace: true })).toEqual(["done", "done"]);
      expect(lstatSync(at(name)).isDirectory()).toBe(true);
      expect(content("outside/f")).toBe("outside/f");
    });

    test("below nothing: failed, and what follows is not tried", () => {
      file("x");
      const outcomes = run([makeDirectory("no/a"), move("x", "y")]);
      expect(outcomes).toEqual(["failed", "skipped"]);
      expect(paths()).toEqual(["x"]);
    });

    test("beside one that fails are reported as they are", () => {
      file("b");
      const outcomes = run(["a", "b", "c"].map((name) => makeDirectory(name)));
      expect([outcomes[0], outcomes[1]]).toEqual(["done", "occupied"]);
      expect(outcomes[2] === "done").toBe(existsSync(at("c")));
    });
  });

  test("sets modes exactly, with and without set-id bits, and goes on after one that fails", () => {
    directory("d");
    file("f");
    chmodSync(at("d"), 0o2700);
    chmodSync(at("f"), 0o4755);
    const steps = [setMode("d", 0o755), setMode("gone", 0o755), setMode("f", 0o644), setMode("d", 0o1777)];
    expect(run(steps.slice(0, 3))).toEqual(["done", "failed", "done"]);
    expect([modeOf("d"), modeOf("f")]).toEqual([0o755, 0o644]);
    expect(run(steps.slice(3))).toEqual(["done"]);
    expect(modeOf("d")).toBe(0o1777);
  });

  test("mixes all kinds of steps in their order", () => {
    file("a");
    directory("old");
    file("old/f");
    const steps = [
      makeDirectory("d"),
      move("a", "d/a"),
      move("old/f", "d/f"),
      removeDirectory("old"),
      setMode("d/a", 0o600),
      setMode("d/f", 0o600),
      remove("d/f"),
      setMode("d", 0o500),
    ];
    expect(run(steps)).toEqual(Array(steps.length).fill("done"));
    expect([paths(), modeOf("d"), modeOf("d/a")]).toEqual([["d", "d/a"], 0o500, 0o600]);
  });

  test("takes every byte and every trick in a name through every kind of step, and executes nothing", () => {
    const bytes = Array.from({ length: 255 }, (_, code) => String.fromCharCode(code + 1));
    const tricks = [
      ...["$(touch PWNED)", "`touch PWNED`", "; touch PWNED;", "\ntouch PWNED\n", "'; touch PWNED; '"],
      ...[
        "'\n touch PWNED\n'",
        "\\'; touch PWNED; #",
        "$IFS",
        `$\{PWNED:=1}`,
        "-rf",
        "--help",
        "-",
        "-m 777",
      ],
      ...[
        "EOF",
        "\n",
        "\n\n",
        "end \n",
        " ",
        "*",
        "?",
        "[a-z]",
        "!!",
        `${token} 0 end 0`,
        `\n${token} 0 end 0\n`,
      ],
    ];
    const words = [...bytes.filter((byte) => byte !== "/" && byte !== "."), ...tricks, ...oddNames];
    const names = [
      ...new Set([
        ...words,
        bytes
          .filter((byte) => byte !== "/")
          .join("")
          .slice(0, 250),
      ]),
    ];
    for (const folder of ["files", "gone", "trees", "empty", "made"]) directory(folder);
    for (const name of names) {
      file(join("files", name), name);
      file(join("gone", name));
      directory(join(join("trees", name), name));
      directory(join("empty", name));
    }
    const inEach = (step: (name: string) => Step) => names.map(step);
    const steps = [
      ...inEach((name) => makeDirectory(join("made", name))),
      ...inEach((name) => setMode(join("made", name), 0o750)),
      ...inEach((name) => move(join("files", name), join(join("made", name), name))),
      ...inEach((name) => remove(join("gone", name))),
      ...inEach((name) => removeTree(join("trees", name))),
      ...inEach((name) => removeDirectory(join("empty", name))),
    ];
    const outcomes = outcomesOf(shell, dir, steps);
    expect(outcomes.filter((outcome) => outcome.is !== "done")).toEqual([]);
    for (const folder of ["files", "gone", "trees", "empty"]) expect(namesIn(`${dir}/${folder}`)).toEqual([]);
    expect(namesIn(`${dir}/made`)).toEqual([...names].sort());
    for (const name of names) {
      const made = join("made", name);
      expect([namesIn(`${dir}/${made}`), modeOf(made)]).toEqual([[name], 0o750]);
      expect(content(join(made, name))).toBe(Buffer.from(name, "utf8").toString("latin1"));
    }
    expect(namesIn(dir)).toEqual(["empty", "files", "gone", "made", "trees"]);
    expect(namesIn(base)).not.toContain("PWNED");
  });

  test("takes no name at the top for an option, whatever it starts with", () => {
    const names = ["-", "-rf", "--", "--help", "-m", "-f", "=", "!", "(", "+x", "~", "$PWD"];
    const steps = names.flatMap((name) => [
      makeDirectory(name),
      setMode(name, 0o700),
      move(name, `${name}2`),
      makeDirectory(name),
      removeDirectory(name),
      removeTree(`${name}2`),
    ]);
    expect(run(steps)).toEqual(Array(steps.length).fill("done"));
    for (const name of names) file(name);
    expect(run(names.map(remove))).toEqual(Array(names.length).fill("done"));
    expect(paths()).toEqual([]);
  });

  test("reports a failure of a name with line breaks on one line", () => {
    const name = `no\n${token} 0 d 1\n/x`;
    const outcome = runOne(setMode(name, 0o755));
    expect(outcome.is).toBe("failed");
  });

  test("works in a directory with any name", () => {
    const odd = `${dir}/${fromText("ü")}\xff '$(touch PWNED)'\n-`;
    mkdirSync(bytesOf(odd));
    expect(outcomesOf(shell, odd, [makeDirectory("a")])).toEqual([{ is: "done" }]);
    expect([namesIn(odd), namesIn(dir).length]).toEqual([["a"], 1]);
  });

  test("says that the directory is lost, and does nothing elsewhere", () => {
    const script = prelude(token, true) + batchScript(`${dir}/no`, [makeDirectory("a"), remove("b")], false);
    file("b");
    const answers = output(shell, script, dir)
      .split("\n")
      .map((line) => readAnswer(token, line)?.is);
    expect(answers).toEqual(["lost", "end", undefined]);
    expect(paths()).toEqual(["b"]);
  });

  test("goes on with the next batch after one that ended early", () => {
    file("a");
    const script = [
      prelude(token, false),
      batchScript(dir, [move("a", "no/a"), remove("a")], false),
      batchScript(dir, [move("a", "b")], false),
    ];
    expect(
      output(shell, script.join(""))
        .split("\n")
        .map((line) => readAnswer(token, line)?.is),
    ).toEqual(["outcome", "end", "outcome", "end", undefined]);
    expect(paths()).toEqual(["b"]);
  });

  test("is not disturbed by what the account prints, its CDPATH and its aliases", () => {
    file("a");
    mkdirSync(joinText(base, "elsewhere"), { recursive: true });
    const profile = `echo hello; printf 'no end of line'; CDPATH=${base}/elsewhere; export CDPATH; IFS=x\n`;
    expect(run([move("a", "b"), remove("gone")], { profile, before: "printf 'more noise '\n" })).toEqual([
      "done",
      "done",
    ]);
  });
});

describe("batchScript", () => {
  test("puts like steps into few calls, but bounds their number and length", () => {
    const calls = (steps: Step[]) => batchScript("/t", steps, false).trim().split("\n").slice(1, -1);
    const names = Array.from({ length: 250 }, (_, number) => `f${number}`);
    expect(calls(names.map(remove)).length).toBe(3);
    const long = Array.from({ length: 30 }, (_, number) => `${number}/${"x".repeat(4_000)}`);
    for (const call of calls(long.map(remove))) expect(call.length).toBeLessThan(70_000);
    expect(calls([remove("a"), removeTree("b"), remove("c")]).length).toBe(3);
    expect(calls([setMode("a", 0o755), setMode("b", 0o644)]).length).toBe(2);
    expect(calls([])).toEqual([]);
  });

  test("refuses a path that leads out of the directory", () => {
    for (const path of ["../a", "/etc/passwd", "a/../../b", "a\0b"]) {
      expect(() => batchScript("/t", [remove(path)], false)).toThrow();
      expect(() => batchScript("/t", [move("a", path)], false)).toThrow();
    }
  });
});

describe("readAnswer", () => {
  test("reads outcomes, ranges and reasons", () => {
    expect(readAnswer(token, `${token} 7 d 3`)).toEqual({
      is: "outcome",
      index: 7,
      count: 3,
      outcome: { is: "done" },
    });
    expect(readAnswer(token, `${token} 0 f 1 mv: cannot  do it `)).toMatchObject({
      outcome: { is: "failed", reason: "mv: cannot  do it" },
    });
    const codes = ["y", "z", "o", "k"].map((code) => {
      const answer = readAnswer(token, `${token} 0 ${code} 1`);
      return answer?.is === "outcome" ? answer.outcome.is : null;
    });
    expect(codes).toEqual(["already", "missing", "occupied", "kept"]);
  });

  test("reads an answer behind an unfinished line", () => {
    expect(readAnswer(token, `Last login: today${token} 0 end 0`)).toEqual({ is: "end" });
  });

  test("takes everything else for noise", () => {
    for (const line of ["", "Welcome!", "0 d 1", token, `${token} 0`, `${token} 0 w 1`, "tsync-other 0 d 1"])
      expect(readAnswer(token, line)).toBeNull();
    fc.assert(fc.property(fc.string(), (line) => expect(readAnswer(token, line)).toBeNull()));
  });
});

test("shellQuote makes one word of anything", () => {
  const byte = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
  const words = fc.array(fc.string({ unit: byte }), { maxLength: 20 });
  fc.assert(
    fc.property(words, (list) => {
      const script = `printf '%s\\0' begin ${list.map(shellQuote).join(" ")}\n`;
      expect(output(shells.dash!, script)).toBe(["begin", ...list, ""].join("\0"));
    }),
    { numRuns: 50 },
  );
});
