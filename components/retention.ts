import type { CustomResourceOptions } from "@pulumi/pulumi";

/** What may be lost on purpose: `cdc:protect` and `cdc:allowDrop` of the stack config. */
export interface Retention {
  /** Schemas, management and tables are protected, and stay in the database when they leave the stack. */
  readonly protect: boolean;
  /** Destroy may drop tables that hold rows. */
  readonly allowDrop: boolean;
}

/** Options of a resource whose loss would lose rows. */
export function retaining(retention: Retention): Pick<CustomResourceOptions, "protect" | "retainOnDelete"> {
  return retention.protect ? { protect: true, retainOnDelete: true } : {};
}
