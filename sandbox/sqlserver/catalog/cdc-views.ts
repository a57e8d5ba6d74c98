import { lsnBytes } from "../storage/lsn";
import { bit, datetimeOf, view, type CatalogView } from "./view";

/** Tables of schema cdc that the stand-in keeps in another form. */
export const CDC_VIEWS: Readonly<Record<string, CatalogView>> = {
  change_tables: view(
    "object_id:int version:int source_object_id:int capture_instance:name start_lsn:lsn end_lsn:lsn supports_net_changes:bit has_drop_pending:bit role_name:name index_name:name filegroup_name:name create_date:time partition_switch:bit",
    function* ({ cdc }) {
      for (const instance of cdc?.instances ?? []) {
        yield {
          object_id: instance.changeTable.id,
          version: 0,
          source_object_id: instance.source.id,
          capture_instance: instance.name,
          start_lsn: lsnBytes(instance.startLsn),
          supports_net_changes: bit(instance.supportsNetChanges),
          role_name: instance.role,
          index_name: instance.indexName,
          filegroup_name: instance.filegroup,
          create_date: datetimeOf(instance.createdAt),
          partition_switch: 0,
        };
      }
    },
  ),
  captured_columns: view(
    "object_id:int column_name:name column_id:int column_type:name column_ordinal:int is_computed:bit masking_function:text",
    function* ({ cdc }) {
      for (const { changeTable, columns } of cdc?.instances ?? []) {
        for (const { name, columnId, ordinal, column } of columns) {
          yield {
            object_id: changeTable.id,
            column_name: name,
            column_id: columnId,
            column_type: column.type.name,
            column_ordinal: ordinal,
            is_computed: bit(column.computed !== undefined),
          };
        }
      }
    },
  ),
  index_columns: view("object_id:int column_name:name index_ordinal:tiny column_id:int", function* ({ cdc }) {
    for (const { changeTable, columns, keyColumns } of cdc?.instances ?? []) {
      for (const [i, key] of keyColumns.entries()) {
        const column = columns.find(({ name }) => name.toLowerCase() === key.toLowerCase());
        if (column)
          yield {
            object_id: changeTable.id,
            column_name: column.name,
            index_ordinal: i + 1,
            column_id: column.columnId,
          };
      }
    }
  }),
  ddl_history: view(
    "source_object_id:int object_id:int required_column_update:bit ddl_command:text ddl_lsn:lsn ddl_time:time",
    function* ({ cdc }) {
      for (const entry of cdc?.history() ?? []) {
        yield {
          source_object_id: entry.instance.source.id,
          object_id: entry.instance.changeTable.id,
          required_column_update: bit(entry.requiredUpdate),
          ddl_command: entry.command,
          ddl_lsn: lsnBytes(entry.lsn),
          ddl_time: datetimeOf(entry.time),
        };
      }
    },
  ),
};

/** Tables of msdb.dbo that tell of the jobs. */
export const MSDB_VIEWS: Readonly<Record<string, CatalogView>> = {
  cdc_jobs: view(
    "database_id:int job_type:name job_id:guid maxtrans:int maxscans:int continuous:bit pollinginterval:big retention:big threshold:big",
    function* (_, { instance }) {
      for (const database of instance.databases()) {
        if (!database.cdc) continue;
        const { jobs } = database.cdc;
        yield {
          database_id: database.id,
          job_type: "capture",
          job_id: jobId(database.id, 1),
          maxtrans: jobs.maxTransactions,
          maxscans: jobs.maxScans,
          continuous: 1,
          pollinginterval: BigInt(Math.round(jobs.pollingIntervalMs / 1000)),
          retention: 0n,
          threshold: 0n,
        };
        yield {
          database_id: database.id,
          job_type: "cleanup",
          job_id: jobId(database.id, 2),
          maxtrans: 0,
          maxscans: 0,
          continuous: 0,
          pollinginterval: 0n,
          retention: BigInt(jobs.retentionMinutes),
          threshold: BigInt(jobs.threshold),
        };
      }
    },
  ),
  sysjobs: view("job_id:guid name:name enabled:tiny", function* (_, { instance }) {
    for (const database of instance.databases()) {
      if (!database.cdc) continue;
      yield { job_id: jobId(database.id, 1), name: `cdc.${database.name}_capture`, enabled: 1 };
      yield { job_id: jobId(database.id, 2), name: `cdc.${database.name}_cleanup`, enabled: 1 };
    }
  }),
};

function jobId(database: number, kind: number): string {
  return `00000000-0000-0000-${String(kind).padStart(4, "0")}-${String(database).padStart(12, "0")}`;
}
