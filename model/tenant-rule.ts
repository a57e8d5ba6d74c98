import type { BuiltColumns } from "./column-pipeline";
import type { Config, SinkTableConfig } from "./config";
import type { Findings } from "./findings";

const TENANT_COLUMN = /^(?:customer|tenant)(?:id|key|no|number|code)?$/;

/** Names like `customer_id`, `_customer_id` and `TenantId`. */
function tenantColumns({ columns }: BuiltColumns): string[] {
  const names = columns.map(({ name }) => name);
  return names.filter((name) => TENANT_COLUMN.test(name.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase()));
}

/** Names of the columns whose value is each customer's own. */
function varyingColumns({ varying }: BuiltColumns): string[] {
  return varying.filter(({ value }) => value.kind === "source-ref" && value.source === "*").map(({ name }) => name);
}

/**
 * Rows of several customers in one table need a column that tells whose they are, and where one table collects
 * them from several databases, the key needs it too. A warning, or a problem when strict.
 */
export function checkTenantColumn(
  config: Config,
  table: SinkTableConfig,
  built: BuiltColumns,
  shared: boolean,
  findings: Findings,
): void {
  const tenants = tenantColumns(built);
  if (config.group.pattern === "db-shared") {
    const hint = "add it to the source, or add a column template customer_id";
    if (tenants.length === 0) report(config, table, "has no customer_id", hint, findings);
    return;
  }
  if (!shared || [...tenants, ...varyingColumns(built)].some((name) => built.key.includes(name))) return;
  const lacks = tenants.length === 0 ? "has no customer_id" : "has no customer_id in its key";
  const text = `collects the rows of all customers and ${lacks}`;
  const instead = table.targetExists ? "" : `write {{SCHEMA}}.${table.table} for a table per customer, or `;
  report(config, table, text, `${instead}add a column template customer_id and put it into primary_key:`, findings);
}

function report(config: Config, table: SinkTableConfig, text: string, hint: string, findings: Findings): void {
  // What belongs to somebody else may have a key that no two customers share.
  if (config.strict && !table.targetExists) findings.problem(table.at, `${table.key} ${text}`, hint);
  else findings.warning(table.key, `${text}: ${hint}`);
}
