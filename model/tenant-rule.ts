import type { Column } from "./column";
import type { Config, SinkTableConfig } from "./config";
import type { Findings } from "./findings";

const TENANT_COLUMN = /^(?:customer|tenant)(?:id|key|no|number|code)?$/;

/** True for `customer_id`, `_customer_id`, `TenantId` and the like. */
function isTenantColumn(column: Column): boolean {
  return TENANT_COLUMN.test(column.name.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase());
}

/**
 * Rows of several customers in one table need a column that tells whose they are, and where one table collects
 * them from several databases, the key needs it too. A warning, or a problem when strict.
 */
export function checkTenantColumn(
  config: Config,
  table: SinkTableConfig,
  built: { columns: readonly Column[]; key: readonly string[] },
  shared: boolean,
  findings: Findings,
): void {
  const tenants = built.columns.filter(isTenantColumn);
  if (config.group.pattern === "db-shared") {
    if (tenants.length === 0)
      report(
        config,
        table,
        "has no customer_id",
        "add it to the source, or add a column template customer_id",
        findings,
      );
    return;
  }
  if (!shared || table.targetExists) return;
  const inKey = tenants.some((column) => built.key.includes(column.name));
  if (inKey) return;
  const lacks = tenants.length === 0 ? "has no customer_id" : "has no customer_id in its key";
  const hint = `write {{SCHEMA}}.${table.table} for a table per customer, or add a column template customer_id and put it into primary_key:`;
  report(config, table, `collects the rows of all customers and ${lacks}`, hint, findings);
}

function report(config: Config, table: SinkTableConfig, text: string, hint: string, findings: Findings): void {
  if (config.strict) findings.problem(table.at, `${table.key} ${text}`, hint);
  else findings.warning(table.key, `${text}: ${hint}`);
}
