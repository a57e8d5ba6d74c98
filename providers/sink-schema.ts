import * as pulumi from "@pulumi/pulumi";
import { propertiesOf, typeToken } from "./remote-provider";

/** Arguments of {@link SinkSchema}. */
export interface SinkSchemaArgs {
  /** Name of the connection (`sink:<environment>:<sink>`); its secrets come from the stack config. */
  connection: pulumi.Input<string>;
  /** Database that holds the schema. Fixed for the life of the resource. */
  database: pulumi.Input<string>;
  /** Schema name, unquoted. Fixed for the life of the resource. */
  name: pulumi.Input<string>;
  /** Role that loads and merges; gets USAGE. */
  applicationRole?: pulumi.Input<string>;
  /** Destroy leaves it while it holds anything, instead of refusing. */
  keepWhenUsed?: pulumi.Input<boolean>;
}

/** A PostgreSQL schema that holds sink tables. Destroy refuses while it holds anything we do not manage. */
export class SinkSchema extends pulumi.CustomResource {
  declare readonly database: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: SinkSchemaArgs, opts?: pulumi.CustomResourceOptions) {
    super(typeToken("SinkSchema"), name, propertiesOf("sinkSchema", args), opts);
  }
}
