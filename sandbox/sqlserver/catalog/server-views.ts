import { scanText } from "../cdc/scan-text";
import { DEFAULT_COLLATION } from "../values/collation";
import { SERVER_NAME, VERSION_TEXT } from "../compile/globals";
import { nvarchar } from "../values/sql-type";
import { bit, datetimeOf, view, type CatalogView } from "./view";

/** Views of databases, sessions and CDC in schema sys. */
export const SERVER_VIEWS: Readonly<Record<string, CatalogView>> = {
  databases: view(
    "name:name database_id:int source_database_id:int owner_sid:bytes create_date:time compatibility_level:tiny collation_name:name user_access:tiny user_access_desc:desc is_read_only:bit is_auto_close_on:bit is_auto_shrink_on:bit state:tiny state_desc:desc is_in_standby:bit snapshot_isolation_state:tiny snapshot_isolation_state_desc:desc is_read_committed_snapshot_on:bit recovery_model:tiny recovery_model_desc:desc is_cdc_enabled:bit is_encrypted:bit is_published:bit is_subscribed:bit is_merge_published:bit is_distributor:bit log_reuse_wait_desc:desc",
    function* (_, { instance }) {
      for (const database of instance.databases()) {
        yield {
          name: database.name,
          database_id: database.id,
          owner_sid: Buffer.from([1]),
          create_date: datetimeOf(database.createdAt),
          compatibility_level: 160,
          collation_name: DEFAULT_COLLATION,
          user_access: 0,
          user_access_desc: "MULTI_USER",
          is_read_only: 0,
          is_auto_close_on: 0,
          is_auto_shrink_on: 0,
          state: database.online ? 0 : 6,
          state_desc: database.online ? "ONLINE" : "OFFLINE",
          is_in_standby: 0,
          snapshot_isolation_state: bit(database.allowsSnapshot),
          snapshot_isolation_state_desc: database.allowsSnapshot ? "ON" : "OFF",
          is_read_committed_snapshot_on: 1,
          recovery_model: 1,
          recovery_model_desc: "FULL",
          is_cdc_enabled: bit(database.cdc !== undefined),
          is_encrypted: 0,
          is_published: 0,
          is_subscribed: 0,
          is_merge_published: 0,
          is_distributor: 0,
          log_reuse_wait_desc: database.unread.length > 0 ? "REPLICATION" : "NOTHING",
        };
      }
    },
  ),
  configurations: view("configuration_id:int name:name value:variant value_in_use:variant", function* () {
    yield {
      configuration_id: 1536,
      name: "max text repl size (B)",
      value: { base: nvarchar(10), value: "65536" },
      value_in_use: { base: nvarchar(10), value: "65536" },
    };
  }),
  servers: view("server_id:int name:name product:name provider:name", function* () {
    yield { server_id: 0, name: SERVER_NAME, product: "SQL Server", provider: "SQLNCLI" };
  }),
  dm_os_host_info: view("host_platform:name host_distribution:name host_release:name", function* () {
    yield { host_platform: "stand-in", host_distribution: VERSION_TEXT.slice(0, 40), host_release: "" };
  }),
  dm_exec_sessions: view(
    "session_id:small login_name:name host_name:name program_name:name status:name is_user_process:bit database_id:small open_transaction_count:int transaction_isolation_level:small",
    function* (database, { session }) {
      yield {
        session_id: session.id,
        login_name: session.login,
        host_name: session.host,
        program_name: session.application,
        status: "running",
        is_user_process: 1,
        database_id: database.id,
        open_transaction_count: session.transactionCount(),
        transaction_isolation_level: 2,
      };
    },
  ),
  dm_server_services: view(
    "servicename:text startup_type:int startup_type_desc:text status:int status_desc:text",
    function* (database) {
      const running =
        database.instance.databases().every(({ cdc }) => cdc?.agentRuns !== false) && database.instance.agentRuns();
      yield {
        servicename: "SQL Server (MSSQLSERVER)",
        startup_type: 2,
        startup_type_desc: "Automatic",
        status: 4,
        status_desc: "Running",
      };
      yield {
        servicename: "SQL Server Agent (MSSQLSERVER)",
        startup_type: 2,
        startup_type_desc: "Automatic",
        status: running ? 4 : 1,
        status_desc: running ? "Running" : "Stopped",
      };
    },
  ),
  dm_cdc_log_scan_sessions: view(
    "session_id:int start_time:time end_time:time duration:int scan_phase:name error_count:int start_lsn:name current_lsn:name end_lsn:name tran_count:big last_commit_lsn:name last_commit_time:time log_record_count:big schema_change_count:int command_count:big first_begin_cdc_lsn:name last_commit_cdc_lsn:name last_commit_cdc_time:time latency:int empty_scan_count:int failed_sessions_count:int",
    ({ cdc }) => (cdc ? [scanText(cdc)] : []),
  ),
  dm_cdc_errors: view(
    "session_id:int phase_number:int entry_time:time error_number:int error_severity:int error_state:int error_message:text start_lsn:name begin_lsn:name sequence_value:name",
    function* ({ cdc }) {
      for (const { time, number, severity, message } of cdc?.errors ?? []) {
        yield {
          session_id: 1,
          phase_number: 5,
          entry_time: datetimeOf(time),
          error_number: number,
          error_severity: severity,
          error_state: 1,
          error_message: message,
        };
      }
    },
  ),
  database_principals: view(
    "name:name principal_id:int type:char2 type_desc:desc default_schema_name:name is_fixed_role:bit",
    function* ({ users }) {
      yield {
        name: "dbo",
        principal_id: 1,
        type: "S",
        type_desc: "SQL_USER",
        default_schema_name: "dbo",
        is_fixed_role: 0,
      };
      yield { name: "db_owner", principal_id: 16_384, type: "R", type_desc: "DATABASE_ROLE", is_fixed_role: 1 };
      for (const { name, id, role } of users.values()) {
        yield {
          name,
          principal_id: id,
          type: role ? "R" : "S",
          type_desc: role ? "DATABASE_ROLE" : "SQL_USER",
          default_schema_name: role ? null : "dbo",
          is_fixed_role: 0,
        };
      }
    },
  ),
  partitions: view("partition_id:big object_id:int index_id:int partition_number:int rows:big", function* (database) {
    for (const table of database.tables()) {
      yield {
        partition_id: BigInt(table.id),
        object_id: table.id,
        index_id: table.clustered ? 1 : 0,
        partition_number: 1,
        rows: BigInt(table.rows.size),
      };
    }
  }),
  dm_db_partition_stats: view(
    "object_id:int index_id:int partition_number:int row_count:big reserved_page_count:big used_page_count:big",
    function* (database) {
      for (const table of database.tables()) {
        yield {
          object_id: table.id,
          index_id: table.clustered ? 1 : 0,
          partition_number: 1,
          row_count: BigInt(table.rows.size),
          reserved_page_count: 0n,
          used_page_count: 0n,
        };
      }
    },
  ),
};
