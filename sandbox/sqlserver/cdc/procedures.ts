import { SqlError, sqlError, unsupported } from "../errors";
import { sendRows, type Call, type Procedure } from "../exec/procedure";
import { lsnBytes, lsnOf } from "../storage/lsn";
import { splitTicks, toDatetime } from "../values/calendar";
import { nvarchar, T } from "../values/sql-type";
import { as, type Values } from "../values/value";
import { scan } from "./capture";
import { cleanUp, cleanUpInstance } from "./cleanup";
import { disableDatabase, disableTable, enableDatabase, enableTable } from "./enable";
import type { CaptureInstance, CdcState } from "./state";

function requireCdc({ database }: Call): CdcState {
  if (!database.cdc) throw sqlError(22901, database.name);
  return database.cdc;
}

const TABLE_PARAMETERS = [
  "@source_schema",
  "@source_name",
  "@role_name",
  "@capture_instance",
  "@supports_net_changes",
  "@index_name",
  "@captured_column_list",
  "@filegroup_name",
  "@allow_partition_switch",
  "@enable_extended_ddl_handling",
];

/** Names of a column list, bracketed, quoted or plain: `[Id], [It's, ]]odd]`. */
function columnList(list: string): string[] {
  const names = list.matchAll(/\s*(?:\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^,]+))\s*(?:,|$)/g);
  return [...names].map(([, bracketed, quoted, plain]) => {
    if (bracketed !== undefined) return bracketed.replaceAll("]]", "]");
    return quoted?.replaceAll('""', '"') ?? plain?.trim() ?? "";
  });
}

function enable({ args, database, batch }: Call): number {
  const [schema, table] = [args.required("@source_schema"), args.required("@source_name")];
  if (!args.has("@role_name")) throw sqlError(201, "sp_cdc_enable_table", "@role_name");
  if ((args.int("@enable_extended_ddl_handling") ?? 0) !== 0) throw unsupported("@enable_extended_ddl_handling = 1");
  const list = args.text("@captured_column_list");
  const net = args.int("@supports_net_changes");
  const request = {
    schema,
    table,
    role: args.text("@role_name"),
    instance: args.text("@capture_instance"),
    netChanges: net === null ? undefined : net !== 0,
    index: args.text("@index_name"),
    columns: list === null ? undefined : columnList(list),
    filegroup: args.text("@filegroup_name"),
  };
  const isFirst = (database.cdc?.instances.length ?? 0) === 0;
  enableTable(database, request, batch.session.current);
  if (isFirst) {
    for (const job of ["capture", "cleanup"]) {
      batch.output.message(new SqlError(0, 0, 1, `Job 'cdc.${database.name}_${job}' started successfully.`));
    }
  }
  return 0;
}

const HELP_COLUMNS = [
  "source_schema",
  "source_table",
  "capture_instance",
  "object_id",
  "source_object_id",
  "start_lsn",
  "end_lsn",
  "supports_net_changes",
  "has_drop_pending",
  "role_name",
  "index_name",
  "filegroup_name",
  "create_date",
  "index_column_list",
  "captured_column_list",
].map((name) => ({
  name,
  nullable: true,
  type:
    name.endsWith("object_id") || name === "object_id"
      ? T.int
      : name.endsWith("_lsn")
        ? T.lsn
        : name.endsWith("changes") || name.endsWith("pending")
          ? T.bit
          : name === "create_date"
            ? T.datetime
            : name.endsWith("_list")
              ? T.nvarcharMax
              : T.sysname,
}));

function helpRow(instance: CaptureInstance): Values {
  const quoted = (names: readonly string[]) => names.map((name) => `[${name}]`).join(", ");
  return [
    instance.source.schema.name,
    instance.source.name,
    instance.name,
    instance.changeTable.id,
    instance.source.id,
    lsnBytes(instance.startLsn),
    null,
    instance.supportsNetChanges ? 1 : 0,
    null,
    instance.role,
    instance.indexName,
    instance.filegroup,
    toDatetime(splitTicks(instance.createdAt)),
    instance.keyColumns.length === 0 ? null : quoted(instance.keyColumns),
    quoted(instance.columns.map(({ name }) => name)),
  ];
}

function help(call: Call): number {
  const cdc = requireCdc(call);
  const [schema, name] = [call.args.text("@source_schema"), call.args.text("@source_name")];
  const table = schema !== null && name !== null ? call.database.table(schema, name) : undefined;
  if (schema !== null && name !== null && !table) throw sqlError(22931, `${schema}.${name}`);
  const instances = table ? cdc.instancesOf(table) : cdc.instances;
  if (table && instances.length === 0) throw sqlError(22985, schema ?? "", name ?? "");
  sendRows(call.batch, HELP_COLUMNS, instances.map(helpRow));
  return 0;
}

function instanceOf(call: Call): CaptureInstance {
  const name = call.args.required("@capture_instance");
  const found = requireCdc(call).instance(name);
  if (!found) throw sqlError(22960, name, "", "");
  return found;
}

function history(call: Call): number {
  const instance = instanceOf(call);
  const types = [T.sysname, T.sysname, T.sysname, T.bit, T.nvarcharMax, T.lsn, T.datetime];
  const names = [
    "source_schema",
    "source_table",
    "capture_instance",
    "required_column_update",
    "ddl_command",
    "ddl_lsn",
    "ddl_time",
  ];
  const entries = requireCdc(call)
    .history()
    .filter((entry) => entry.instance === instance);
  const rows = entries.map((entry): Values => [
    instance.source.schema.name,
    instance.source.name,
    instance.name,
    entry.requiredUpdate ? 1 : 0,
    entry.command,
    lsnBytes(entry.lsn),
    toDatetime(splitTicks(entry.time)),
  ]);
  sendRows(
    call.batch,
    names.map((name, i) => ({ name, type: types[i] ?? T.sysname, nullable: true })),
    rows,
  );
  return 0;
}

function capturedColumns(call: Call): number {
  const instance = instanceOf(call);
  const names = [
    "source_schema",
    "source_table",
    "capture_instance",
    "column_name",
    "column_id",
    "ordinal_position",
    "data_type",
  ];
  const rows = instance.columns.map(({ name, columnId, ordinal, column }): Values => [
    instance.source.schema.name,
    instance.source.name,
    instance.name,
    name,
    columnId,
    ordinal,
    column.type.name,
  ]);
  sendRows(
    call.batch,
    names.map((name) => ({
      name,
      nullable: true,
      type: name === "column_id" || name === "ordinal_position" ? T.int : T.sysname,
    })),
    rows,
  );
  return 0;
}

function cleanup(call: Call): number {
  const instance = instanceOf(call);
  const low = call.args.as("@low_water_mark", T.lsn);
  cleanUpInstance(call.database, instance, low === null ? undefined : lsnOf(as.bytes(low)));
  call.args.give("@fcleanupfailed", 0, T.bit);
  return 0;
}

function changeJob(call: Call): number {
  const { jobs } = requireCdc(call);
  const { args } = call;
  const polling = args.int("@pollinginterval");
  if (polling !== null) jobs.pollingIntervalMs = Math.max(1, polling * 1000);
  jobs.maxTransactions = args.int("@maxtrans") ?? jobs.maxTransactions;
  jobs.maxScans = args.int("@maxscans") ?? jobs.maxScans;
  jobs.retentionMinutes = args.int("@retention") ?? jobs.retentionMinutes;
  jobs.threshold = args.int("@threshold") ?? jobs.threshold;
  return 0;
}

function helpJobs(call: Call): number {
  const { jobs } = requireCdc(call);
  const names = [
    "job_id",
    "job_type",
    "job_name",
    "maxtrans",
    "maxscans",
    "continuous",
    "pollinginterval",
    "retention",
    "threshold",
  ];
  const id = "00000000-0000-0000-0000-00000000000";
  const capture: Values = [
    `${id}1`,
    "capture",
    `cdc.${call.database.name}_capture`,
    jobs.maxTransactions,
    jobs.maxScans,
    1,
    BigInt(Math.round(jobs.pollingIntervalMs / 1000)),
    0n,
    0n,
  ];
  const clean: Values = [
    `${id}2`,
    "cleanup",
    `cdc.${call.database.name}_cleanup`,
    0,
    0,
    0,
    0n,
    BigInt(jobs.retentionMinutes),
    BigInt(jobs.threshold),
  ];
  const types = [T.uniqueidentifier, nvarchar(20), T.sysname, T.int, T.int, T.bit, T.bigint, T.bigint, T.bigint];
  sendRows(
    call.batch,
    names.map((name, i) => ({ name, type: types[i] ?? T.int, nullable: true })),
    [capture, clean],
  );
  return 0;
}

function switchJob(running: boolean): Procedure["run"] {
  return (call) => {
    const cdc = requireCdc(call);
    const type = call.args.text("@job_type") ?? "capture";
    if (type === "capture") cdc.agentRuns = running;
    else if (running) cleanUp(call.database);
    return 0;
  };
}

/** Procedures sys.sp_cdc_…, by lower-case name. */
export const CDC_PROCEDURES: Readonly<Record<string, Procedure>> = {
  sp_cdc_enable_db: {
    parameters: [],
    run: ({ database, batch }) => {
      const already = enableDatabase(database, database.instance.pollingIntervalMs);
      if (already) batch.output.message(already);
      else database.instance.onCdcEnabled?.(database);
      return 0;
    },
  },
  sp_cdc_disable_db: {
    parameters: [],
    run: ({ database }) => {
      disableDatabase(database);
      return 0;
    },
  },
  sp_cdc_enable_table: { parameters: TABLE_PARAMETERS, run: enable },
  sp_cdc_disable_table: {
    parameters: ["@source_schema", "@source_name", "@capture_instance"],
    run: ({ args, database, batch }) => {
      disableTable(
        database,
        args.required("@source_schema"),
        args.required("@source_name"),
        args.required("@capture_instance"),
        batch.session.current,
      );
      return 0;
    },
  },
  sp_cdc_help_change_data_capture: { parameters: ["@source_schema", "@source_name"], run: help },
  sp_cdc_get_ddl_history: { parameters: ["@capture_instance"], run: history },
  sp_cdc_get_captured_columns: { parameters: ["@capture_instance"], run: capturedColumns },
  sp_cdc_cleanup_change_table: {
    parameters: ["@capture_instance", "@low_water_mark", "@threshold", "@fcleanupfailed"],
    run: cleanup,
  },
  sp_cdc_change_job: {
    parameters: ["@job_type", "@maxtrans", "@maxscans", "@continuous", "@pollinginterval", "@retention", "@threshold"],
    run: changeJob,
  },
  sp_cdc_help_jobs: { parameters: [], run: helpJobs },
  sp_cdc_start_job: { parameters: ["@job_type"], run: switchJob(true) },
  sp_cdc_stop_job: { parameters: ["@job_type"], run: switchJob(false) },
  sp_cdc_scan: {
    parameters: ["@maxtrans", "@maxscans", "@continuous", "@pollinginterval"],
    run: (call) => {
      requireCdc(call);
      scan(call.database);
      return 0;
    },
  },
};
