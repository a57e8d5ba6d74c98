const ISO = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,7})?)S)?)?$/;
const SECONDS = [86_400, 3_600, 60, 1] as const;

/** Seconds of an ISO 8601 duration such as `PT1M` or `P1DT2H30M`; undefined when the text is none. */
export function durationSeconds(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null || text === "P" || text.endsWith("T")) return undefined;
  return SECONDS.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0);
}
