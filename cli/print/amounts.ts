/** `12,345`. */
export function countText(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** `0.3 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`; `-` when not known. */
export function durationText(durationMs: number | undefined): string {
  if (durationMs === undefined) return "-";
  const seconds = durationMs / 1000;
  if (seconds < 9.95 && !Number.isInteger(seconds)) return `${Math.max(0.1, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3_600) return parts(whole, 60, "min", "s");
  if (whole < 86_400) return parts(Math.floor(whole / 60), 60, "h", "min");
  return parts(Math.floor(whole / 3_600), 24, "d", "h");
}

function parts(amount: number, size: number, large: string, small: string): string {
  const rest = amount % size;
  return `${String(Math.floor(amount / size))} ${large}${rest === 0 ? "" : ` ${String(rest)} ${small}`}`;
}
