/** What a Pulumi program of the user's own imports from `pulumi-cdc`. */
export { CdcPipeline, summaryOf, type CdcPipelineArgs } from "./cdc-pipeline";
export { EventQueues, type EventQueuesArgs, type OwnedNamespace } from "./event-queues";
export type { AzureNamespace } from "./load-azure";
export { ManagedAccess, type ManagedAccessArgs } from "./managed-access";
export { ReplicatedTable, type ReplicatedTableArgs, type TablePlace } from "./replicated-table";
export type { Retention } from "./retention";
export { serverAccess, sinkServers, type ServerAccess } from "./server-access";
export { SharedObjects, type SharingSink } from "./shared-objects";
export { SinkDatabase, type SinkDatabaseArgs } from "./sink-database";
export { captureSources, SourceCapture, type SourceCaptureArgs } from "./source-capture";
export * from "../providers";
