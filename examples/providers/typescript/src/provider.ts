#!/usr/bin/env node
import { setTimeout as delay } from "node:timers/promises";
import { ProviderError, runProvider, type Envelope, type InputProvider } from "pulumi-cdc/provider-sdk";
import { configSchema, name, version } from "../provider/provider.json";
import { linesFrom, type Line } from "./lines";

interface Config {
  readonly path: string;
  readonly table: string;
  readonly follow?: boolean;
  readonly poll_ms?: number;
}

/** Where in the file to go on. */
interface State {
  readonly offset?: number;
}

const input: InputProvider<Config> = {
  async *read({ path, table, follow = true, poll_ms = 500 }, context) {
    let { offset = 0 } = (context.state ?? {}) as State;
    while (!context.signal.aborted) {
      const lines = await readable(path, offset);
      for (const line of lines) {
        yield envelopeOf(line, table);
        offset = line.end;
        // The file is read from here when the task starts anew, once the lines before it have arrived.
        context.setState({ offset });
      }
      if (lines.length > 0) continue;
      if (!follow) return;
      await delay(poll_ms, undefined, { signal: context.signal });
    }
  },
};

/** The number of the byte is a position that only grows: an output can tell what it has already. */
function envelopeOf({ text, end }: Line, table: string): Envelope {
  const LSN = end.toString(16).padStart(20, "0");
  try {
    return { data: JSON.parse(text), metadata: { TableName: table, OperationType: "Insert", LSN } };
  } catch {
    throw new ProviderError("NO_JSON", `the line that ends at byte ${end} is no JSON`);
  }
}

async function readable(path: string, offset: number): Promise<Line[]> {
  try {
    return await linesFrom(path, offset);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ProviderError("NO_FILE", `there is no file ${path}`, { hint: "Correct path in the task file." });
  }
}

function validate(config: unknown): string | undefined {
  const { path, table } = config as Partial<Config>;
  if (typeof path !== "string" || path === "") return "path must name a file";
  return typeof table === "string" && table !== "" ? undefined : "table must be a name";
}

void runProvider<Config>({ name, version, schema: configSchema, validate, input });
