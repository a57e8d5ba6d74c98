export { CdcManagement, type CdcManagementArgs } from "./cdc-management";
export { EventQueue, type EventQueueArgs } from "./event-queue";
export { MergeProcedure, type MergeProcedureArgs } from "./merge-procedure";
export { SinkSchema, type SinkSchemaArgs } from "./sink-schema";
export { SinkTable, type SinkTableArgs } from "./sink-table";
export { SourceDatabaseCdc, type SourceDatabaseCdcArgs } from "./source-database-cdc";
export { SourceTableCdc, type SourceTableCdcArgs } from "./source-table-cdc";
export { StagingTable, type StagingTableArgs } from "./staging-table";
