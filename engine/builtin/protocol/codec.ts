import { WireReader, WireWriter } from "./wire";

/** How one field of a message is read and written. */
export interface Field {
  readonly name: string;
  readonly kind: "string" | "bool" | "int" | "double" | "bytes" | Schema;
  /** `list`: repeated. `map`: a map from strings. */
  readonly many?: "list" | "map";
}

/** A message: field number -> field. Fields that are not listed are skipped. */
export interface Schema {
  readonly [field: number]: Field;
}

const writer = new WireWriter();

/** Decodes a message. Absent fields stay absent, whatever their type: callers say what absence means. */
export function decodeMessage<T>(schema: Schema, buffer: Buffer): Partial<T> {
  return readMessage(schema, new WireReader(buffer)) as Partial<T>;
}

/** Encodes a message; undefined, empty and zero members are left out. */
export function encodeMessage<T extends object>(schema: Schema, message: T): Buffer {
  writeMessage(schema, message as Record<string, unknown>);
  return writer.take();
}

function readMessage(schema: Schema, reader: WireReader): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  while (!reader.done) {
    const tag = reader.varint();
    const field = schema[tag >>> 3];
    if (field === undefined) reader.skip(tag & 7);
    else if (field.many === "map") addEntry(message, field, reader.message());
    else if (field.many === "list") ((message[field.name] ??= []) as unknown[]).push(readField(field, reader));
    else message[field.name] = readField(field, reader);
  }
  return message;
}

function readField(field: Field, reader: WireReader): unknown {
  switch (field.kind) {
    case "string":
      return reader.text();
    case "bool":
      return reader.varint() !== 0;
    case "int":
      return reader.varint();
    case "double":
      return reader.double();
    case "bytes":
      return reader.bytes();
    default:
      return readMessage(field.kind, reader.message());
  }
}

function addEntry(message: Record<string, unknown>, field: Field, entry: WireReader): void {
  const map = (message[field.name] ??= {}) as Record<string, unknown>;
  let key = "";
  let value: unknown;
  while (!entry.done) {
    if (entry.varint() >>> 3 === 1) key = entry.text();
    else value = readField(field, entry);
  }
  map[key] = value;
}

function writeMessage(schema: Schema, message: Record<string, unknown>): void {
  for (const number of Object.keys(schema).map(Number).reverse()) {
    const field = schema[number] as Field;
    const value = message[field.name];
    if (value === undefined || value === null || value === "" || value === false || value === 0) continue;
    if (field.many === "list") for (const item of [...(value as unknown[])].reverse()) writeField(number, field, item);
    else if (field.many === "map") writeMap(number, field, value as Record<string, unknown>);
    else writeField(number, field, value);
  }
}

function writeField(number: number, field: Field, value: unknown): void {
  const before = writer.length;
  switch (field.kind) {
    case "bool":
    case "int":
      writer.varint(Number(value));
      return writer.tag(number, 0);
    case "double":
      writer.double(value as number);
      return writer.tag(number, 1);
    case "string":
      writer.text(value as string);
      break;
    case "bytes":
      writer.bytes(value as Uint8Array);
      break;
    default:
      writeMessage(field.kind, value as Record<string, unknown>);
  }
  writer.close(number, before);
}

function writeMap(number: number, field: Field, map: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(map).reverse()) {
    const before = writer.length;
    writeField(2, field, value);
    writeField(1, { name: "key", kind: "string" }, key);
    writer.close(number, before);
  }
}
