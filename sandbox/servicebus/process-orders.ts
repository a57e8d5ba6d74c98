import type { ServiceBusControl } from "./control";
import type { ServiceBusOptions } from ".";

/** The first message to the process: how to start. */
export interface StartOrder {
  readonly id: number;
  readonly options: ServiceBusOptions;
}

/** What the process is told to do. */
export type Work =
  | { readonly do: "control"; readonly method: keyof ServiceBusControl; readonly args: readonly unknown[] }
  | { readonly do: "usage" };

/** A message to the process; its answer has the same number. */
export type Order = Work & { readonly id: number };
