import type { Provider } from "./provider";

/** Where the process of a Pulumi program tells that it wants the provider, and not what the provider does by itself. */
const HOOK = Symbol.for("pulumi-cdc.provider-program");

/** Given the provider that its file runs. */
export type ProgramHook = (provider: Pick<Provider<never>, "name" | "infrastructure">) => void;

/** From now on, who runs a provider in this process is asked for it instead. */
export function setProgramHook(hook: ProgramHook): void {
  (globalThis as Record<symbol, unknown>)[HOOK] = hook;
}

/** Who wants the provider of this process; undefined in a process of its own. */
export function programHook(): ProgramHook | undefined {
  return (globalThis as Record<symbol, unknown>)[HOOK] as ProgramHook | undefined;
}
