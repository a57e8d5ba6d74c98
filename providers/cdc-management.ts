import * as pulumi from "@pulumi/pulumi";
import { propertiesOf, typeToken } from "./remote-provider";

/** Arguments of {@link CdcManagement}. */
export interface CdcManagementArgs {
  /** Name of the connection (`sink:<environment>:<sink>`); its secrets come from the stack config. */
  connection: pulumi.Input<string>;
  /** Database that holds the schema `cdc_management`. Fixed for the life of the resource. */
  database: pulumi.Input<string>;
  /** Version of its objects. */
  version: pulumi.Input<number>;
  /** sha256 of everything that creates it: a changed view or function is an update. */
  definition: pulumi.Input<string>;
  /** Role that loads and merges. */
  applicationRole?: pulumi.Input<string>;
  /** Destroy keeps the tables: history, dead letters, checkpoints. */
  retain: pulumi.Input<boolean>;
  /** Destroy leaves it while it serves any table, instead of refusing. */
  keepWhenUsed?: pulumi.Input<boolean>;
}

/** The schema `cdc_management`: merge control, checkpoints, dead letters, history, functions and views. */
export class CdcManagement extends pulumi.CustomResource {
  declare readonly database: pulumi.Output<string>;
  declare readonly version: pulumi.Output<number>;

  constructor(name: string, args: CdcManagementArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken("CdcManagement"), name, propertiesOf("cdcManagement", args), opts);
  }
}
