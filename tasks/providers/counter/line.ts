import type { CounterConfig } from "./config";

/** The data line of one number, with its line end; filled up to `size` bytes when that is longer. */
export function counterLine(value: number, { table = "Counter", size = 0 }: CounterConfig): string {
  const data = `{"data":{"value":${value}`;
  const lsn = value.toString(16).padStart(20, "0");
  const metadata = `"metadata":{"TableName":${JSON.stringify(table)},"OperationType":"Insert","LSN":"${lsn}"}}\n`;
  const missing = size - Buffer.byteLength(data) - Buffer.byteLength(metadata) - FILL.length;
  return missing < 0 ? `${data}},${metadata}` : `${data},"fill":"${"x".repeat(missing)}"},${metadata}`;
}

const FILL = ',"fill":""},';
