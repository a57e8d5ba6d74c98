import * as pulumi from "@pulumi/pulumi";
import type { SinkTable as TableModel } from "../model/sink";
import { MergeProcedure } from "../providers/merge-procedure";
import { SinkTable } from "../providers/sink-table";
import { StagingTable } from "../providers/staging-table";
import { mergeProcedureProps, sinkTableProps, stagingTableProps } from "../sql/plans/from-model";
import { retaining, type Retention } from "./retention";

/** What all resources of one sink have in common. */
export interface TablePlace {
  /** Name of the connection, see {@link ../databases/postgres/settings.connectionName}. */
  readonly connection: string;
  readonly database: string;
  /** Role that loads and merges. */
  readonly applicationRole?: string;
}

/** Arguments of {@link ReplicatedTable}. */
export interface ReplicatedTableArgs {
  /** The table in the model. */
  readonly table: TableModel;
  readonly place: TablePlace;
  readonly retention: Retention;
  /** What the table needs first, such as its schema. */
  readonly dependsOn: pulumi.Resource;
}

/** One table of the sink: the final table, its staging table and its merge procedure. */
export class ReplicatedTable extends pulumi.ComponentResource {
  readonly sinkTable: SinkTable;
  readonly stagingTable: StagingTable;
  readonly mergeProcedure: MergeProcedure;

  constructor(name: string, args: ReplicatedTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("cdc:index:ReplicatedTable", name, {}, opts);
    const { table, place, retention, dependsOn } = args;
    const keep = table.targetExists ? {} : retaining(retention);

    // One after the other: nothing else orders them, and the procedure needs both tables.
    const sinkTable = sinkTableProps(table, { ...place, allowDrop: retention.allowDrop });
    this.sinkTable = new SinkTable(name, sinkTable, { parent: this, dependsOn, ...keep });
    this.stagingTable = new StagingTable(name, stagingTableProps(table, place), {
      parent: this,
      dependsOn: this.sinkTable,
    });
    this.mergeProcedure = new MergeProcedure(name, mergeProcedureProps(table, place), {
      parent: this,
      dependsOn: this.stagingTable,
    });
    this.registerOutputs({});
  }
}
