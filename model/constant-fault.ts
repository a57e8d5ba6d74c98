import { parseSinkType } from "./sink-type";

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const SHAPES: Readonly<Record<string, RegExp>> = {
  uuid: UUID,
  smallint: /^[+-]?\d{1,5}$/,
  integer: /^[+-]?\d{1,10}$/,
  bigint: /^[+-]?\d{1,19}$/,
  numeric: /^[+-]?(?:\d+\.?\d*|\.\d+)$/,
  boolean: /^(?:true|false|t|f|yes|no|on|off|1|0)$/i,
};

/** Why a fixed value can't be stored in a type; undefined when nothing speaks against it. */
export function constantFault(value: string, type: string): string | undefined {
  const parsed = parseSinkType(type);
  if (parsed === undefined) return undefined;
  if (value.includes("\0")) return "contains a NUL character";
  const shape = Object.hasOwn(SHAPES, parsed.name) ? SHAPES[parsed.name] : undefined;
  if (shape !== undefined && !shape.test(value.trim())) return `is no ${parsed.name}`;
  const room = ["varchar", "char"].includes(parsed.name) ? parsed.parameters[0] : undefined;
  return room !== undefined && characters(value) > room ? `has more than ${String(room)} characters` : undefined;
}

/** Characters as PostgreSQL counts them: a surrogate pair is one. */
function characters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
