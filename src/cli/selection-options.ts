/** Reads the rules that say what is mirrored, from options and from the files that these name. */
import { readFileSync } from "node:fs";
import type { Resolved } from "../config/settings.ts";
import { Fault, isFault } from "../core/fault.ts";
import { fromText } from "../core/path.ts";
import { patternRule, type Rule, type RuleFileKind, readRuleFile } from "../core/rules.ts";
import { isAbsence, reasonOf } from "../system/file-error.ts";
import type { SelectionOptions } from "../watch/selection.ts";

/** What `resolved` says of what is mirrored. */
export function selectionOptions({ rules: texts, settings }: Resolved): SelectionOptions | Fault {
  let rules: Rule[] = [];
  for (const { option, text, where } of texts) {
    const next = withRule(rules, option, text, where);
    if (isFault(next)) return next;
    rules = next;
  }
  const { "min-size": minBytes, "max-size": maxBytes } = settings;
  return {
    rules,
    gitignore: settings.gitignore === true,
    sizes:
      minBytes === undefined && maxBytes === undefined
        ? null
        : { minBytes: minBytes ?? 0, maxBytes: maxBytes ?? Number.POSITIVE_INFINITY },
    oneFileSystem: settings["one-file-system"] === true,
  };
}

function withRule(
  before: readonly Rule[],
  option: Resolved["rules"][number]["option"],
  text: string,
  where: string,
): Rule[] | Fault {
  if (option === "filter") return readRuleFile("filter", where, fromText(text), before);
  if (option === "include" || option === "exclude") {
    const rule = patternRule(option, fromText(text), where);
    return isFault(rule) ? rule : [...before, rule];
  }
  try {
    const kind = option.replace("-from", "") as RuleFileKind;
    return readRuleFile(kind, text, readFileSync(text, "latin1"), before);
  } catch (error) {
    const reason = isAbsence(error) ? "there is no such file" : reasonOf(error);
    return new Fault("usage", `${where} names ${text}, which cannot be read: ${reason}`);
  }
}
