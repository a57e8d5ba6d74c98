import type { CdcState } from "../cdc/state";
import type { Instance } from "./instance";
import { LogSpace } from "./lsn";
import { Table } from "./table";
import type { LoggedTransaction } from "./transaction";

/** A schema: objects by their folded names. */
export interface Schema {
  readonly id: number;
  readonly name: string;
  readonly tables: Map<string, Table>;
}

/** A description that sp_addextendedproperty gave to a table or column. */
export interface ExtendedProperty {
  readonly name: string;
  readonly tableId: number;
  /** 0 for the table itself. */
  readonly columnId: number;
  readonly value: string;
}

const SYSTEM = new Set(["master", "tempdb", "model", "msdb"]);

/** A database with its schemas, its log and its CDC. */
export class Database {
  readonly schemas = new Map<string, Schema>();
  readonly log = new LogSpace();
  /** Committed transactions that the capture job hasn't read. */
  readonly unread: LoggedTransaction[] = [];
  /** Nobody has VIEW DEFINITION. */
  hidesDefinitions = false;
  readonly extendedProperties: ExtendedProperty[] = [];
  /** Database principals besides dbo. */
  readonly users = new Map<string, { readonly id: number; readonly name: string; readonly role: boolean }>();
  /** Absent while CDC is off. */
  cdc: CdcState | undefined;
  allowsSnapshot = false;
  online = true;
  readonly createdAt: bigint;
  private lastObjectId = 245_575_913;
  private lastSchemaId = 5;
  private rowVersion = 2000n;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly instance: Instance,
  ) {
    this.createdAt = instance.now();
    for (const [id_, schema] of [
      [1, "dbo"],
      [2, "guest"],
      [3, "INFORMATION_SCHEMA"],
      [4, "sys"],
    ] as const) {
      this.schemas.set(schema.toLowerCase(), { id: id_, name: schema, tables: new Map() });
    }
  }

  get isSystem(): boolean {
    return SYSTEM.has(this.name.toLowerCase());
  }

  schema(name: string): Schema | undefined {
    return this.schemas.get(name.toLowerCase());
  }

  addSchema(name: string): Schema {
    const schema = { id: ++this.lastSchemaId, name, tables: new Map<string, Table>() };
    this.schemas.set(name.toLowerCase(), schema);
    return schema;
  }

  table(schema: string, name: string): Table | undefined {
    return this.schema(schema)?.tables.get(name.toLowerCase());
  }

  tableById(id: number): Table | undefined {
    for (const table of this.tables()) if (table.id === id) return table;
    return undefined;
  }

  /** Every table of every schema. */
  *tables(): Generator<Table, void, undefined> {
    for (const schema of this.schemas.values()) yield* schema.tables.values();
  }

  /** Makes a table without columns; the caller gives it its shape. */
  addTable(schema: Schema, name: string): Table {
    const table = new Table(this.nextObjectId(), name, schema, this, this.instance.now());
    schema.tables.set(name.toLowerCase(), table);
    return table;
  }

  nextObjectId(): number {
    this.lastObjectId += 16;
    return this.lastObjectId;
  }

  /** The next value of a rowversion column. */
  nextRowVersion(): Buffer {
    return rowVersionBytes(++this.rowVersion);
  }

  /** @@DBTS. */
  currentRowVersion(): Buffer {
    return rowVersionBytes(this.rowVersion);
  }
}

function rowVersionBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
