const UNITS = ["B", "KB", "MB", "GB"];

/** A number of bytes to read: `3.4 MB`. */
export function bytesText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[step] ?? "B"}`;
}
