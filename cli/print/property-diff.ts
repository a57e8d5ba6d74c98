/** One property that differs: a path such as `columns.Navn`, and both values; undefined when absent on that side. */
export interface PropertyChange {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Stands in a preview for a value that is known only after the run. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Properties = Readonly<Record<string, unknown>>;

/** What differs between two sets of properties, objects compared key by key; order of keys doesn't count. */
export function propertyDiff(before: Properties, after: Properties, prefix = ""): PropertyChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => valueDiff(before[key], after[key], `${prefix}${key}`));
}

/** A value for the eye: JSON, cut when long. */
export function shortValue(value: unknown): string {
  if (value === undefined) return "";
  if (value === UNKNOWN) return "(known after up)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function valueDiff(before: unknown, after: unknown, path: string): PropertyChange[] {
  if (isObject(before) && isObject(after)) return propertyDiff(before, after, `${path}.`);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
