/** The settings for one host in the form of `ssh -G`: one `keyword value` a line, keywords in lower case. */

/** From the keyword to its values, in order. */
export type Settings = ReadonlyMap<string, string[]>;

/** Reads the output of `ssh -G`. */
export function readSettings(text: string): Settings {
  const settings = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const blank = line.indexOf(" ");
    if (blank < 0) continue;
    const keyword = line.slice(0, blank);
    settings.set(keyword, [...(settings.get(keyword) ?? []), line.slice(blank + 1)]);
  }
  return settings;
}

/** True if `value` is more than "none". */
export function isSet(value: string): boolean {
  return value !== "" && value.toLowerCase() !== "none";
}

/** True for "yes" in both spellings of OpenSSH. */
export function isYes(value: string): boolean {
  return value === "yes" || value === "true";
}

/** Matches a pattern of ssh_config: `*` and `?` are the only special signs. */
export function matchesPattern(text: string, pattern: string): boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (sign) =>
    sign === "*" ? ".*" : sign === "?" ? "." : `\\${sign}`,
  );
  return new RegExp(`^${source}$`, "s").test(text);
}
