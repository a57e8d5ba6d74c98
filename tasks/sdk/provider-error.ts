import { CdcError, type CdcErrorOptions } from "../../lib/errors";
import type { Failure } from "../protocol/messages";

/** A failure of a provider, told to the relay with its code. */
export class ProviderError extends CdcError {
  override readonly name = "ProviderError";
  /** Whether the same may succeed when it is tried again: the task is started again then. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: CdcErrorOptions & { readonly retryable?: boolean } = {}) {
    super(code, message, options);
    this.retryable = options.retryable ?? false;
  }
}

/** Anything that was thrown, as the message for the relay. What nobody foresaw may pass: it is tried again. */
export function failureOf(error: unknown): Failure {
  const { code, message, retryable, hint } = error instanceof Error ? (error as Partial<ProviderError>) : {};
  const isForeseen = typeof code === "string" && code.startsWith("CDC_");
  return {
    type: "error",
    code: isForeseen ? code : "CDC_PROVIDER_FAILED",
    message: message ?? String(error),
    retryable: typeof retryable === "boolean" ? retryable : !isForeseen,
    ...(typeof hint === "string" ? { hint } : {}),
  };
}
