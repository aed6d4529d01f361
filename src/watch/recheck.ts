/**
 * Looks at what events named once more, a little later: Bun drops an event that follows another one of the same name
 * within about two milliseconds, even if that has been delivered.
 */

/** How long after an event comes the second look, at least; at most twice as long. */
const recheckMs = 10;

/** Names in places of any kind. */
export class Recheck<Place> {
  #names = new Map<Place, Set<string>>();
  #next = new Map<Place, Set<string>>();
  #timer: Timer | null = null;
  #rounds = 0;

  constructor(private readonly look: (place: Place, names: ReadonlySet<string>) => void) {}

  /** Something happened to `name` in `place`. Returns how many names wait there that it happened to since the last round. */
  add(place: Place, name: string): number {
    let names = this.#names.get(place);
    if (names === undefined) {
      names = new Set();
      this.#names.set(place, names);
    }
    names.add(name);
    this.#timer ??= setTimeout(() => this.#round(), recheckMs);
    return names.size;
  }

  /** Resolves once everything has been looked at that was added before the call. */
  async settled(): Promise<void> {
    for (const last = this.#rounds + 2; this.#timer !== null && this.#rounds < last; ) await Bun.sleep(1);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** What was added before the last round is old enough. */
  #round(): void {
    this.#rounds++;
    const due = this.#next;
    this.#next = this.#names;
    this.#names = new Map();
    this.#timer = this.#next.size > 0 ? setTimeout(() => this.#round(), recheckMs) : null;
    for (const [place, names] of due) this.look(place, names);
  }
}
