import { propertyBlock, type PropertyBlock } from "../../../databases/servicebus/messages/property-block";
import type { QueuedTable } from "../../../model/queue-name";
import type { Change } from "./change";
import { ChangeIdentities } from "./identity";

/** Where the changes of one table go, and what all of them have in common. */
export class TableRoute {
  /** `dbo.Orders`. */
  readonly subject: string;
  readonly identities: ChangeIdentities;
  private readonly blocks = new Map<string, PropertyBlock>();

  /**
   * @param run what no other run of the process has
   * @param key columns of the key when the configuration names them
   */
  constructor(
    readonly queue: string,
    private readonly table: QueuedTable,
    run: string,
    private readonly key: readonly string[] | undefined,
  ) {
    const { schema, database, tenant } = table;
    this.subject = schema === undefined ? table.table : `${schema}.${table.table}`;
    const place = [database, tenant].filter((part) => part !== undefined).join(":");
    this.identities = new ChangeIdentities(place === "" ? this.subject : `${place}/${this.subject}`, run);
  }

  /** Columns that tell rows apart; undefined when neither configuration nor envelope say. */
  keyOf({ metadata }: Change): readonly string[] | undefined {
    if (this.key !== undefined) return this.key;
    const told = metadata["Key"];
    return Array.isArray(told) && told.length > 0 && told.every((name) => typeof name === "string") ? told : undefined;
  }

  /** Session of a key: customers that share a queue have sessions of their own. Without a key the table is one. */
  sessionOf(key: string | undefined): string {
    const { tenant } = this.table;
    const own = key ?? this.subject;
    return tenant === undefined ? own : `${tenant}|${own}`;
  }

  /** Properties that all changes of one kind have. */
  propertiesOf({ operation, metadata }: Change): PropertyBlock {
    const version = metadata["Version"];
    const id = typeof version === "number" ? `${operation}/${String(version)}` : operation;
    let block = this.blocks.get(id);
    if (block === undefined) {
      const { table, schema, database, tenant } = this.table;
      const known = typeof version === "number" && Number.isInteger(version) ? version : 1;
      block = propertyBlock({ operation, table, schema, database, tenant, version: known });
      this.blocks.set(id, block);
    }
    return block;
  }
}
