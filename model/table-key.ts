import type { Column } from "./column";
import type { SinkTableConfig, SourceTableConfig } from "./config";
import { didYouMean, type Findings } from "./findings";
import { nearestWord } from "./nearest-word";
import { within, type Place } from "./problem";
import { objectOf } from "./source-columns";

/** A column as the key check sees it. */
export type KeyedColumn = Column & { readonly lob?: boolean };

interface ChosenKey {
  /** Names as the user wrote them. */
  readonly names: readonly string[];
  readonly at: Place;
}

/** Types that no index of PostgreSQL's default kind takes. */
const NOT_INDEXABLE = new Set(["xml", "json", "point", "geometry"]);

/**
 * Sink names of the key columns: `primary_key` of the sink table, else of the source table in the service
 * file, else of the schema YAML, else the columns flagged there. Empty when a problem was found.
 */
export function tableKey(
  source: SourceTableConfig,
  sink: SinkTableConfig,
  columns: readonly KeyedColumn[],
  findings: Findings,
): string[] {
  const chosen = chosenKey(source, sink);
  if (chosen === undefined) {
    findings.problem(source.at, `${objectOf(source)} has no primary key`, choices(source));
    return [];
  }
  const before = findings.problems.length;
  const key = chosen.names.map((name) => keyColumn(name, source, columns, chosen.at, findings)?.name);
  const repeated = chosen.names.find((name, index) => chosen.names.indexOf(name) < index);
  if (repeated !== undefined)
    findings.problem(chosen.at, `${repeated} is in the primary key of ${objectOf(source)} twice`);
  return findings.problems.length > before ? [] : key.filter((name) => name !== undefined);
}

function chosenKey(source: SourceTableConfig, sink: SinkTableConfig): ChosenKey | undefined {
  const { definition } = source;
  const flagged = definition.columns.filter((column) => column.primaryKey).map((column) => column.name);
  const candidates: [readonly string[] | undefined, Place][] = [
    [sink.primaryKey, within(sink.at, "primary_key")],
    [source.primaryKey, within(source.at, "primary_key")],
    [definition.primaryKey, within(definition.at, "primary_key")],
    [flagged, within(definition.at, "columns")],
  ];
  const found = candidates.find(([names]) => names !== undefined && names.length > 0);
  return found?.[0] === undefined ? undefined : { names: found[0], at: found[1] };
}

function choices(source: SourceTableConfig): string {
  const table = JSON.stringify(objectOf(source));
  const unique = source.definition.uniqueIndexes ?? [];
  if (unique.length > 0) {
    const lists = unique.map((names) => `[${names.join(", ")}]`).join(" or ");
    return `choose a unique index as source.tables.${table}.primary_key: ${lists}`;
  }
  return `name the columns of a unique index in source.tables.${table}.primary_key, or flag them primary_key: true in ${source.definition.at.file}`;
}

/** The sink column a key name means: by source name first, then by sink name. */
function keyColumn(
  name: string,
  source: SourceTableConfig,
  columns: readonly KeyedColumn[],
  at: Place,
  findings: Findings,
): KeyedColumn | undefined {
  const column = columns.find((one) => one.source === name) ?? columns.find((one) => one.name === name);
  if (column === undefined) {
    findings.problem(at, ...absent(name, source, columns));
    return undefined;
  }
  const { type } = column;
  const why = column.lob === true ? "a large object" : NOT_INDEXABLE.has(type) ? `of type ${type}` : undefined;
  if (why !== undefined)
    findings.problem(
      at,
      `key column ${name} of ${objectOf(source)} is ${why}`,
      "choose another unique key with primary_key:",
    );
  return column;
}

function absent(
  name: string,
  source: SourceTableConfig,
  columns: readonly KeyedColumn[],
): [text: string, hint: string] {
  const known = source.definition.columns.find((column) => column.name === name);
  const object = `key column ${name} of ${objectOf(source)}`;
  if (known?.computed === true)
    return [`${object} is computed, which SQL Server does not capture`, "choose another unique key with primary_key:"];
  if (source.ignoreColumns.includes(name))
    return [`${object} is in ignore_columns`, "take it out of ignore_columns, or choose another key with primary_key:"];
  if (known !== undefined)
    return [
      `${object} does not reach the sink`,
      "add it to include_columns: or columns:, or choose another key with primary_key:",
    ];
  const names = columns.map((column) => column.source ?? column.name);
  return [
    `${object} does not exist`,
    didYouMean(nearestWord(name, names), `its columns are ${names.slice(0, 8).join(", ")}`),
  ];
}
