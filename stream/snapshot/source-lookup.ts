import { parseSinkType } from "../../model/sink-type";
import { parseSourceType } from "../../model/source-type";
import type { TableShape } from "../../model/table-shape";
import { isSendable, type SourceKeyColumn } from "../../sql/sqlserver/key-values";
import {
  MAX_LOOKUP_VALUES,
  selectByKeys,
  type LookupColumn,
  type PreparedSelect,
} from "../../sql/sqlserver/snapshot-statements";
import { codecFor } from "../encode/codec-for";
import type { Pages } from "./page-reader";

/** A column of the sink's key that comes from the source. */
interface WantedColumn {
  /** Place in the sink's key. */
  readonly place: number;
  readonly type: string;
  readonly column: LookupColumn;
}

/** Finds rows of the source by the sink's key, whose values are given as PostgreSQL prints them. */
export class SourceLookup {
  private constructor(
    private readonly pages: Pages,
    private readonly by: readonly WantedColumn[],
  ) {}

  /**
   * @param sources Names in the shape of the columns of `pages`.
   * @param types Columns of the source table by their present names.
   * @returns Why the key cannot be looked up, when it cannot.
   */
  static of(
    shape: TableShape,
    pages: Pages,
    sources: readonly string[],
    types: ReadonlyMap<string, SourceKeyColumn>,
  ): SourceLookup | string {
    const by: WantedColumn[] = [];
    for (const [place, name] of shape.key.entries()) {
      const { source, type = "text" } = shape.columns.find((column) => column.name === name) ?? {};
      if (source === undefined) continue;
      const present = pages.columns[sources.indexOf(source)];
      const column = present === undefined ? undefined : types.get(present);
      if (column === undefined) return `key column ${name} is not at the source`;
      if (!isSendable(column.type)) return `key column ${name} has type ${column.type}`;
      by.push({ place, type, column: { ...column, ...lostBy(column.type, type) } });
    }
    return by.length === 0 ? "no key column comes from the source" : new SourceLookup(pages, by);
  }

  /** The questions for the rows with these keys, each of a bounded size. */
  *selects(keys: readonly (readonly string[])[]): Generator<PreparedSelect> {
    const { schema, table, columns } = this.pages;
    const step = Math.max(1, Math.floor(MAX_LOOKUP_VALUES / this.by.length));
    for (let from = 0; from < keys.length; from += step) {
      const values = keys
        .slice(from, from + step)
        .map((key) => this.by.map(({ place, type }) => sourceText(type, key[place] ?? "")));
      yield selectByKeys({ schema, table, columns, by: this.by.map(({ column }) => column), values });
    }
  }

  /** One text for equal keys, whether the sink or the source tells it. */
  identity(key: readonly (string | null)[]): string {
    return JSON.stringify(
      this.by.map(({ place, type }) => {
        const codec = codecFor(type);
        const text = sourceText(type, key[place] ?? "");
        const copyText = codec.encode(text) ?? text;
        return codec.canonical?.(copyText) ?? copyText;
      }),
    );
  }
}

/** A value as PostgreSQL prints it in SQL Server's spelling; one that has it already stays. */
export function sourceText(sinkType: string, text: string): string {
  const name = parseSinkType(sinkType)?.name ?? "text";
  if (name === "boolean") return text === "true" ? "1" : text === "false" ? "0" : text;
  if (name === "bytea") return text.replace(/^\\x/, "0x");
  if (name === "timestamptz")
    return text.replace(/ ?([+-]\d\d)(?::?(\d\d))?$/, (_all, h: string, m = "00") => ` ${h}:${String(m)}`);
  return text;
}

// Digits of a second that the sink doesn't keep: the source's value lies up to so much after it.
function lostBy(sourceType: string, sinkType: string): { readonly lostNs?: number } {
  const source = parseSourceType(sourceType);
  const sink = parseSinkType(sinkType);
  if (source === undefined || !["datetime2", "datetimeoffset", "time"].includes(source.name)) return {};
  const scale = source.scale ?? 7;
  const kept = sink?.parameters[0] ?? 6;
  return scale <= kept ? {} : { lostNs: 10 ** (9 - kept) - 10 ** (9 - scale) };
}
