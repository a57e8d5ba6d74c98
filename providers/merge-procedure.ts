import * as pulumi from "@pulumi/pulumi";
import { propertiesOf, typeToken, withPackedColumns } from "./remote-provider";

/** Arguments of {@link MergeProcedure}. */
export interface MergeProcedureArgs {
  /** Name of the connection (`sink:<environment>:<sink>`); its secrets come from the stack config. */
  connection: pulumi.Input<string>;
  /** Database that holds the procedure. Fixed for the life of the resource. */
  database: pulumi.Input<string>;
  /** Schema that holds the procedure. Fixed for the life of the resource. */
  schema: pulumi.Input<string>;
  /** Final table's name. */
  table: pulumi.Input<string>;
  /** Staging table's name. */
  staging: pulumi.Input<string>;
  /** Procedure's name, such as `sp_merge_Actor`. Fixed for the life of the resource. */
  procedure: pulumi.Input<string>;
  /** The final table's columns by name, as in {@link ./sink-table.SinkTableArgs}. */
  columns: pulumi.Input<Readonly<Record<string, string>>>;
  /** Key columns in order. */
  key: pulumi.Input<readonly string[]>;
  /** What a delete at the source does to the row. */
  onDelete: pulumi.Input<"hard" | "soft">;
  /** Where the rows come from. */
  source: pulumi.Input<{ readonly database?: string; readonly schema: string; readonly table: string }>;
  /** Customer in db-per-tenant. */
  tenant?: pulumi.Input<string>;
  /** Source names of the columns whose sink name differs. */
  renamed?: pulumi.Input<Readonly<Record<string, string>>>;
  /** Template columns with a constant value in text form; null is SQL NULL. */
  constants?: pulumi.Input<Readonly<Record<string, string | null>>>;
  /** Template columns whose constant is each customer's own, by column and customer. */
  tenantConstants?: pulumi.Input<Readonly<Record<string, Readonly<Record<string, string | null>>>>>;
  /** Source databases of these customers; null where not known. */
  tenants?: pulumi.Input<Readonly<Record<string, string | null>>>;
  /** Template columns filled by their DEFAULT. */
  defaulted?: pulumi.Input<readonly string[]>;
  /** Transforms that the native path cannot run. */
  transforms?: pulumi.Input<readonly string[]>;
  /** Staged rows that one call takes at most, about. */
  batchSize: pulumi.Input<number>;
  /** Role that may call it. */
  applicationRole?: pulumi.Input<string>;
}

/** The procedure that merges staged changes into the final table; its row in `merge_control` tells the stream the table's shape. */
export class MergeProcedure extends pulumi.CustomResource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly procedure: pulumi.Output<string>;
  /** Hash of its body. */
  declare readonly definition: pulumi.Output<string>;

  constructor(name: string, args: MergeProcedureArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      typeToken("MergeProcedure"),
      name,
      propertiesOf("mergeProcedure", withPackedColumns(args), ["definition"]),
      opts,
    );
  }
}
