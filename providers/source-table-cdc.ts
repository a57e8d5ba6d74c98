import * as pulumi from "@pulumi/pulumi";
import type { ServerAddress } from "../model/source-capture";
import type { SnapshotMode } from "../model/topology";
import { propertiesOf, typeToken } from "./remote-provider";

/** Arguments of {@link SourceTableCdc}. */
export interface SourceTableCdcArgs {
  /** Name of the connection (`source:<environment>:<server>`); its secrets come from the stack config or the environment. */
  connection: pulumi.Input<string>;
  /** How the server is reached, for what stack config and environment leave out. Without a password. */
  address: pulumi.Input<ServerAddress>;
  /** SQL Server database. Fixed for the life of the resource. */
  database: pulumi.Input<string>;
  /** Schema of the table. Fixed for the life of the resource. */
  schema: pulumi.Input<string>;
  /** Source table. Fixed for the life of the resource. */
  table: pulumi.Input<string>;
  /** Captured columns, sorted and packed: `Id|Name`. */
  captured: pulumi.Input<string>;
  /** Gating role of the capture instances that it makes. */
  role?: pulumi.Input<string>;
  /** Filegroup of their change tables. */
  filegroup?: pulumi.Input<string>;
  /** Makes the function for net changes, too. */
  netChanges: pulumi.Input<boolean>;
  /** False: only looks whether the table is captured. */
  manage: pulumi.Input<boolean>;
  /** When the stream copies the table's rows. */
  snapshot: pulumi.Input<SnapshotMode>;
  /** Sinks that take its rows, packed: `<connection>|<database>`. */
  sinks: pulumi.Input<string>;
}

/** A captured table of SQL Server. Adopts a capture instance that is there; destroy disables only those that it made. */
export class SourceTableCdc extends pulumi.CustomResource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly table: pulumi.Output<string>;
  /** Capture instances that it made. */
  declare readonly instances: pulumi.Output<readonly string[]>;
  /** The table was not captured before. */
  declare readonly enabledByUs: pulumi.Output<boolean>;

  constructor(name: string, args: SourceTableCdcArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken("SourceTableCdc"), name, propertiesOf("sourceTableCdc", args, ["instances", "enabledByUs"]), opts);
  }
}
