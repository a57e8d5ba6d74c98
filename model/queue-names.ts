import { CdcError } from "../lib/errors";
import {
  DEFAULT_QUEUE_TEMPLATE,
  placeholdersOf,
  queueName,
  queueNameFault,
  templateFault,
  valueOf,
  type QueueAnswer,
  type QueuedTable,
} from "./queue-name";
import { parseTableName } from "./table-name";

/** How queues are named. */
export interface QueueNaming {
  /** Default {@link DEFAULT_QUEUE_TEMPLATE}. */
  readonly template?: string;
  /** Queues of single tables, by `Table` or `schema.Table`. */
  readonly named?: Readonly<Record<string, string>>;
  /** Names that no table's queue may have. */
  readonly reserved?: readonly string[];
}

/** The queues of tables, each found once: no two tables get one queue. */
export class QueueNames {
  private readonly template: string;
  private readonly named: readonly { readonly schema?: string; readonly table: string; readonly queue: string }[];
  /** By name in lower case. */
  private readonly owners = new Map<string, QueuedTable | "reserved">();

  /** @throws CdcError (CDC_QUEUE_NAME) when template or names can't be. */
  constructor({ template = DEFAULT_QUEUE_TEMPLATE, named = {}, reserved = [] }: QueueNaming = {}) {
    const fault = [templateFault(template), ...[...Object.values(named), ...reserved].map(queueNameFault)].find(
      Boolean,
    );
    if (fault !== undefined)
      throw new CdcError("CDC_QUEUE_NAME", fault, { hint: `The default is ${DEFAULT_QUEUE_TEMPLATE}.` });
    this.template = template;
    this.named = Object.entries(named).map(([text, queue]) => ({ ...parseTableName(text), queue }));
    for (const name of reserved) this.owners.set(name.toLowerCase(), "reserved");
  }

  /**
   * Queue of a table; a fault when its name can't be made.
   * @throws CdcError (CDC_QUEUE_SHARED) when another table has this queue.
   */
  of(table: QueuedTable): QueueAnswer {
    const answer = this.nameOf(table);
    if ("name" in answer) this.claim(answer.name, table);
    return answer;
  }

  private nameOf(table: QueuedTable): QueueAnswer {
    const own = this.named.find((entry) => entry.table === table.table && sameOrUnknown(entry.schema, table.schema));
    return own === undefined ? queueName(this.template, table) : { name: own.queue };
  }

  private claim(name: string, table: QueuedTable): void {
    const key = name.toLowerCase();
    const owner = this.owners.get(key);
    if (owner === "reserved")
      throw new CdcError(
        "CDC_QUEUE_SHARED",
        `the queue ${name} of table ${written(table)} is used for something else`,
        { hint: NAME_ONE },
      );
    if (owner !== undefined && !this.isSame(owner, table)) throw this.shared(name, owner, table);
    if (owner?.schema === undefined) this.owners.set(key, table);
  }

  /** Tenants and databases of one table share its queue, unless the template tells them apart. */
  private isSame(one: QueuedTable, other: QueuedTable): boolean {
    const apart = placeholdersOf(this.template).some(
      (word) => !sameOrUnknown(valueOf(one, word), valueOf(other, word)),
    );
    return !apart && one.table === other.table && sameOrUnknown(one.schema, other.schema);
  }

  private shared(name: string, one: QueuedTable, other: QueuedTable): CdcError {
    const message = `tables ${written(one, other)} and ${written(other, one)} would share the queue ${name}`;
    const bySchema = one.schema !== other.schema && !this.template.includes("{Schema}");
    const template = this.template.replace("{TableName}", "{Schema}_{TableName}");
    const hint = bySchema ? `Set queue_template: "${template}". ${NAME_ONE}` : NAME_ONE;
    return new CdcError("CDC_QUEUE_SHARED", message, { hint });
  }
}

const NAME_ONE = "Or give one of them a name of its own under queues.";

function sameOrUnknown(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** `schema.table`, or the table alone; with tenant or database when only those tell it from the other one. */
function written({ schema, table, tenant, database }: QueuedTable, beside?: QueuedTable): string {
  const name = schema === undefined ? table : `${schema}.${table}`;
  if (beside?.table !== table || beside.schema !== schema) return name;
  if (beside.tenant !== tenant) return `${name} of ${tenant ?? "no tenant"}`;
  return `${name} of ${database ?? "no database"}`;
}
