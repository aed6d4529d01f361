import { describe, expect, test } from "bun:test";
import { comparedIn, listedIn } from "../../src/target/rsync-look.ts";

describe("comparedIn", () => {
  test.each([
    [".f          ", []],
    ["hf          ", []],
    [".f..T...... ", []],
    [">f+++++++++ ", "new"],
    ["cd+++++++++ ", "new"],
    ["hf+++++++++ ", "new"],
    ["<f.st...... ", ["size", "mtime"]],
    [">fcs....... ", ["content", "size"]],
    ["<fc........ ", ["content"]],
    [".d..t...... ", ["mtime"]],
    [".f...p..... ", ["mode"]],
    [".f...pog... ", ["mode", "owner", "group"]],
    ["cLc........ ", ["link"]],
    ["cD.c....... ", ["device"]],
    ["cS......... ", []],
    [".f.......ax ", ["acl", "xattr"]],
    [".f......u.. ", ["atime"]],
    // Sent although nothing differs that shows.
    ["<f..T...... ", ["content"]],
  ] as const)("%s", (code, expected) => {
    expect([...comparedIn(`${code}a b\n`)]).toEqual([["a b", expected]] as never);
  });

  test("names, and lines that are none", () => {
    const stdout =
      ".d          d/\n>f+++++++++ new\\#012line\ncannot delete non-empty directory: x\n*deleting   y\n\n";
    expect([...comparedIn(stdout)]).toEqual([
      ["d", []],
      ["new\nline", "new"],
    ]);
  });
});

test("listedIn reads kinds, modes and sizes", () => {
  const stdout = [
    ".d          rwxr-xr-x 4096 ./",
    ">f+++++++++ rwsr-x--- 5 a b",
    ">f+++++++++ rw-r-Sr-T 12345678901 d/e",
    "cd+++++++++ rwxrwxrwt 4096 d/",
    "cL+++++++++ rwxrwxrwx 3 l",
    "cS+++++++++ rw-r--r-- 0 fifo",
    "cD+++++++++ rw-rw---- 0 dev",
    ">f+++++++++ --------- 0 new\\#012line",
    "noise",
  ].join("\n");
  expect([...listedIn(stdout)]).toEqual([
    ["", { kind: "directory", mode: 0o755, size: 4096 }],
    ["a b", { kind: "file", mode: 0o4750, size: 5 }],
    ["d/e", { kind: "file", mode: 0o3644, size: 12345678901 }],
    ["d", { kind: "directory", mode: 0o1777, size: 4096 }],
    ["l", { kind: "symlink", mode: 0o777, size: 3 }],
    ["fifo", { kind: "special", mode: 0o644, size: 0 }],
    ["dev", { kind: "special", mode: 0o660, size: 0 }],
    ["new\nline", { kind: "file", mode: 0, size: 0 }],
  ]);
});
