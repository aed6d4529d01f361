/** How much of a wrong value is shown. */
const shownMax = 60;

/** A value of whatever kind, for messages. */
export function shown(raw: unknown): string {
  const text = typeof raw === "number" ? String(raw) : (JSON.stringify(raw) ?? String(raw));
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
