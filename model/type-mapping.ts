import type { Place } from "./problem";
import { formatSinkType, parseSinkType, type SinkType } from "./sink-type";
import { formatSourceType, isBuiltIn, parseSourceType, type SourceType } from "./source-type";
import { classifyTypeChange } from "./type-change";
import { DEFAULT_RULES, FALLBACK_SINK_TYPE, type TypeRule } from "./type-rules";

/** The user's own rules on top of {@link DEFAULT_RULES}. */
export interface TypeMapping {
  /** Sink type by source type: `money: numeric`, `decimal(18,6): double precision`. The exact type wins over its bare name. */
  readonly rules: Readonly<Record<string, string>>;
  /** Built-in types by the name of an alias type: `Name: nvarchar(50)`. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Sink type of a type that no rule knows. */
  readonly fallback: string;
  /** Types of single columns by `schema.table` and source column name. */
  readonly columns: Readonly<Record<string, Readonly<Record<string, ColumnOverride>>>>;
}

/** A column's type as the user sees it, in place of the schema YAML's: of the source, or right away of the sink. */
export interface ColumnOverride {
  readonly side: "source" | "sink";
  readonly type: string;
  /** Where it is written. */
  readonly at?: Place;
}

export const NO_MAPPING: TypeMapping = { rules: {}, aliases: {}, fallback: FALLBACK_SINK_TYPE, columns: {} };

/** Where a source type lands. */
export interface MappedType {
  /** Canonical sink type. */
  readonly type: string;
  /** SQL Server doesn't send the value with an update that leaves it alone: the sink's column must be nullable. */
  readonly lob: boolean;
  /** What can be lost of a value. */
  readonly lossy?: string;
  /** Worth telling though nothing is lost. */
  readonly note?: { readonly severity: "info" | "warning"; readonly text: string };
}

/** Maps one SQL Server type, as text, to its canonical sink type. Never fails: what nobody knows becomes the fallback with a warning. */
export function mapType(text: string, mapping: TypeMapping = NO_MAPPING, override?: ColumnOverride): MappedType {
  const source = resolveAlias(override?.side === "source" ? override.type : text, mapping);
  if (override?.side === "sink") return { ...lobOf(source), type: canonical(override.type) };
  if (source === undefined) return unknown(text, mapping);
  const rule = lookup(DEFAULT_RULES, source.name);
  const standard = rule === undefined ? undefined : apply(rule, source);
  const wanted = lookup(mapping.rules, formatSourceType(source)) ?? lookup(mapping.rules, source.name);
  if (wanted !== undefined) return byUser(wanted, standard, source);
  return standard ?? unknown(text, mapping);
}

function resolveAlias(text: string, mapping: TypeMapping): SourceType | undefined {
  const type = parseSourceType(text);
  if (type === undefined || isBuiltIn(type)) return type;
  const base =
    lookup(mapping.aliases, type.name) ?? lookup(mapping.aliases, type.name.slice(type.name.indexOf(".") + 1));
  return base === undefined ? type : parseSourceType(base);
}

function apply(rule: TypeRule, source: SourceType): MappedType {
  if (source.length === "max") return { type: rule.sink === "bytea" ? "bytea" : "text", lob: true };
  const base = { ...lobOf(source), ...(rule.lossy === undefined ? {} : { lossy: rule.lossy }) };
  const note = rule.note === undefined ? {} : { note: { severity: "info" as const, text: rule.note } };
  if (rule.keeps === "fraction") return { ...base, ...fraction(rule, source) };
  if (rule.keeps === "length") return { ...base, ...lengthKept(rule.sink, source) };
  if (rule.keeps === "precision")
    return { ...base, type: formatSinkType({ name: rule.sink, parameters: digits(source) }) };
  return { ...base, ...note, type: rule.sink };
}

/** Without a length a char would hold one character in PostgreSQL, so it becomes a varchar without limit. */
function lengthKept(sink: string, { name, length }: SourceType): Pick<MappedType, "type" | "note"> {
  if (typeof length === "number") return { type: `${sink}(${String(length)})` };
  const text = `${name} is written without a length: stored as varchar without limit`;
  return { type: "varchar", note: { severity: "info", text } };
}

function digits({ precision, scale }: SourceType): number[] {
  return precision === undefined ? [] : [precision, scale ?? 0];
}

/** SQL Server keeps 7 fraction digits where nothing is written, PostgreSQL at most 6. */
function fraction(rule: TypeRule, source: SourceType): Pick<MappedType, "type" | "lossy"> {
  const scale = source.scale ?? 7;
  const type = `${rule.sink}(${String(Math.min(scale, 6))})`;
  const cut = scale > 6 ? [`${source.name}(${String(scale)}) keeps 6 of ${String(scale)} fraction digits`] : [];
  const losses = [...cut, ...(rule.lossy === undefined ? [] : [rule.lossy])];
  return losses.length === 0 ? { type } : { type, lossy: losses.join("; ") };
}

/** A user's rule; numbers that it leaves out are those of the source where both types have the same kind. */
function byUser(wanted: string, standard: MappedType | undefined, source: SourceType): MappedType {
  const type = parseSinkType(wanted);
  const usual = standard === undefined ? undefined : parseSinkType(standard.type);
  if (type === undefined) return unknown(formatSourceType(source), NO_MAPPING);
  const bare = !wanted.includes("(");
  const kept = bare && usual !== undefined && kindOf(usual) !== undefined && kindOf(usual) === kindOf(type);
  const parameters = kept ? usual.parameters : bare ? [] : type.parameters;
  const sink = formatSinkType(
    type.name === "char" && parameters.length === 0 ? { name: "varchar", parameters } : { name: type.name, parameters },
  );
  return { type: sink, lob: standard?.lob ?? false, ...lossOf(standard, sink, source, kept) };
}

function lossOf(
  standard: MappedType | undefined,
  sink: string,
  source: SourceType,
  kept: boolean,
): Pick<MappedType, "lossy"> {
  if (standard === undefined) return {};
  const { kind } = classifyTypeChange(standard.type, sink);
  if (kind === "narrowing") return { lossy: `not every ${formatSourceType(source)} fits ${sink}` };
  return kept && standard.lossy !== undefined ? { lossy: standard.lossy } : {};
}

function kindOf({ name }: SinkType): string | undefined {
  if (name === "varchar" || name === "char") return "text";
  if (name === "numeric") return "digits";
  return ["timestamp", "timestamptz", "time", "timetz"].includes(name) ? "fraction" : undefined;
}

function unknown(text: string, mapping: TypeMapping): MappedType {
  const type = canonical(mapping.fallback);
  const note = `type ${text} is not known: stored as ${type}; give it a rule in type-mapping.yaml`;
  return { type, lob: false, note: { severity: "warning", text: note } };
}

function lobOf(source: SourceType | undefined): Pick<MappedType, "lob"> {
  const rule = source === undefined ? undefined : lookup(DEFAULT_RULES, source.name);
  return { lob: source?.length === "max" || rule?.lob === true };
}

function canonical(type: string): string {
  const parsed = parseSinkType(type);
  return parsed === undefined ? FALLBACK_SINK_TYPE : formatSinkType(parsed);
}

function lookup<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
