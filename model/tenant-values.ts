import type { Column } from "./column";
import type { BuiltColumns } from "./column-pipeline";
import type { Config, SourceEntry } from "./config";
import { constantFault } from "./constant-fault";
import type { Findings } from "./findings";
import { within } from "./problem";
import type { SinkTable } from "./sink";
import { asColumn, type TemplateColumn } from "./template-columns";

type Filled = Pick<SinkTable, "columns" | "tenants">;
type Referenced = string | null;

/**
 * Columns with the values of a source put in, or of several that share the table: there by customer.
 * The very same array where nothing varies.
 */
export function filledColumns(
  config: Config,
  built: BuiltColumns,
  from: SourceEntry | readonly SourceEntry[],
  findings: Findings,
): Filled {
  if (built.varying.length === 0) return { columns: built.columns };
  const filled = new Map(
    built.varying.map((template) => [template.name, filledColumn(config, template, from, findings)]),
  );
  const columns = built.columns.map((column) =>
    column.origin === "template" ? withNullability(column, filled.get(column.name)) : column,
  );
  if (isOne(from) || columns.every(({ constants }) => constants === undefined)) return { columns };
  const databases = from.map(({ name, environments }) => [name, environments[config.environment]?.database ?? null]);
  return { columns, tenants: Object.fromEntries(databases) as Record<string, string | null> };
}

function filledColumn(
  config: Config,
  template: TemplateColumn,
  from: SourceEntry | readonly SourceEntry[],
  findings: Findings,
): Column {
  const { value } = template;
  if (value.kind !== "source-ref") return asColumn(template);
  if (value.source !== "*") {
    const named = config.group.sources.find(({ name }) => name === value.source);
    return asColumn(template, referencedValue(config, template, named, findings));
  }
  if (isOne(from)) return asColumn(template, referencedValue(config, template, from, findings));
  const values = from.map((entry) => [entry.name, referencedValue(config, template, entry, findings)]);
  return asColumn(template, undefined, Object.fromEntries(values) as Record<string, Referenced>);
}

function isOne(from: SourceEntry | readonly SourceEntry[]): from is SourceEntry {
  return !Array.isArray(from);
}

/** Being in the key, or not, was decided before the value was known. */
function withNullability(built: Column, filled: Column | undefined): Column {
  return filled === undefined ? built : { ...filled, nullable: built.nullable };
}

/** Value of `{group.sources.<source>.<key>}`; null with a problem where there is none. */
function referencedValue(
  config: Config,
  template: TemplateColumn,
  source: SourceEntry | undefined,
  findings: Findings,
): Referenced {
  const { value, at, name } = template;
  if (value.kind !== "source-ref") return null;
  const { group, environment } = config;
  if (value.group !== group.name) {
    const text = `column template ${name} refers to source group ${value.group}`;
    findings.problem(at, text, `the source group is ${group.name}`);
    return null;
  }
  const values = source?.environments[environment];
  if (values === undefined || !Object.hasOwn(values.values, value.key)) {
    const what = `${group.name}.sources.${source?.name ?? value.source}`;
    findings.problem(
      values?.at ?? source?.at ?? at,
      `${what} has no ${value.key} in environment ${environment}`,
      `column ${name} takes its value from there: add ${value.key}`,
    );
    return null;
  }
  const constant = values.values[value.key] ?? null;
  checkConstant(constant, template, within(values.at, value.key), findings);
  return constant;
}

function checkConstant(
  constant: Referenced,
  { name, type, nullable }: TemplateColumn,
  at: TemplateColumn["at"],
  findings: Findings,
): void {
  const fault = constant === null ? (nullable ? undefined : "is null") : constantFault(constant, type);
  if (fault === undefined) return;
  findings.problem(at, `the value of column ${name} ${fault}`, `the column is ${type}${nullable ? "" : " not null"}`);
}
