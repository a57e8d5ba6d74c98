import type { Envelope, EnvelopeMetadata, EnvelopeRow, OperationType } from "../../model/envelope";
import { cut, Rejection, shown } from "../rejection";

/** The envelope in a line of NDJSON, with its operation in the canonical spelling; or why there is none. */
export function decodeEnvelope(text: string): Envelope | Rejection {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return new Rejection(`not JSON: ${error instanceof Error ? cut(error.message) : "unreadable"}`);
  }
  return checkEnvelope(value);
}

/** Checks what a line or a stored dead letter held. Values of columns are checked later, by their type. */
export function checkEnvelope(value: unknown): Envelope | Rejection {
  if (!isObject(value)) return new Rejection('not an envelope: an object with "data" and "metadata" is expected');
  const metadata = value["metadata"];
  if (!isObject(metadata)) return new Rejection('not an envelope: "metadata" is missing or not an object');
  const problem = metadataProblem(metadata);
  if (problem !== undefined) return new Rejection(problem);
  const operation = canonicalOperation(metadata["OperationType"]);
  if (operation === undefined) return new Rejection(operationProblem(metadata["OperationType"]));
  const data = value["data"] ?? (operation === "Delete" ? {} : undefined);
  if (!isObject(data)) return new Rejection('not an envelope: "data" is missing or not an object');
  if (metadata["OperationType"] !== operation) metadata["OperationType"] = operation;
  return { data: data as EnvelopeRow, metadata: metadata as unknown as EnvelopeMetadata };
}

const OPTIONAL_TEXTS = [
  "Schema",
  "Database",
  "Tenant",
  "Position",
  "SeqVal",
  "CommitTime",
  "TransactionId",
  "SnapshotId",
] as const;

function metadataProblem(metadata: Record<string, unknown>): string | undefined {
  const table = metadata["TableName"];
  if (typeof table !== "string" || table === "") return 'metadata "TableName" is missing or not a text';
  if (typeof metadata["LSN"] !== "string" && typeof metadata["Position"] !== "string") {
    return 'metadata "LSN" is missing or not a text';
  }
  for (const name of OPTIONAL_TEXTS) {
    const value = metadata[name];
    if (value === undefined || typeof value === "string") continue;
    if (value !== null) return `metadata "${name}" is not a text`;
    // From here on a null is an absent one.
    metadata[name] = undefined;
  }
  return otherProblem(metadata);
}

function otherProblem(metadata: Record<string, unknown>): string | undefined {
  if (metadata["CommandId"] === null) metadata["CommandId"] = undefined;
  if (metadata["Before"] === null) metadata["Before"] = undefined;
  const { CommandId: command, Before: before } = metadata;
  if (command !== undefined && !isCommandId(command)) {
    return 'metadata "CommandId" is not a whole number from 0 to 4294967295';
  }
  if (before !== undefined && !isObject(before)) return 'metadata "Before" is not an object';
  return undefined;
}

function isCommandId(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xff_ff_ff_ff;
}

const OPERATIONS = new Map<unknown, OperationType>([
  ["Insert", "Insert"],
  ["Update", "Update"],
  ["Delete", "Delete"],
  ["Read", "Read"],
  ["insert", "Insert"],
  ["update", "Update"],
  ["delete", "Delete"],
  ["read", "Read"],
  ["c", "Insert"],
  ["u", "Update"],
  ["d", "Delete"],
  ["r", "Read"],
]);

/** The operation in the spelling of every wire; undefined for none that is known. */
export function canonicalOperation(value: unknown): OperationType | undefined {
  return OPERATIONS.get(value) ?? (typeof value === "string" ? OPERATIONS.get(value.toLowerCase()) : undefined);
}

function operationProblem(value: unknown): string {
  if (typeof value !== "string") return 'metadata "OperationType" is missing or not a text';
  return `metadata "OperationType" is ${shown(value)}: Insert, Update, Delete or Read is expected`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
