/** Only what says that nothing is there is taken for absence: whatever else fails may be there. */
import { expect, test } from "bun:test";
import { isAbsence } from "../../src/system/file-error.ts";

const errorOf = (code: string) => Object.assign(new Error(code), { code });

test("a file system that cannot tell does not say that nothing is there", () => {
  for (const code of [
    "EIO",
    "EACCES",
    "EPERM",
    "ESTALE",
    "ENAMETOOLONG",
    "EMFILE",
    "ENOMEM",
    "ENXIO",
    "EHOSTDOWN",
  ])
    expect(isAbsence(errorOf(code))).toBe(false);
  for (const code of ["ENOENT", "ENOTDIR", "ELOOP"]) expect(isAbsence(errorOf(code))).toBe(true);
});
