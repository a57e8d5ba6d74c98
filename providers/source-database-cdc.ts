import * as pulumi from "@pulumi/pulumi";
import type { ServerAddress } from "../model/source-capture";
import { propertiesOf, typeToken } from "./remote-provider";

/** Arguments of {@link SourceDatabaseCdc}. */
export interface SourceDatabaseCdcArgs {
  /** Name of the connection (`source:<environment>:<server>`); its secrets come from the stack config or the environment. */
  connection: pulumi.Input<string>;
  /** How the server is reached, for what stack config and environment leave out. Without a password. */
  address: pulumi.Input<ServerAddress>;
  /** SQL Server database. Fixed for the life of the resource. */
  database: pulumi.Input<string>;
  /** Customers whose rows it holds. */
  tenants: pulumi.Input<readonly string[]>;
  /** False: only looks whether change data capture is on. */
  manage: pulumi.Input<boolean>;
}

/** Change data capture of a SQL Server database. Destroy turns it off only if this resource turned it on and nothing else uses it. */
export class SourceDatabaseCdc extends pulumi.CustomResource {
  declare readonly database: pulumi.Output<string>;
  /** Change data capture was off before. */
  declare readonly enabledByUs: pulumi.Output<boolean>;

  constructor(name: string, args: SourceDatabaseCdcArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken("SourceDatabaseCdc"), name, propertiesOf("sourceDatabaseCdc", args, ["enabledByUs"]), opts);
  }
}
