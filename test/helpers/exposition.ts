/** A strict reader of Prometheus' text format: whatever the format does not allow is an error. */

/** A metric as it was read. */
export interface ReadMetric {
  readonly type: string;
  readonly help: string;
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const number = /^(?:NaN|[+-]Inf|[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)$/;
const sample = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/s;
/** A label; its value may hold anything but a line feed, with `\\`, `\"` and `\n` for what cannot stand there. */
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"\n]|\\[\\"n])*)"(?:,|$)/y;

/** The metrics in `text` by name. Each must have a help, a type, and then all of its samples; none may be there twice. */
export function readExposition(text: string): ReadonlyMap<string, ReadMetric> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const metrics = new Map<string, ReadMetric>();
  const lines = text.slice(0, -1).split("\n");
  const seen = new Set<string>();
  for (let at = 0; at < lines.length; ) {
    const help = /^# HELP (\S+) (.+)$/s.exec(lines[at++]!);
    const type = /^# TYPE (\S+) (gauge|counter)$/.exec(lines[at++] ?? "");
    if (help === null || type === null || help[1] !== type[1])
      throw new Error(`line ${at}: no HELP with TYPE`);
    const name = help[1]!;
    if (!metricName.test(name)) throw new Error(`${name} is not a name`);
    if (metrics.has(name)) throw new Error(`${name} is there twice`);
    if (!/^(?:[^\\]|\\[\\n])*$/.test(help[2]!)) throw new Error(`wrong escape in the help of ${name}`);
    const samples: ReadMetric["samples"] = [];
    for (; at < lines.length && !lines[at]!.startsWith("#"); at++) {
      const match = sample.exec(lines[at]!);
      if (match === null || match[1] !== name) throw new Error(`line ${at + 1}: no sample of ${name}`);
      if (!number.test(match[3]!)) throw new Error(`line ${at + 1}: ${match[3]} is not a number`);
      const labels = readLabels(match[2] ?? "");
      const identity = JSON.stringify([name, Object.entries(labels).sort()]);
      if (seen.has(identity)) throw new Error(`line ${at + 1}: there twice`);
      seen.add(identity);
      samples.push({ labels, value: Number(match[3]!.replace("Inf", "Infinity")) });
    }
    if (samples.length === 0) throw new Error(`${name} has no samples`);
    metrics.set(name, { type: type[2]!, help: help[2]!, samples });
  }
  return metrics;
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  for (let at = 0; at < text.length; at = label.lastIndex) {
    label.lastIndex = at;
    const match = label.exec(text);
    if (match === null) throw new Error(`no label at ${text.slice(at)}`);
    if (Object.hasOwn(labels, match[1]!)) throw new Error(`label ${match[1]} is there twice`);
    labels[match[1]!] = match[2]!.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
  }
  return labels;
}
