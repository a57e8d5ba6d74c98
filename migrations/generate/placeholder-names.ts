import type { JsonValue } from "../migration-set";
import type { Instance, TablePlaceholders } from "./gathered";

/** Values by environment and schema; what is absent there has no value. */
type ValueMap = Map<string, JsonValue | undefined>;

/**
 * Gives the placeholders of one service their names and collects their values. Tables that mean the same by a name
 * share it; one that means something else by it gets a name of its own: `VALUE:<table>.<column>`.
 */
export class PlaceholderNames {
  private readonly known = new Map<string, ValueMap>();

  /** Names for the placeholders of a table; their values are remembered. */
  add(table: string, instances: readonly Instance[]): TablePlaceholders {
    const columns = instances[0]?.table.columns ?? [];
    const named = (kind: string, column: string, of: (instance: Instance) => JsonValue | undefined) =>
      this.nameFor(kind, table, column, instances, of);
    const constants = columns.flatMap((column, index) => {
      if (column.constant === undefined) return [];
      const of = (instance: Instance) => instance.table.columns[index]?.constant;
      const varies = instances.some((instance) => of(instance) !== column.constant);
      return varies ? [[column.name, named("VALUE", column.name, of)] as const] : [];
    });
    const byTenant = columns.flatMap((column, index) => {
      if (column.constants === undefined) return [];
      const of = (instance: Instance) => instance.table.columns[index]?.constants;
      return [[column.name, named("VALUES", column.name, of)] as const];
    });
    return {
      database: named("DATABASE", "", (instance) => instance.table.source.database),
      tenants: named("TENANTS", "", (instance) => instance.table.tenants),
      values: Object.fromEntries(constants),
      valuesByTenant: Object.fromEntries(byTenant),
    };
  }

  /** Values in one schema of one environment, sorted by name. */
  valuesIn(environment: string, schema: string): Record<string, JsonValue> {
    const place = placeOf(environment, schema);
    const found = [...this.known].flatMap(([name, values]) => {
      const value = values.get(place);
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(found.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  private nameFor(
    kind: string,
    table: string,
    column: string,
    instances: readonly Instance[],
    of: (instance: Instance) => JsonValue | undefined,
  ): string {
    const values: ValueMap = new Map(
      instances.map((instance) => [placeOf(instance.environment, instance.table.schema), of(instance)]),
    );
    const shared = column === "" ? kind : `${kind}:${column}`;
    const own = column === "" ? `${kind}:${table}` : `${kind}:${table}.${column}`;
    // A column may be called like a table and its column.
    const names = [shared, own, ...Array.from({ length: 99 }, (_, index) => `${own}#${String(index + 2)}`)].map(plain);
    const name = names.find((candidate) => fits(this.known.get(candidate), values)) ?? own;
    const all = this.known.get(name);
    if (all === undefined) this.known.set(name, values);
    else for (const [place, value] of values) all.set(place, value);
    return name;
  }
}

/** Without the characters that mark a placeholder while it is rendered. */
function plain(name: string): string {
  return name.replace(/[\uE000\uE001]/g, "?");
}

function placeOf(environment: string, schema: string): string {
  return `${environment}\0${schema}`;
}

function fits(known: ValueMap | undefined, values: ValueMap): boolean {
  if (known === undefined) return true;
  return [...values].every(([place, value]) => !known.has(place) || same(known.get(place), value));
}

function same(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
