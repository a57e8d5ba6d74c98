import { AmqpWriter, stringBytes } from "./amqp-writer";

/** Application properties that many messages have, written once. */
export interface PropertyBlock {
  readonly bytes: Buffer;
  /** Names and values. */
  readonly count: number;
  /** The same, for messages that are sent alone. */
  readonly values: Readonly<Record<string, string | number>>;
}

/** Writes properties; those that are undefined are left out. */
export function propertyBlock(properties: Readonly<Record<string, string | number | undefined>>): PropertyBlock {
  const entries = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const most = entries.reduce((sum, [name, value]) => sum + stringBytes(name) + stringBytes(String(value)), 0);
  const writer = new AmqpWriter(Buffer.allocUnsafe(most));
  for (const [name, value] of entries) {
    writer.string(name);
    if (typeof value === "number") writer.int(value);
    else writer.string(value);
  }
  const values = Object.fromEntries(entries);
  return { bytes: Buffer.from(writer.buffer.subarray(0, writer.at)), count: entries.length * 2, values };
}
