/** What errors of the file system mean. */

/** Codes that mean "there is nothing at this path". ENOTDIR and ELOOP: something above it is no directory. */
const absentCodes = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** True if the error says that there is nothing at the path. */
export function isAbsence(error: unknown): boolean {
  return absentCodes.has((error as { code?: string }).code ?? "");
}

/** The error's message without the name of the call and the path. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+ '.*/s, "") : String(error);
}
