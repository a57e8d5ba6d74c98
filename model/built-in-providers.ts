/** Which end of a task a provider is for. */
export type ProviderRole = "input" | "output";

/** A provider that comes with this package. */
export interface BuiltInProvider {
  /** What a task file calls it. */
  readonly name: string;
  readonly role: ProviderRole;
  /** Its executable, which task files may name as well. */
  readonly executable: string;
}

/** Every provider that comes with this package. */
export const BUILT_IN_PROVIDERS: readonly BuiltInProvider[] = [
  { name: "sqlserver", role: "input", executable: "cdc-sqlserver-input" },
  { name: "counter", role: "input", executable: "cdc-counter-input" },
  { name: "postgres", role: "output", executable: "cdc-postgres-output" },
  { name: "servicebus", role: "output", executable: "cdc-servicebus-output" },
  { name: "console", role: "output", executable: "cdc-console-output" },
];

/** The provider of a name, or of the name of an executable. */
export function builtInProvider(name: string): BuiltInProvider | undefined {
  return BUILT_IN_PROVIDERS.find((one) => one.name === name || one.executable === name);
}
