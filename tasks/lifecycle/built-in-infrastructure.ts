import type { BuiltInInfrastructure } from "./contribution";

/** Each is loaded when it is asked for; a provider that isn't here needs no infrastructure. */
const INFRASTRUCTURES: Readonly<Record<string, () => Promise<BuiltInInfrastructure>>> = {
  postgres: async () => (await import("../providers/postgres/infrastructure")).infrastructure,
  servicebus: async () => (await import("../providers/servicebus/infrastructure")).infrastructure,
  sqlserver: async () => (await import("../providers/sqlserver/infrastructure")).infrastructure,
};

/** What a built-in provider adds to a task's stack; undefined when it needs nothing. */
export async function builtInInfrastructure(name: string): Promise<BuiltInInfrastructure | undefined> {
  return INFRASTRUCTURES[name]?.();
}
