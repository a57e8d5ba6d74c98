/** A metric with its samples, as Prometheus calls it a family. */
export interface MetricFamily {
  /** Letters, digits and underscores; a counter's ends with `_total`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

/** One line of a family. */
export interface MetricSample {
  /** `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What the answer to a scrape says it is. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The families in Prometheus' text format 0.0.4; one without samples is left out. */
export function exposition(families: readonly MetricFamily[]): string {
  const told = families.filter(({ samples }) => samples.length > 0);
  return told
    .map((family) => [...headOf(family), ...family.samples.map((one) => line(family, one))].join("\n"))
    .join("\n")
    .concat("\n");
}

function headOf({ name, help, type }: MetricFamily): string[] {
  return [`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`, `# TYPE ${name} ${type}`];
}

function line({ name }: MetricFamily, { suffix = "", labels, value }: MetricSample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  const all = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return `${name}${suffix}${all} ${numberText(value)}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
