import { parseSinkType } from "../model/sink-type";

/** Types that format_type() spells longer than we do: what comes before and after the parameters. */
const LONG: Readonly<Record<string, readonly [before: string, after: string]>> = {
  varchar: ["character varying", ""],
  char: ["character", ""],
  timestamp: ["timestamp", " without time zone"],
  timestamptz: ["timestamp", " with time zone"],
  time: ["time", " without time zone"],
  timetz: ["time", " with time zone"],
};

/** A canonical type as PostgreSQL's `format_type()` spells it; what isn't a plain type stays as it is. */
export function formatType(type: string): string {
  const parsed = parseSinkType(type);
  if (parsed === undefined) return type;
  const [, base = "", array = ""] = /^(.*?)((?:\[\])*)$/.exec(parsed.name) ?? [];
  const [before, after] = (Object.hasOwn(LONG, base) ? LONG[base] : undefined) ?? [base, ""];
  const parameters = parsed.parameters.length === 0 ? "" : `(${parsed.parameters.join(",")})`;
  return `${before}${parameters}${after}${array}`;
}
