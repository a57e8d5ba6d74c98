/** A family that was read. */
export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const HELP = new RegExp(`^# HELP (${NAME}) (.*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (NaN|[+-]Inf|[+-]?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;

/**
 * Reads Prometheus' text format 0.0.4 strictly, and throws with the line that breaks its rules: a family is HELP, TYPE
 * and its samples in one piece, no sample comes twice, counters end with `_total` and aren't negative, and the buckets
 * of a histogram grow up to `+Inf`, which is its count.
 */
export function parseExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, ReadFamily>();
  const seen = new Set<string>();
  let current: { name: string; help: string; family?: ReadFamily } | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const [, helped, help = ""] = HELP.exec(line) ?? [];
    const [, typed, type = ""] = TYPE.exec(line) ?? [];
    if (helped !== undefined) {
      if (families.has(helped)) throw new Error(`in two pieces: ${line}`);
      current = { name: helped, help };
    } else if (typed !== undefined) {
      if (current?.name !== typed || current.family !== undefined) throw new Error(`type without its help: ${line}`);
      current.family = { type, help: current.help, samples: [] };
      families.set(typed, current.family);
    } else {
      const sample = sampleOf(line);
      const own = sample.name === current?.name || isPartOf(sample.name, current);
      if (!own || current?.family === undefined) throw new Error(`sample outside its family: ${line}`);
      const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      current.family.samples.push(sample);
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function isPartOf(name: string, current: { name: string; family?: ReadFamily } | undefined): boolean {
  return (
    current?.family?.type === "histogram" && ["_bucket", "_sum", "_count"].some((end) => name === current.name + end)
  );
}

function sampleOf(line: string): ReadFamily["samples"][number] {
  const [, name, pairs, value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = pairs ?? ""; rest !== "";) {
    const [all, label, text] = LABEL.exec(rest) ?? [];
    if (all === undefined || label === undefined || text === undefined || label in labels)
      throw new Error(`labels of ${line}`);
    labels[label] = text.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
    rest = rest.slice(all.length);
  }
  return { name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

function checkFamily(name: string, { type, samples }: ReadFamily): void {
  if (samples.length === 0) throw new Error(`${name} has no samples`);
  if (type === "counter" && (!name.endsWith("_total") || samples.some(({ value }) => !(value >= 0))))
    throw new Error(`${name} is no counter`);
  if (type !== "histogram") return;
  const buckets = samples.filter((one) => one.name === `${name}_bucket`);
  const values = buckets.map(({ value }) => value);
  const bounds = buckets.map(({ labels }) => Number(labels["le"]?.replace("+Inf", "Infinity")));
  const grow = (all: readonly number[]) => all.every((one, index) => index === 0 || one >= (all[index - 1] ?? 0));
  const count = samples.find((one) => one.name === `${name}_count`)?.value;
  if (!grow(values) || !grow(bounds) || bounds.at(-1) !== Infinity || values.at(-1) !== count)
    throw new Error(`${name} is no histogram`);
}
