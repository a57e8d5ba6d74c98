/** Bytes that cannot be what the server meant: the connection is of no use any more. */
export class RowFormatError extends Error {
  override readonly name = "RowFormatError";
}
