import { sqlError } from "../errors";
import type { Column } from "../storage/column";
import type { SqlType } from "../values/sql-type";
import type { Compiled } from "./compiled";

/** A column that names can refer to. */
export interface Field {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly column?: Column;
}

/** A table of FROM, as names see it. */
export interface Source {
  /** What qualifies its columns: the alias, or the parts of the table's name, last first. */
  readonly names: readonly string[];
  readonly fields: readonly Field[];
  readonly slot: number;
}

/** A source that has an alias knows no other name. */
export function namesOf(alias: string | undefined, name: readonly string[]): string[] {
  return (alias === undefined ? [...name].reverse() : [alias]).map((part) => part.toLowerCase());
}

/** The sources of a query, within those of the query around it. */
export class Scope {
  readonly sources: Source[] = [];

  constructor(readonly parent?: Scope) {}

  /** Adds a source in the next slot. */
  add(names: readonly string[], fields: readonly Field[]): Source {
    const source = { names, fields, slot: this.sources.length };
    this.sources.push(source);
    return source;
  }

  /** The column of that name, here or further out. Throws 207, 209 or 4104. */
  resolve(name: readonly string[]): Compiled {
    const column = name.at(-1) ?? "";
    const qualifier = name
      .slice(0, -1)
      .map((part) => part.toLowerCase())
      .reverse();
    const own = this.find(column.toLowerCase(), qualifier, column);
    if (own) return fieldAt(0, own.source, own.ordinal);
    let depth = 1;
    for (let scope = this.parent; scope; scope = scope.parent, depth++) {
      const found = scope.find(column.toLowerCase(), qualifier, column);
      if (found) return fieldAt(depth, found.source, found.ordinal);
    }
    const isBound = qualifier.length === 0 || this.sources.some(({ names }) => matches(names, qualifier));
    throw isBound ? sqlError(207, column) : sqlError(4104, name.join("."));
  }

  /** The sources that a qualifier of `*` means. Throws 4104 when there is none. */
  qualified(qualifier: readonly string[]): readonly Source[] {
    if (qualifier.length === 0) return this.sources;
    const wanted = qualifier.map((part) => part.toLowerCase()).reverse();
    const found = this.sources.filter(({ names }) => matches(names, wanted));
    if (found.length === 0) throw sqlError(4104, `${qualifier.join(".")}.*`);
    return found;
  }

  private find(column: string, qualifier: readonly string[], shown: string) {
    let found: { source: Source; ordinal: number } | undefined;
    for (const source of this.sources) {
      if (qualifier.length > 0 && !matches(source.names, qualifier)) continue;
      const ordinal = source.fields.findIndex(({ name }) => name.toLowerCase() === column);
      if (ordinal < 0) continue;
      if (found) throw sqlError(209, shown);
      found = { source, ordinal };
    }
    return found;
  }
}

/** A shorter qualifier matches the last parts of a name. */
function matches(names: readonly string[], qualifier: readonly string[]): boolean {
  return qualifier.every((part, i) => part === "" || names[i] === part);
}

/** The expression that reads a field of a source, so many queries further out. */
export function fieldAt(depth: number, source: Source, ordinal: number): Compiled {
  const field = source.fields[ordinal];
  if (!field) throw new Error("no such field");
  const { slot } = source;
  const { type, nullable, column } = field;
  if (depth > 0) {
    const run: Compiled["run"] = (frame) => {
      let outer = frame;
      for (let i = 0; i < depth && outer.parent; i++) outer = outer.parent;
      return outer.rows[slot]?.[ordinal] ?? null;
    };
    return { type, nullable, run };
  }
  return { type, nullable, run: (frame) => frame.rows[slot]?.[ordinal] ?? null, field: { slot, ordinal, column } };
}
