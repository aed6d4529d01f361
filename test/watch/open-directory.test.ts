/** Both ways to read a directory must say the same: what one recorded, the other compares with. */
import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { fromText, toFs } from "../../src/core/path.ts";
import { type FileStats, rawDirectory } from "../../src/system/raw-directory.ts";
import {
  inDirectoryByNode,
  inDirectoryRaw,
  lstat,
  type OpenDirectory,
} from "../../src/watch/open-directory.ts";
import { oddNames } from "../helpers/odd-names.ts";
import { tempDir } from "../helpers/process.ts";

const isRoot = process.getuid?.() === 0;

/** All that is told of what is in a directory, in the order in which it is told. */
function told({ names, lstat }: OpenDirectory): [string, FileStats][] {
  return names.map((name) => {
    const { mode, size, rdev, mtimeMs, uid, gid, dev, ino, birthtimeMs } = lstat(name);
    return [name, { mode, size, rdev, mtimeMs, uid, gid, dev, ino, birthtimeMs }];
  });
}

/** What both ways tell of the directory at `absolute`, which is the same. */
function toldOf(absolute: string): [string, FileStats][] {
  const raw = inDirectoryRaw(absolute, told);
  expect(raw).toEqual(inDirectoryByNode(absolute, told));
  return raw;
}

function run(...argv: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(argv);
  if (exitCode !== 0) throw new Error(stderr.toString());
}

test("directories are read by the C library where tests run", () => {
  expect(rawDirectory() !== null).toBe(process.platform === "linux");
});

test.skipIf(rawDirectory() === null)("entries of all kinds are told alike", async () => {
  const place = fromText(tempDir("tsync-open-directory-"));
  const at = (name: string) => toFs(`${place}/${name}`);
  for (const name of oddNames) writeFileSync(at(name), name);
  for (const name of ["n".repeat(255), "\xff".repeat(255)]) writeFileSync(at(name), "");
  mkdirSync(at("directory"), { mode: 0o1777 });
  mkdirSync(at("not-to-be-entered"), { mode: 0 });
  symlinkSync("nowhere", at("link"));
  symlinkSync("directory", at("link to directory"));
  linkSync(at("a"), at("another name"));
  run("mkfifo", "-m", "602", `${place}/fifo`);
  const socket = createServer().listen(`${place}/socket`);
  for (const mode of [0o4755, 0o2755, 0o1644, 0o7777, 0]) {
    writeFileSync(at(`mode ${mode}`), "");
    chmodSync(at(`mode ${mode}`), mode);
  }
  for (const size of [2 ** 31, 2 ** 32 - 1, 2 ** 32 + 5, 2 ** 42]) {
    closeSync(openSync(at(`size ${size}`), "w"));
    truncateSync(at(`size ${size}`), size);
  }
  const times = [
    "-2147483648",
    "-1.000000001",
    "-0.999999999",
    "0",
    "0.000000001",
    "1.5",
    "1700000000.123456789",
  ];
  for (const time of [
    ...times,
    "1764000000.999999999",
    "2147483648.1",
    "4294967296.000001",
    "8589934592.000000003",
  ]) {
    run("touch", "-d", `@${time}`, `${place}/time ${time}`);
    run("touch", "-h", "-d", `@${time}`, `${place}/link`);
  }
  if (isRoot) {
    for (const id of [1, 65534, 2 ** 31, 2 ** 32 - 2]) {
      writeFileSync(at(`owner ${id}`), "");
      chownSync(at(`owner ${id}`), id, id - 1);
    }
    for (const [kind, major, minor] of [
      ["c", 1, 3],
      ["b", 8, 300],
      ["c", 511, 1048575],
      ["b", 4095, 65536],
    ] as const)
      run("mknod", `${place}/device ${major}`, kind, `${major}`, `${minor}`);
  }
  const all = new Map(toldOf(place));
  socket.close();
  expect(all.size).toBeGreaterThan(oddNames.length + (isRoot ? 30 : 22));
  expect(all.get("time -1.000000001")!.mtimeMs).toBe(-1000.000001);
  expect(all.get(`size ${2 ** 42}`)!.size).toBe(2 ** 42);
  expect(toldOf(`${place}/link to directory`)).toEqual([]);
});

test.skipIf(rawDirectory() === null)("directories of all names, on all file systems, are told alike", () => {
  const place = fromText(tempDir("tsync-open-directory-"));
  for (const name of oddNames) {
    if (oddNames.indexOf(name) !== oddNames.lastIndexOf(name)) continue;
    mkdirSync(toFs(`${place}/${name}`));
    writeFileSync(toFs(`${place}/${name}/in it`), "");
    expect([name, toldOf(`${place}/${name}`).length]).toEqual([name, 1]);
  }
  // Device numbers other than the root's; no time of birth.
  for (const place of ["", "/dev", "/proc/sys", "/sys"])
    expect(toldOf(place || "/.").length).toBeGreaterThan(3);
  expect(new Map(toldOf("/proc/sys")).get("kernel")!.birthtimeMs).toBe(0);
});

test.skipIf(rawDirectory() === null)("a listing of any length is read whole", () => {
  const place = fromText(tempDir("tsync-open-directory-"));
  for (let at = 0; at < 1_500; at++) writeFileSync(`${place}/${at} ${"x".repeat(at % 200)}`, "");
  expect(toldOf(place).length).toBe(1_500);
});

test.skipIf(rawDirectory() === null)(
  "what cannot be read is told as by node:fs, and nothing stays open",
  () => {
    const place = fromText(tempDir("tsync-open-directory-"));
    writeFileSync(`${place}/file`, "");
    const open = () => readdirSync("/proc/self/fd").length;
    const before = open();
    const errors = [inDirectoryRaw, inDirectoryByNode].map((read) => {
      const failure = (absolute: string, name?: string) => {
        try {
          read(absolute, ({ lstat }) => name !== undefined && lstat(name));
          return "none";
        } catch (error) {
          return (error as { code?: string }).code;
        }
      };
      const long = "x".repeat(300);
      const [gone, file] = [failure(`${place}/gone`), failure(`${place}/file`)];
      return [gone, file, ...["gone", long, "file\0"].map((name) => failure(place, name))];
    });
    expect(errors[0]).toEqual(["ENOENT", "ENOTDIR", "ENOENT", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"]);
    expect(errors[1]).toEqual(errors[0]!);
    expect(open()).toBe(before);
  },
);

test("nothing is told apart from what cannot be looked at", () => {
  const folder = tempDir("tsync-directory-");
  writeFileSync(`${folder}/file`, "");
  symlinkSync("loop", `${folder}/loop`);
  expect(lstat(`${folder}/nothing`)).toBeNull();
  expect(lstat(`${folder}/no\xff`)).toBeNull();
  expect(lstat(`${folder}/loop`)).not.toBeNull();
  const codeOf = (path: string) => {
    try {
      return lstat(path) === null ? "nothing" : "something";
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  };
  expect(codeOf(`${folder}/loop/below`)).toBe("ELOOP");
  expect(codeOf(`${folder}/file/below`)).toBe("ENOTDIR");
  expect(codeOf(`${folder}/${"x".repeat(300)}`)).toBe("ENAMETOOLONG");
});
