/** The dynamic providers that the SDK's provider process finds as `pulumi-cdc/handlers`. */
export { cdcManagement } from "./cdc-management";
export { eventQueue } from "./event-queue";
export { mergeProcedure } from "./merge-procedure";
export { sinkSchema } from "./sink-schema";
export { sinkTable } from "./sink-table";
export { sourceDatabaseCdc } from "./source-database-cdc";
export { sourceTableCdc } from "./source-table-cdc";
export { stagingTable } from "./staging-table";
