/** What tsync writes for itself is never mirrored: each change of it would be a change to be sent, without end. */
import { realpathSync } from "node:fs";
import { runtimeFolder } from "../control/runtime-folder.ts";
import { fromText, type Path } from "../core/path.ts";
import type { Rule } from "../core/rules.ts";
import { stateFolder } from "../ledger/location.ts";
import type { SelectionOptions } from "../watch/selection.ts";
import { isInside } from "./check-overlaps.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `selection` without tsync's own folders, where these are below `base`, the source's root (`""` for `/`). */
export function withoutOwnFolders(
  selection: SelectionOptions,
  base: Path,
  env: Environment,
): SelectionOptions {
  const folders = [stateFolder(env), runtimeFolder(env)].map((folder) => fromText(realPathOf(folder)));
  const rules = folders
    .filter((folder) => isInside(folder, base === "" ? "/" : base))
    .map((folder): Rule => {
      const path = folder.slice(base.length + 1);
      return {
        action: "exclude",
        pattern: {
          text: `/${path}`,
          globs: [{ tokens: [{ kind: "text", text: path }], place: "root", directoryOnly: false }],
        },
        origin: "tsync's own folder",
      };
    });
  return rules.length === 0 ? selection : { ...selection, rules: [...rules, ...selection.rules] };
}

/** Where `folder` is, or would be. */
function realPathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
