import { randomUUID } from "node:crypto";
import type { QueuedTable } from "../../../model/queue-name";
import { QueueNames, type QueueNaming } from "../../../model/queue-names";
import { parseTableName } from "../../../model/table-name";
import { Rejection } from "../../rejection";
import { TableRoute } from "./table-route";

/** Columns of a table's key, as the configuration names them. */
export interface TableKey {
  /** `Table` or `schema.Table`. */
  readonly name: string;
  readonly key?: readonly string[];
}

/** Finds each table's queue. */
export class Routes {
  private readonly names: QueueNames;
  private readonly keys: readonly {
    readonly schema?: string;
    readonly table: string;
    readonly key: readonly string[];
  }[];
  private readonly routes = new Map<string, TableRoute | Rejection>();
  private readonly run: string = randomUUID();
  private last: { readonly table: QueuedTable; readonly route: TableRoute | Rejection } | undefined;

  /** @throws CdcError when the naming can't be. */
  constructor(naming: QueueNaming, tables: readonly TableKey[] = []) {
    this.names = new QueueNames(naming);
    this.keys = tables.flatMap(({ name, key }) => (key === undefined ? [] : [{ ...parseTableName(name), key }]));
  }

  /**
   * The way of a table; a rejection when its queue can't be named.
   * @throws CdcError (CDC_QUEUE_SHARED) when two tables would share a queue.
   */
  of(table: QueuedTable): TableRoute | Rejection {
    // Neighbours are mostly of one table.
    if (this.last !== undefined && isSame(this.last.table, table)) return this.last.route;
    const id = JSON.stringify([table.table, table.schema, table.database, table.tenant]);
    const route = this.routes.get(id) ?? this.find(table);
    this.routes.set(id, route);
    this.last = { table, route };
    return route;
  }

  private find(table: QueuedTable): TableRoute | Rejection {
    const answer = this.names.of(table);
    if ("fault" in answer) return new Rejection(answer.fault);
    const entry = this.keys.find((one) => one.table === table.table && (one.schema ?? table.schema) === table.schema);
    return new TableRoute(answer.name, table, this.run, entry?.key);
  }
}

function isSame(one: QueuedTable, other: QueuedTable): boolean {
  return (
    one.table === other.table &&
    one.schema === other.schema &&
    one.database === other.database &&
    one.tenant === other.tenant
  );
}
