/** What a {@link CdcError} carries besides its message. */
export interface CdcErrorOptions {
  /** What the user should do about it. */
  readonly hint?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * A failure that a user can meet and mend: printed as message and hint, never with a stack.
 * Everything else that is thrown is a bug of ours.
 */
export class CdcError extends Error {
  override readonly name: string = "CdcError";
  /** Stable code, such as `CDC_CONFIG_INVALID`. */
  readonly code: string;
  /** What to do, one sentence. */
  readonly hint?: string;

  constructor(code: string, message: string, options: CdcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}
