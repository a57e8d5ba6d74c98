const FORMATS = ["simple", "json", "none"] as const;

/** Config of the console. */
export interface ConsoleConfig {
  /** `simple`: operation, table and values; `json`: the lines as they are; `none`: nothing is printed. Default `simple`. */
  readonly outputFormat?: (typeof FORMATS)[number];
}

/** JSON Schema of {@link ConsoleConfig}. */
export const CONSOLE_SCHEMA = {
  type: "object",
  properties: {
    outputFormat: { enum: FORMATS, description: "How a change is printed; none prints nothing." },
  },
} as const;

/** What is wrong with a config. */
export function consoleProblem(config: unknown): string | undefined {
  const { outputFormat } = config as Record<string, unknown>;
  if (outputFormat === undefined || (FORMATS as readonly unknown[]).includes(outputFormat)) return undefined;
  return `outputFormat is ${JSON.stringify(outputFormat)}, and must be one of ${FORMATS.join(", ")}`;
}
