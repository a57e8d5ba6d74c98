/** How much a line of the log matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes lines to stderr, where the relay takes level and text from. */
export type Log = Readonly<Record<LogLevel, (message: string) => void>>;

/** A log for a relay (JSON lines), or for a person. */
export function openLog(stderr: { write(text: string): unknown }, forPerson: boolean): Log {
  const line = (level: LogLevel, msg: string): string =>
    forPerson ? `${level} ${msg}\n` : `${JSON.stringify({ level, msg })}\n`;
  const at = (level: LogLevel) => (message: string) => void stderr.write(line(level, message));
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
