import * as pulumi from "@pulumi/pulumi";
import type { TableHints } from "../model/table-hints";
import { propertiesOf, typeToken, withPackedColumns } from "./remote-provider";

/** Arguments of {@link StagingTable}. */
export interface StagingTableArgs {
  /** Name of the connection (`sink:<environment>:<sink>`); its secrets come from the stack config. */
  connection: pulumi.Input<string>;
  /** Database that holds the table. Fixed for the life of the resource. */
  database: pulumi.Input<string>;
  /** Schema that holds the table. Fixed for the life of the resource. */
  schema: pulumi.Input<string>;
  /** Name of the final table. */
  table: pulumi.Input<string>;
  /** Name of the staging table, such as `stg_Actor`. Fixed for the life of the resource. */
  staging: pulumi.Input<string>;
  /** The final table's columns by name, as in {@link ./sink-table.SinkTableArgs}. */
  columns: pulumi.Input<Readonly<Record<string, string>>>;
  /** true: rows survive a crash of PostgreSQL; false: UNLOGGED, faster. */
  logged: pulumi.Input<boolean>;
  /** Role that may stage rows. */
  applicationRole?: pulumi.Input<string>;
  /** What is known about columns with a new name or type. */
  hints?: pulumi.Input<Pick<TableHints, "renames" | "using">>;
}

/** The table that takes change rows before they are merged, with the trigger that marks them for the merge. */
export class StagingTable extends pulumi.CustomResource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly staging: pulumi.Output<string>;
  /** Hash of its columns, types and defaults. */
  declare readonly definition: pulumi.Output<string>;

  constructor(name: string, args: StagingTableArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken("StagingTable"), name, propertiesOf("stagingTable", withPackedColumns(args), ["definition"]), opts);
  }
}
