/** A value that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Resources that a task's own stack may hold. */
export type ResourceType =
  | "SourceDatabaseCdc"
  | "SourceTableCdc"
  | "CdcManagement"
  | "SinkSchema"
  | "SinkTable"
  | "StagingTable"
  | "MergeProcedure"
  | "EventQueue";

/** One resource of a task's own stack. */
export interface ResourceSpec {
  readonly type: ResourceType;
  /** Once per type in a stack; what the object is called where it lives, such as `Orders_cdc_events`. */
  readonly name: string;
  /** Arguments of the resource's class. Plain JSON without a secret: connections are named, never written out. */
  readonly args: { readonly [key: string]: Json };
  /** Resources that must be there first, as {@link resourceKey} names them. */
  readonly dependsOn?: readonly string[];
}

/** How a resource names another one: `SinkSchema dbo`. */
export function resourceKey({ type, name }: Pick<ResourceSpec, "type" | "name">): string {
  return `${type} ${name}`;
}
