import * as pulumi from "@pulumi/pulumi";
import type { PipelineModel } from "../model/sink";
import type { Retention } from "./retention";
import type { ServerAccess } from "./server-access";
import { SharedObjects } from "./shared-objects";
import { SinkDatabase } from "./sink-database";

/** Arguments of {@link CdcPipeline}. */
export interface CdcPipelineArgs {
  /** Desired state of one service in one environment. */
  readonly model: PipelineModel;
  readonly retention: Retention;
  /** How the servers' owner is reached; needed only when a sink's `manage:` asks for something. */
  readonly server?: ServerAccess;
  /** Shared with the other services of the program, which may use the same databases. */
  readonly shared?: SharedObjects;
}

/** Everything that one service needs in its sinks. */
export class CdcPipeline extends pulumi.ComponentResource {
  readonly databases: readonly SinkDatabase[];

  constructor(name: string, args: CdcPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("cdc:index:CdcPipeline", name, {}, opts);
    const { model, retention, server, shared = new SharedObjects() } = args;
    const { environment, service } = model;
    const common = { environment, retention, shared, ...(server === undefined ? {} : { server }) };
    this.databases = model.sinks.map(
      (sink) => new SinkDatabase(`${service}/${sink.name}`, { ...common, sink }, { parent: this }),
    );
    this.registerOutputs({});
  }
}

/** Small stack outputs: what there is, never the whole model. */
export function summaryOf({ service, environment, sinks }: PipelineModel) {
  return {
    service,
    environment,
    sinks: sinks.map(({ name, database, schemas, tables }) => ({
      name,
      database,
      schemas: schemas.map((schema) => schema.name),
      tables: tables.length,
    })),
  };
}
