type Schema = Readonly<Record<string, unknown>>;

/** Each provider's own module is loaded when it is asked for. */
const SCHEMAS: Readonly<Record<string, () => Promise<Schema>>> = {
  counter: async () => (await import("./counter/config")).COUNTER_SCHEMA,
  console: async () => (await import("./console/config")).CONSOLE_SCHEMA,
  sqlserver: async () => (await import("./sqlserver/provider.json")).configSchema,
  servicebus: async () => (await import("./servicebus/provider.json")).configSchema,
};

/** JSON Schema of what a built-in provider is configured with. */
export async function builtInSchema(name: string): Promise<Schema | undefined> {
  return SCHEMAS[name]?.();
}
