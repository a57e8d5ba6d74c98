import { invalid } from "../errors";
import { FOREVER_MS } from "../broker/settings";

const FOREVER = "P10675199DT2H48M5.4775807S";
const DAY = 86_400;
const PATTERN = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of an ISO 8601 duration without months and years. Throws BrokerError. */
export function readDuration(text: string): number {
  const parts = PATTERN.exec(text);
  if (!parts || text.length < 3) throw invalid(`'${text}' is no duration.`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part || 0));
  return Math.min(FOREVER_MS, Math.trunc((days * DAY + hours * 3600 + minutes * 60 + seconds) * 1000));
}

export function writeDuration(milliseconds: number): string {
  if (milliseconds >= FOREVER_MS) return FOREVER;
  const seconds = milliseconds / 1000;
  const days = Math.floor(seconds / DAY);
  const time = [
    part(Math.floor(seconds / 3600) % 24, "H"),
    part(Math.floor(seconds / 60) % 60, "M"),
    part(Number((seconds % 60).toFixed(3)), "S"),
  ].join("");
  return `P${part(days, "D")}${time === "" ? "" : `T${time}`}`;
}

function part(value: number, unit: string): string {
  return value === 0 ? "" : `${value}${unit}`;
}
