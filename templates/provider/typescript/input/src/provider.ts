#!/usr/bin/env node
import { setTimeout as delay } from "node:timers/promises";
import { runProvider, type InputProvider } from "pulumi-cdc/provider-sdk";
import { configSchema, name, version } from "../provider/provider.json";

interface Config {
  readonly interval_ms?: number;
  readonly max?: number;
}

/** Counts. Replace what it reads; what is yielded and saved stays. */
const input: InputProvider<Config> = {
  async *read({ interval_ms = 1000, max = Infinity }, context) {
    const { value: reached = 0 } = (context.state ?? {}) as { value?: number };
    for (let value = reached + 1; value <= max && !context.signal.aborted; value++) {
      yield { data: { value }, metadata: { TableName: "Numbers", OperationType: "Insert" } };
      // Where to go on, once everything that was yielded so far has arrived.
      context.setState({ value });
      await delay(interval_ms, undefined, { signal: context.signal });
    }
  },
};

function validate(config: unknown): string | undefined {
  for (const [key, value] of Object.entries(config as Config))
    if (key in configSchema.properties && !Number.isInteger(value)) return `${key} must be a whole number`;
  return undefined;
}

void runProvider<Config>({ name, version, schema: configSchema, validate, input });
