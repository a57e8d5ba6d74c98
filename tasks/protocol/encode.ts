import type { ControlMessage, LifecycleResult, StartMessage } from "./messages";

/** A message as its line, with the line end. `type` comes first: that is how a control line is known. */
export function encodeMessage(message: ControlMessage | LifecycleResult): string {
  const { type, ...rest } = message;
  return `${JSON.stringify({ type, ...rest })}\n`;
}

/** The first line for a provider. */
export function encodeStart({ command, config, ...rest }: StartMessage): string {
  return `${JSON.stringify({ command, config, ...rest })}\n`;
}
