import type { Column } from "./column";
import type { Config, SinkTableConfig, SourceTableConfig } from "./config";
import { Findings } from "./findings";
import type { Mapping } from "./mapping";
import { mappingsOf, outputColumns } from "./mappings";
import { METADATA_COLUMNS, RESERVED_COLUMN_NAMES } from "./metadata-columns";
import { within } from "./problem";
import type { Note } from "./sink";
import { objectOf, sourceColumns, type SourceColumn } from "./source-columns";
import { tableKey } from "./table-key";
import { asColumn, templateColumns, type TemplateColumn } from "./template-columns";

/** A table's columns after the whole pipeline, before it is put into a schema and given a tenant's values. */
export interface BuiltColumns {
  /** Source, template and metadata columns, as every tenant without values of its own has them. */
  readonly columns: readonly Column[];
  /** Sink names of the key; empty when there is a problem. */
  readonly key: readonly string[];
  /** Template columns whose value depends on the source the rows come from. */
  readonly varying: readonly TemplateColumn[];
  /** What the native path can't run. */
  readonly transforms: readonly string[];
  /** What pipeline documents run. */
  readonly mappings: readonly Mapping[];
  readonly notes: readonly Note[];
}

/** Schema YAML, ignore_columns, include_columns, type mapping, renames, column templates, metadata columns: in this order, here only. */
export function buildColumns(
  source: SourceTableConfig,
  sink: SinkTableConfig,
  config: Config,
  findings: Findings,
): BuiltColumns {
  const own = new Findings();
  const fromSource = sourceColumns({ source, sink, mapping: config.mapping }, own);
  const templates = templateColumns(source, sink, config.templates, own);
  const mapped = [...fromSource, ...templates.map((template) => asColumn(template, constantOf(template)))];
  const unkeyed = [...mapped, ...outputColumns(sink, mapped, own)];
  checkUnique(source, sink, unkeyed, own);
  const key = tableKey(source, sink, unkeyed, own);
  const columns = unkeyed.map((column) => keyed(source, column, key, own));
  const transforms = transformsOf(sink, templates, own);
  const mappings = mappingsOf(sink, unkeyed, templates, own);
  for (const { at, text, hint } of own.problems) findings.problem(at, text, hint);
  const varying = templates.filter(({ value }) => value.kind === "source-ref");
  return {
    columns: Object.freeze([...columns, ...METADATA_COLUMNS]),
    key: Object.freeze(key),
    varying,
    transforms,
    mappings,
    notes: own.notes,
  };
}

function constantOf({ value }: TemplateColumn): string | null | undefined {
  return value.kind === "constant" ? value.value : undefined;
}

function checkUnique(
  source: SourceTableConfig,
  sink: SinkTableConfig,
  columns: readonly Column[],
  findings: Findings,
): void {
  const seen = new Map<string, Column>();
  for (const column of columns) {
    const place = column.origin === "template" ? within(sink.at, "column_templates") : within(sink.at, "columns");
    const before = seen.get(column.name);
    if (RESERVED_COLUMN_NAMES.has(column.name)) {
      const hint = `rename it with columns: under sink table ${sink.key}, or leave it out with ignore_columns`;
      findings.problem(
        place,
        `column ${column.name} of ${objectOf(source)} has the name of a column that cdc adds`,
        hint,
      );
    } else if (before !== undefined) {
      const hint = "give one of them another name with columns: or with name: of the template";
      findings.problem(
        place,
        `two columns of ${sink.key} are named ${column.name}: ${nameOf(before)} and ${nameOf(column)}`,
        hint,
      );
    }
    seen.set(column.name, column);
  }
}

function nameOf(column: Column): string {
  return column.source === undefined ? "a column template" : `source column ${column.source}`;
}

// What makes two values of the source one in the sink; an offset or a range does not.
const MAKES_ONE_OF_TWO = /keeps \d|base type/;

/** A key column is never NULL. */
function keyed(
  source: SourceTableConfig,
  column: Column | SourceColumn,
  key: readonly string[],
  findings: Findings,
): Column {
  const { lob: _lob, ...plain }: Column & { lob?: boolean } = column;
  if (!key.includes(column.name)) return plain;
  if (column.source !== undefined && MAKES_ONE_OF_TWO.test(column.lossy ?? "")) {
    findings.warning(
      `${objectOf(source)}.${column.source}`,
      `part of the key, and ${column.lossy ?? ""}: rows that differ in nothing else become one row; choose varchar(40) for it in type-mapping.yaml`,
    );
  }
  if (!column.nullable) return plain;
  if (column.source !== undefined) {
    findings.warning(
      `${objectOf(source)}.${column.source}`,
      "nullable at the source and part of the key: a row with NULL there goes to the dead letters",
    );
  }
  return { ...plain, nullable: false };
}

function transformsOf(sink: SinkTableConfig, templates: readonly TemplateColumn[], findings: Findings): string[] {
  const named = sink.transforms.map(({ reference }) => reference);
  const computed = templates.flatMap(({ name, value }) => {
    if (value.kind !== "bloblang") return [];
    if (value.default === undefined) return [`column ${name}: ${value.expression}`];
    findings.info(
      `${sink.key}.${name}`,
      `the native path fills it with ${value.default}, not with ${value.expression}`,
    );
    return [];
  });
  for (const transform of [...named, ...computed])
    findings.warning(sink.key, `needs Redpanda Connect or Bento: ${transform}`);
  return [...named, ...computed];
}
