import { within, type Place } from "../model/problem";
import { canonicalType } from "../model/sink-type";
import { formatSourceType, isBuiltIn, parseSourceType } from "../model/source-type";
import { parseTableName } from "../model/table-name";
import type { ColumnOverride, TypeMapping } from "../model/type-mapping";
import { FALLBACK_SINK_TYPE } from "../model/type-rules";
import type { ConfigFolder } from "./config-folder";
import { SCHEMAS_FOLDER } from "./read-tables";

type Texts = Readonly<Record<string, string>>;
type Columns = Readonly<Record<string, Texts>>;

interface WrittenMapping {
  readonly aliases?: { readonly source?: Texts | null; readonly sink?: Texts | null };
  readonly mappings?: Texts | null;
  readonly fallback?: string;
  readonly columns?: Columns | null;
  readonly services?: Readonly<
    Record<string, { readonly mappings?: Texts | null; readonly columns?: Columns | null }>
  > | null;
}

interface WrittenOverrides {
  readonly overrides: Readonly<Record<string, Readonly<Record<string, string | { readonly type: string }>>>> | null;
}

const MAPPING_FILES = [`${SCHEMAS_FOLDER}/_definitions/map-mssql-pgsql.yaml`, "type-mapping.yaml"];

/** The user's type rules for a service of a group; later and narrower ones win: file, service, column. */
export function readMapping(folder: ConfigFolder, group: string, service: string): TypeMapping {
  const rules: Record<string, string> = {};
  const aliases: Record<string, string> = {};
  const columns: Overrides = new Map();
  let fallback = FALLBACK_SINK_TYPE;
  for (const file of overrideFiles(group)) readOverrides(folder, file, columns);
  for (const file of MAPPING_FILES) {
    const written = folder.read<WrittenMapping>(file, "type-mapping");
    if (written === undefined) continue;
    const reader = { folder, at: { file, path: [] }, sinkAliases: written.aliases?.sink ?? {} };
    Object.assign(aliases, sourceAliases(reader, written.aliases?.source ?? {}));
    fallback = sinkType(reader, written.fallback ?? fallback, ["fallback"]) ?? fallback;
    const own = written.services?.[service];
    Object.assign(
      rules,
      mappingRules(reader, written.mappings ?? {}, ["mappings"]),
      mappingRules(reader, own?.mappings ?? {}, ["services", service, "mappings"]),
    );
    addColumns(reader, written.columns ?? {}, ["columns"], columns);
    addColumns(reader, own?.columns ?? {}, ["services", service, "columns"], columns);
  }
  return { rules, aliases, fallback, columns: Object.fromEntries(columns) };
}

/** By table and column. Maps, since names such as __proto__ are names too. */
type Overrides = Map<string, Record<string, ColumnOverride>>;

function override(columns: Overrides, table: string, column: string, to: ColumnOverride): void {
  const key = tableKey(table);
  columns.set(key, Object.fromEntries([...Object.entries(columns.get(key) ?? {}), [column, to]]));
}

interface Reader {
  readonly folder: ConfigFolder;
  readonly at: Place;
  /** Sink types by the user's own spelling. */
  readonly sinkAliases: Texts;
}

function overrideFiles(group: string): string[] {
  const name = `source-${group}-type-overrides.yaml`;
  return [`${SCHEMAS_FOLDER}/_definitions/${name}`, name];
}

function readOverrides(folder: ConfigFolder, file: string, columns: Overrides): void {
  const content = folder.read<WrittenOverrides>(file, "type-overrides");
  for (const [table, overrides] of Object.entries(content?.overrides ?? {})) {
    for (const [column, written] of Object.entries(overrides)) {
      const type = typeof written === "string" ? written : written.type;
      const resolved = overrideOf(type);
      const place = { file, path: ["overrides", table, column] };
      if (resolved === undefined)
        folder.problem(place, `"${type}" is no type`, "write it like nvarchar(50) or decimal(8,2)");
      else override(columns, table, column, { ...resolved, at: place });
    }
  }
}

/** A type of SQL Server when it is one, else a type of PostgreSQL. */
function overrideOf(text: string): ColumnOverride | undefined {
  const source = parseSourceType(text);
  if (source !== undefined && isBuiltIn(source)) return { side: "source", type: text };
  const sink = canonicalType(text);
  return sink === undefined ? undefined : { side: "sink", type: sink };
}

function sourceAliases({ folder, at }: Reader, written: Texts): Record<string, string> {
  return collect(written, (name, type) => {
    const base = parseSourceType(type);
    if (base !== undefined && isBuiltIn(base)) return [[plainName(name), type]];
    folder.problem(
      within(at, "aliases", "source", name),
      `"${type}" is no type of SQL Server`,
      "name a built-in type, such as nvarchar(25)",
    );
    return [];
  });
}

function mappingRules(reader: Reader, written: Texts, path: readonly string[]): Record<string, string> {
  return collect(written, (source, sink) => {
    const type = parseSourceType(source);
    const place = within(reader.at, ...path, source);
    if (type === undefined)
      reader.folder.problem(place, `"${source}" is no type of SQL Server`, "write it like nvarchar or decimal(18,6)");
    const known = sinkType(reader, sink, [...path, source], true);
    // Both spellings of rowversion, and decimal beside numeric, are one type.
    return type === undefined || known === undefined ? [] : [[formatSourceType(type), known]];
  });
}

function addColumns(reader: Reader, written: Columns, path: readonly string[], columns: Overrides): void {
  for (const [table, types] of Object.entries(written)) {
    for (const [column, text] of Object.entries(types)) {
      const type = sinkType(reader, text, [...path, table, column]);
      const at = within(reader.at, ...path, table, column);
      if (type !== undefined) override(columns, table, column, { side: "sink", type, at });
    }
  }
}

/** A PostgreSQL type in canonical spelling; with `bare` a char without length stays one. */
function sinkType(
  { folder, at, sinkAliases }: Reader,
  text: string,
  path: readonly string[],
  bare = false,
): string | undefined {
  const spelled = Object.hasOwn(sinkAliases, text) ? (sinkAliases[text] ?? text) : text;
  const type = canonicalType(spelled);
  if (type === undefined)
    folder.problem(
      within(at, ...path),
      `"${text}" is no type of PostgreSQL`,
      "write it like varchar(50), numeric or timestamptz",
    );
  return bare && type === "char(1)" && !spelled.includes("(") ? "char" : type;
}

function collect(written: Texts, entry: (key: string, value: string) => [string, string][]): Record<string, string> {
  return Object.fromEntries(Object.entries(written).flatMap(([key, value]) => entry(key, value)));
}

function tableKey(text: string): string {
  const { schema, table } = parseTableName(text);
  return schema === undefined ? table : `${schema}.${table}`;
}

function plainName(text: string): string {
  return text
    .replace(/[[\]"]/g, "")
    .trim()
    .toLowerCase();
}
