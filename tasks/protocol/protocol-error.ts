import { CdcError } from "../../lib/errors";

/** A line that the protocol does not allow. */
export class ProtocolError extends CdcError {
  override readonly name = "ProtocolError";

  constructor(message: string, hint?: string) {
    super("CDC_PROVIDER_PROTOCOL", message, hint === undefined ? {} : { hint });
  }
}
