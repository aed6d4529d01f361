/** Remembers answers for a while. */

/** How many are remembered at most; with one more, all are forgotten. */
const rememberedMax = 10_000;

/** `lookUp`, whose answers hold for `durationMs`. `nowMs`: on a clock that only goes forward. */
export function remember<Key, Answer>(
  lookUp: (key: Key) => Answer,
  durationMs: number,
  nowMs = () => performance.now(),
): (key: Key) => Answer {
  const remembered = new Map<Key, { readonly answer: Answer; readonly untilMs: number }>();
  return (key) => {
    const known = remembered.get(key);
    const now = nowMs();
    if (known !== undefined && now < known.untilMs) return known.answer;
    if (known === undefined && remembered.size >= rememberedMax) remembered.clear();
    const answer = lookUp(key);
    remembered.set(key, { answer, untilMs: now + durationMs });
    return answer;
  };
}
