import { CdcError } from "../../lib/errors";

/** What an error of the storage client carries. */
interface RawError {
  readonly message?: string;
  readonly code?: string;
  readonly statusCode?: number;
}

/** The service's code of an error, such as `LeaseAlreadyPresent`; the socket's when there was no answer. */
export function blobErrorCode(error: unknown): string | undefined {
  return (error as RawError | undefined)?.code;
}

/** HTTP status of the answer; undefined when there was none. */
export function blobStatus(error: unknown): number | undefined {
  return (error as RawError | undefined)?.statusCode;
}

/** A failure of the storage as a {@link CdcError}; never with a key or a signature. */
export function toBlobError(error: unknown, what: string): CdcError {
  if (error instanceof CdcError) return error;
  const { message = String(error), code = "", statusCode } = error as RawError;
  const [line = ""] = message.split("\n");
  const said = `${line}${code === "" || line.includes(code) ? "" : ` (${code})`}`;
  const isDenied = statusCode === 401 || statusCode === 403;
  return new CdcError(isDenied ? "CDC_BLOB_DENIED" : "CDC_BLOB_ERROR", `Azure Blob Storage, ${what}: ${said}`, {
    hint: isDenied
      ? "Give the identity the role Storage Blob Data Contributor on the container, or correct the key."
      : "Check the account, the container, and that the network lets this process reach them.",
    cause: error,
  });
}
