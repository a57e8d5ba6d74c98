import type { QueuedTable } from "../../../model/queue-name";
import { canonicalOperation } from "../../envelope/decode";
import { Rejection } from "../../rejection";

type Row = Readonly<Record<string, unknown>>;

/** A change event on its way to a queue. */
export interface Change {
  /** The envelope as it came: what readers of the queue get. */
  readonly line: Buffer;
  readonly table: QueuedTable;
  /** Insert, Update, Delete or Read; the source's own word when it has another. */
  readonly operation: string;
  readonly data: Row;
  readonly before: Row;
  readonly metadata: Row;
}

/** The change in a line. Only what the queue must know is asked of it; readers judge the rest. */
export function readChange(line: Buffer): Change | Rejection {
  const envelope = parsed(line);
  if (!isRow(envelope)) return new Rejection("the line is no JSON object");
  const { data, metadata } = envelope;
  if (!isRow(metadata)) return new Rejection('"metadata" is missing or not an object');
  const { TableName: table, OperationType: operation } = metadata;
  if (typeof table !== "string" || table === "") return new Rejection('metadata "TableName" is missing or not a text');
  if (typeof operation !== "string") return new Rejection('metadata "OperationType" is missing or not a text');
  return {
    line,
    table: tableOf(table, metadata),
    operation: canonicalOperation(operation) ?? operation,
    data: isRow(data) ? data : NO_ROW,
    before: isRow(metadata["Before"]) ? metadata["Before"] : NO_ROW,
    metadata,
  };
}

/** A text of the metadata; undefined when there is none. */
export function textOf(metadata: Row, name: string): string | undefined {
  const value = metadata[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

const NO_ROW: Row = {};

function tableOf(table: string, metadata: Row): QueuedTable {
  const [schema, database, tenant] = ["Schema", "Database", "Tenant"].map((name) => textOf(metadata, name));
  return {
    table,
    ...(schema === undefined ? {} : { schema }),
    ...(database === undefined ? {} : { database }),
    ...(tenant === undefined ? {} : { tenant }),
  };
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch {
    return undefined;
  }
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
