/** Makes faults happen for a while. */
import { Random } from "../helpers/trees.ts";
import { type FaultKind, faultKinds } from "./faults.ts";
import type { Site } from "./site.ts";

type Place = FaultKind["place"];

/** The longest pause between two faults of a place, in ms. */
const pauseMaxMs: Record<Place, number> = { process: 3_000, line: 1_500, target: 8_000 };

export interface ChaosOptions {
  /** 1 for the usual pauses between faults, less for shorter ones. */
  readonly pauseShare: number;
  /** Hears of each fault. */
  readonly told: (name: string) => void;
}

/** The faults of one site. */
export class Chaos {
  /** Those that did not happen yet: they come first, so that each comes once. */
  readonly #fresh: FaultKind[];
  /** One for each place: so the order does not depend on how long things take at others. */
  readonly #randoms: Record<Place, Random>;

  constructor(
    private readonly site: Site,
    random: Random,
    private readonly options: ChaosOptions,
  ) {
    this.#fresh = possibleFaults(site);
    const derived = () => new Random(random.int(2 ** 31));
    this.#randoms = { process: derived(), line: derived(), target: derived() };
  }

  /** Inflicts faults for `durationMs`; all are over when it resolves. */
  async reign(durationMs: number): Promise<void> {
    const endMs = performance.now() + durationMs;
    const places = Object.keys(pauseMaxMs) as Place[];
    await Promise.all(places.map((place) => this.#reignAt(place, this.#randoms[place], endMs)));
  }

  async #reignAt(place: Place, random: Random, endMs: number): Promise<void> {
    const { site, options } = this;
    for (;;) {
      const pauseMs = random.int(pauseMaxMs[place]) * options.pauseShare;
      await Bun.sleep(Math.min(pauseMs, Math.max(0, endMs - performance.now())));
      const kind = performance.now() < endMs ? this.#next(place, random) : undefined;
      if (kind === undefined) return;
      site.mirror.note(kind.name);
      options.told(kind.name);
      await kind.inflict(site, random);
      site.mirror.note(`over: ${kind.name}`);
    }
  }

  #next(place: Place, random: Random): FaultKind | undefined {
    const fresh = this.#fresh.filter((kind) => kind.place === place);
    const choices = possibleFaults(this.site)
      .filter((kind) => kind.place === place)
      .flatMap((kind) => Array<FaultKind>(kind.weight).fill(kind));
    if (choices.length === 0) return undefined;
    const kind = random.pick(fresh.length > 0 ? fresh : choices);
    if (this.#fresh.includes(kind)) this.#fresh.splice(this.#fresh.indexOf(kind), 1);
    return kind;
  }
}

/** The faults that can be made at `site`. */
function possibleFaults(site: Site): FaultKind[] {
  return faultKinds.filter((kind) => !kind.impossible?.(site));
}
