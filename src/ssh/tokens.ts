/**
 * Replaces what OpenSSH replaces in a file name (ssh_config(5), TOKENS): a leading `~`, `%x` and `${VARIABLE}`.
 * `ssh -G` leaves these in `identityfile`. `tokens` maps the letter after `%` to its value and must hold `d`, the
 * home directory. What has no value stays as it is.
 */
export function expandTokens(
  path: string,
  tokens: Record<string, string> & { d: string },
  env: Record<string, string | undefined>,
): string {
  const absolute = path === "~" || path.startsWith("~/") ? `${tokens.d}${path.slice(1)}` : path;
  return absolute.replace(
    /%(.)|\$\{([^}]+)\}/g,
    (whole, letter: string | undefined, variable: string | undefined) =>
      (letter === undefined ? env[variable ?? ""] : tokens[letter]) ?? whole,
  );
}
