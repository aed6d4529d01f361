/** What this process uses of the machine. */

export interface ProcessUsage {
  /** Memory that is resident. */
  readonly residentBytes: number;
  /** Time of processors, in user and system mode together. */
  readonly cpuSeconds: number;
}

/** See above, at this moment. */
export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1_000_000 };
}
