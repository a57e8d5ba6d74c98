import { CdcError } from "../../lib/errors";
import { nearestWord } from "../../model/nearest-word";
import type { TableEntry } from "../migration-set";
import type { GatheredSink } from "./gathered";

/** What a run is about; everything when empty. */
export interface Scope {
  readonly sink?: string;
  /** A table's name, or `schema.table`. */
  readonly table?: string;
  /** Every service of the configuration is given: what belongs to another one belongs to none any more. */
  readonly everyService?: boolean;
}

/** The sinks that are meant. Throws CdcError (CDC_NO_SUCH_SINK, CDC_NO_SUCH_TABLE) naming the nearest word. */
export function sinksInScope(sinks: readonly GatheredSink[], scope: Scope): GatheredSink[] {
  const chosen = sinks.filter(({ name }) => scope.sink === undefined || scope.sink === name);
  if (chosen.length === 0 && scope.sink !== undefined)
    throw unknown(
      "sink",
      scope.sink,
      sinks.map(({ name }) => name),
    );
  const { table } = scope;
  if (table === undefined) return chosen;
  const found = chosen.filter(({ tables }) =>
    tables.some((one) => isMeant({ schema: one.schema, table: one.name }, scope)),
  );
  if (found.length === 0)
    throw unknown(
      "table",
      table,
      chosen.flatMap(({ tables }) => tables.map(({ name }) => name)),
    );
  return found;
}

/** Whether a table is meant. */
export function isMeant({ schema, table }: Pick<TableEntry, "schema" | "table">, scope: Scope): boolean {
  return scope.table === undefined || scope.table === table || scope.table === `${schema}.${table}`;
}

function unknown(what: "sink" | "table", name: string, known: readonly string[]): CdcError {
  const near = nearestWord(name, known);
  const names = [...new Set(known)].slice(0, 20).join(", ");
  const hint = near === undefined ? `There are: ${names === "" ? "none" : names}.` : `Did you mean ${near}?`;
  return new CdcError(
    what === "sink" ? "CDC_NO_SUCH_SINK" : "CDC_NO_SUCH_TABLE",
    `the configuration has no ${what} ${name}`,
    { hint },
  );
}
