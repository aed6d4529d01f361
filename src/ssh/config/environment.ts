import { matchesPattern, type Settings } from "./settings.ts";

/**
 * The variables that SendEnv and SetEnv want to be set there; SetEnv wins. The server takes those that its
 * AcceptEnv names, and says nothing about the others.
 */
export function environmentOf(
  settings: Settings,
  env: Record<string, string | undefined>,
): Record<string, string> {
  const patterns = settings.get("sendenv") ?? [];
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && patterns.some((pattern) => matchesPattern(name, pattern))) {
      environment[name] = value;
    }
  }
  for (const assignment of settings.get("setenv") ?? []) {
    const equals = assignment.indexOf("=");
    if (equals > 0) environment[assignment.slice(0, equals)] = assignment.slice(equals + 1);
  }
  return environment;
}
