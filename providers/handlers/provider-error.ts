import { CdcError } from "../../lib/errors";

/**
 * Runs `work`; what it throws reaches the engine as a message that holds the hint too. The SDK's provider process
 * prints `stack` for some calls and only `message` for others, so both are made readable: a stack helps no user.
 */
export async function forEngine<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CdcError ? readable(error) : error;
  }
}

function readable(error: CdcError): CdcError {
  const { code, hint, message } = error;
  const told = hint === undefined || message.endsWith(hint) ? message : `${message}. ${hint}`;
  const copy = new CdcError(code, told, { ...(hint === undefined ? {} : { hint }), cause: error.cause });
  copy.stack = code;
  return copy;
}
