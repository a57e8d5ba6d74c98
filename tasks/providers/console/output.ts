import type { Envelope } from "../../protocol/envelope";
import type { Batch } from "../../sdk/batch";
import type { OutputProvider } from "../../sdk/provider";
import type { ConsoleConfig } from "./config";

/** Prints every change. */
export function consoleOutput(): OutputProvider<ConsoleConfig> {
  let format: NonNullable<ConsoleConfig["outputFormat"]> = "simple";
  return {
    open({ outputFormat = "simple" }) {
      format = outputFormat;
      return Promise.resolve();
    },
    write(batch, context) {
      for (const text of shownLines(batch, format)) context.print(text);
      return Promise.resolve();
    },
  };
}

function shownLines(batch: Batch, format: ConsoleConfig["outputFormat"]): string[] {
  if (format === "none") return [];
  return format === "json" ? jsonLines(batch) : batch.envelopes().map(simple);
}

function jsonLines(batch: Batch): string[] {
  return batch.lines.toString("utf8", 0, batch.lines.length - 1).split("\n");
}

function simple({ data, metadata }: Envelope): string {
  const { Schema, TableName, OperationType } = metadata;
  const table = Schema === undefined ? TableName : `${Schema}.${TableName}`;
  return `${OperationType} ${table} ${JSON.stringify(data)}`;
}
