/** Bytes, one by one and several at once. */
export interface Memory {
  readonly buffer: Buffer;
  /** Of the same bytes. */
  readonly view: DataView;
}

export function memoryOf(buffer: Buffer): Memory {
  return { buffer, view: viewOf(buffer) };
}

export function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}
