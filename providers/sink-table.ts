import * as pulumi from "@pulumi/pulumi";
import type { TableHints } from "../model/table-hints";
import { packedOrder, propertiesOf, typeToken } from "./remote-provider";

/** Arguments of {@link SinkTable}. */
export interface SinkTableArgs {
  /** Name of the connection (`sink:<environment>:<sink>`); its secrets come from the stack config. */
  connection: pulumi.Input<string>;
  /** Database that holds the table. Fixed for the life of the resource. */
  database: pulumi.Input<string>;
  /** Schema that holds the table. Fixed for the life of the resource. */
  schema: pulumi.Input<string>;
  /** Table name, unquoted. Fixed for the life of the resource. */
  table: pulumi.Input<string>;
  /** Columns by name, each `<type>[ not null][ default <expression>]`; without the metadata columns. A removed one is kept in the table. */
  columns: pulumi.Input<Readonly<Record<string, string>>>;
  /** Column names in table order, for when the table is made; default: the key first, then as given. */
  order?: pulumi.Input<readonly string[]>;
  /** Key columns in order. */
  key: pulumi.Input<readonly string[]>;
  /** What a delete at the source does to the row. */
  onDelete: pulumi.Input<"hard" | "soft">;
  /** The table is somebody else's: compared and validated, never altered, never dropped. */
  targetExists: pulumi.Input<boolean>;
  /** Destroy may drop the table with its rows. */
  allowDrop: pulumi.Input<boolean>;
  /** Role that may read the table. */
  applicationRole?: pulumi.Input<string>;
  /** What is known about changes of columns: renames, pairs that are none, SQL for a change of type or to NOT NULL. */
  hints?: pulumi.Input<TableHints>;
}

/** A final table in the sink, with the metadata columns and the index on `__sync_timestamp`. */
export class SinkTable extends pulumi.CustomResource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly table: pulumi.Output<string>;
  declare readonly columns: pulumi.Output<Readonly<Record<string, string>>>;
  /** Columns that the table has and the configuration doesn't: left alone. */
  declare readonly kept: pulumi.Output<readonly string[] | undefined>;

  constructor(name: string, args: SinkTableArgs, opts?: pulumi.CustomResourceOptions) {
    const { order } = args;
    const packed = order === undefined ? args : { ...args, order: packedOrder(order) };
    super(typeToken("SinkTable"), name, propertiesOf("sinkTable", packed, ["kept"]), opts);
  }
}
