const QUARTER_HOUR_MS = 15 * 60_000;
const WIDEST_OFFSET_MS = 28 * 60 * 60_000;
/** Steps of SQL Server's datetime, after both were rounded to milliseconds. */
const STEP_MS = 4;

/** A time of {@link utcText} as a date; undefined for NULL. */
export function dateOf(text: string | null | undefined): Date | undefined {
  return text === null || text === undefined ? undefined : new Date(`${text.replace(" ", "T")}Z`);
}

/**
 * True when two commit times are those of one transaction. The server tells its wall clock, which is brought to UTC by
 * the offset of the moment at which it is asked: a change of the offset (daylight saving, another host) moves it by
 * quarters of an hour.
 */
export function isSameMoment(one: Date, other: Date): boolean {
  const distance = Math.abs(one.getTime() - other.getTime());
  const rest = distance % QUARTER_HOUR_MS;
  return distance <= WIDEST_OFFSET_MS && Math.min(rest, QUARTER_HOUR_MS - rest) <= STEP_MS;
}
