/** Compares with rsync itself. */
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { applyChmod, parseChmod } from "../../src/core/chmod.ts";
import { tempDir } from "../helpers/process.ts";

const folder = tempDir("tsync-chmod-");
const umask = 0o022;
process.umask(umask);
mkdirSync(`${folder}/source`);

/** What rsync makes of `modes` (of files, then of directories); null if it refuses `text`. */
function rsyncModes(text: string, files: readonly number[], directories: readonly number[]): number[] | null {
  const names: string[] = [];
  const put = (name: string, mode: number) => {
    chmodSync(`${folder}/source/${name}`, mode);
    names.push(name);
  };
  rmSync(`${folder}/source`, { recursive: true });
  rmSync(`${folder}/target`, { recursive: true, force: true });
  mkdirSync(`${folder}/source`);
  for (const [at, mode] of files.entries()) {
    writeFileSync(`${folder}/source/f${at}`, "");
    put(`f${at}`, mode);
  }
  for (const [at, mode] of directories.entries()) {
    mkdirSync(`${folder}/source/d${at}`);
    put(`d${at}`, mode);
  }
  const argv = ["rsync", "-pd", `--chmod=${text}`, ...names, "../target/"];
  if (Bun.spawnSync(argv, { cwd: `${folder}/source`, stderr: "ignore" }).exitCode !== 0) return null;
  return names.map((name) => statSync(`${folder}/target/${name}`).mode & 0o7777);
}

const who = fc.stringMatching(/^[ugoa]{0,3}$/);
const symbolic = fc
  .tuple(
    fc.constantFrom("", "D", "F", "DD"),
    who,
    fc.constantFrom("+", "-", "="),
    fc.oneof(fc.constantFrom("u", "g", "o"), fc.stringMatching(/^[rwxXst]{0,4}$/)),
  )
  .map((parts) => parts.join(""));
const octal = fc
  .tuple(fc.constantFrom("", "D", "F"), fc.integer({ min: 0, max: 0o7777 }))
  .map(([kind, mode]) => kind + mode.toString(8));
const list = fc
  .array(fc.oneof({ weight: 4, arbitrary: symbolic }, octal), { minLength: 1, maxLength: 4 })
  .map((rules) => rules.join(","));
const modes = fc.array(fc.integer({ min: 0, max: 0o7777 }), { minLength: 3, maxLength: 8 });

test("changes as rsync does", () => {
  // Without rights of its owner only root can go on working in a directory.
  const usable = (mode: number) => (process.getuid?.() === 0 ? mode : mode | 0o700);
  fc.assert(
    fc.property(list, modes, modes, (text, files, directories) => {
      const rules = parseChmod(text);
      expect(rules).not.toBeNull();
      const [f, d] = [files.map(usable), directories.map(usable)];
      expect(rsyncModes(text, f, d)).toEqual([
        ...f.map((mode) => applyChmod(rules!, mode, false, umask)),
        ...d.map((mode) => applyChmod(rules!, mode, true, umask)),
      ]);
    }),
    { numRuns: 60 },
  );
});

test("refuses what rsync refuses", () => {
  const texts = [
    "",
    ",",
    "u+x,",
    ",u+x",
    "ug",
    "8",
    "77777",
    "DF755",
    "u+r-w",
    "u+q",
    "u +r",
    "u=gr",
    "u=go",
    "x",
  ];
  for (const text of texts) {
    expect([text, parseChmod(text)]).toEqual([text, null]);
    expect([text, rsyncModes(text, [0o644], [])]).toEqual([text, null]);
  }
});
