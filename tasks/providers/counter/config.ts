/** Config of the counter. */
export interface CounterConfig {
  /** Milliseconds between two numbers; as fast as they are taken when 0 or absent. */
  readonly interval?: number;
  /** The last number; counts for ever when absent. */
  readonly max_count?: number;
  /** Name in the metadata; default `Counter`. */
  readonly table?: string;
  /** Bytes of a line at least, for measuring. */
  readonly size?: number;
}

/** JSON Schema of {@link CounterConfig}. */
export const COUNTER_SCHEMA = {
  type: "object",
  properties: {
    interval: {
      type: "integer",
      minimum: 0,
      description: "Milliseconds between two numbers; 0: as fast as they are taken.",
    },
    max_count: { type: "integer", minimum: 0, description: "The last number; counts for ever when absent." },
    table: { type: "string", minLength: 1, description: "TableName in the metadata." },
    size: { type: "integer", minimum: 0, maximum: 104_857_600, description: "Bytes of a line at least." },
  },
} as const;

/** What is wrong with a config. */
export function counterProblem(config: unknown): string | undefined {
  const { interval, max_count, table, size } = config as Record<string, unknown>;
  for (const [name, value] of Object.entries({ interval, max_count, size })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 0)) {
      return `${name} is ${JSON.stringify(value)}, and must be a whole number from 0 on`;
    }
  }
  if (table !== undefined && (typeof table !== "string" || table === "")) return "table must be a name";
  return undefined;
}
