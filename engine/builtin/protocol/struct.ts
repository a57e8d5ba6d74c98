import { WireReader, WireWriter } from "./wire";

/** A value as it travels between engine, program and provider: JSON, with marked objects for secrets and references. */
export type Value = null | boolean | number | string | Value[] | Properties;
/** Properties of a resource. */
export interface Properties {
  [name: string]: Value;
}

const writer = new WireWriter();

/** Encodes properties as a `google.protobuf.Struct`. Undefined members are left out. */
export function encodeStruct(properties: Properties): Buffer {
  writeFields(properties);
  return writer.take();
}

/** Decodes a `google.protobuf.Struct`; an absent one is `{}`. */
export function decodeStruct(buffer: Buffer | undefined): Properties {
  return buffer === undefined ? {} : readFields(new WireReader(buffer));
}

/** Decodes one `google.protobuf.Value`. */
export function decodeValue(buffer: Buffer): Value {
  return readValue(new WireReader(buffer));
}

function writeFields(properties: Properties): void {
  const names = Object.keys(properties);
  for (let index = names.length - 1; index >= 0; index -= 1) {
    const name = names[index] as string;
    const value = properties[name];
    if (value === undefined) continue;
    const before = writer.length;
    writeValue(value);
    writer.close(2, before);
    const nameEnd = writer.length;
    writer.text(name);
    writer.close(1, nameEnd);
    writer.close(1, before);
  }
}

function writeValue(value: Value): void {
  if (value === null) return writeScalar(1, 0);
  switch (typeof value) {
    case "string": {
      const before = writer.length;
      writer.text(value);
      return writer.close(3, before);
    }
    case "number":
      writer.double(value);
      return writer.tag(2, 1);
    case "boolean":
      return writeScalar(4, value ? 1 : 0);
    default:
      return writeNested(value);
  }
}

function writeScalar(field: number, value: number): void {
  writer.varint(value);
  writer.tag(field, 0);
}

function writeNested(value: Value[] | Properties): void {
  const before = writer.length;
  if (!Array.isArray(value)) {
    writeFields(value);
    return writer.close(5, before);
  }
  for (let index = value.length - 1; index >= 0; index -= 1) {
    const element = writer.length;
    writeValue(value[index] ?? null);
    writer.close(1, element);
  }
  writer.close(6, before);
}

function readFields(reader: WireReader): Properties {
  const properties: Properties = {};
  while (!reader.done) {
    reader.varint();
    const entry = reader.message();
    let name = "";
    let value: Value = null;
    while (!entry.done) {
      if (entry.varint() === 0x0a) name = entry.text();
      else value = readValue(entry.message());
    }
    if (name === "__proto__") Object.defineProperty(properties, name, { value, enumerable: true, configurable: true });
    else properties[name] = value;
  }
  return properties;
}

function readValue(reader: WireReader): Value {
  let value: Value = null;
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 0x1a) value = reader.text();
    else if (tag === 0x11) value = reader.double();
    else if (tag === 0x20) value = reader.varint() !== 0;
    else if (tag === 0x2a) value = readFields(reader.message());
    else if (tag === 0x32) value = readList(reader.message());
    else reader.skip(tag & 7);
  }
  return value;
}

function readList(reader: WireReader): Value[] {
  const values: Value[] = [];
  while (!reader.done) {
    reader.varint();
    values.push(readValue(reader.message()));
  }
  return values;
}
