import { actualSinkTable } from "../../databases/postgres/actual/sink-table";
import { pendingRenames } from "../../model/table-hints";
import type { Plan } from "../../sql/plan";
import type { SinkTableOutputs, SinkTableProps } from "../../sql/plans/props";
import { planSinkTable } from "../../sql/plans/sink-table";
import { checkColumns, checkHints, checkIdentifiers } from "./checks";
import { destroyIsForced } from "./connections";
import { lifeCycle } from "./life-cycle";
import type { ResourceKind } from "./resource-kind";

export const sinkTableKind: ResourceKind<SinkTableProps, SinkTableOutputs> = {
  noun: "SinkTable",
  identity: ["database", "schema", "table"],
  shared: false,
  object: ({ schema, table }) => `table ${schema}.${table}`,
  owned: ({ schema, table }) => [{ schema, table }],
  check: (inputs) => [
    ...checkIdentifiers(inputs, ["schema", "table", "applicationRole"]),
    ...checkColumns(inputs),
    ...checkHints(inputs),
  ],
  plan: planned,
  met: withArrived,
  outputs: outputsOf,
  actual: actualSinkTable,
};

export const sinkTable = lifeCycle(sinkTableKind);

/** Forced, destroy loses the rows. */
function planned(olds: SinkTableOutputs | undefined, news: SinkTableProps | undefined): Plan {
  const isForced = olds !== undefined && news === undefined && destroyIsForced();
  return planSinkTable(isForced ? { ...olds, allowDrop: true } : olds, news);
}

/** Columns that files added since are no drift when the configuration wants them just so. */
function withArrived(olds: SinkTableOutputs, { columns }: SinkTableProps): SinkTableOutputs {
  const { found = {}, unexpected = [], ...rest } = olds;
  const arrived = unexpected.filter((name) => found[name] !== undefined && found[name] === columns[name]);
  const left = unexpected.filter((name) => !arrived.includes(name));
  const own = Object.fromEntries(arrived.map((name) => [name, found[name] ?? ""]));
  return { ...rest, columns: { ...rest.columns, ...own }, ...(left.length === 0 ? {} : { unexpected: left }) };
}

/** Columns that the configuration no longer names stay in the table, and are remembered as kept. */
function outputsOf(inputs: SinkTableProps, actual: SinkTableOutputs | undefined): SinkTableOutputs {
  const { order: _order, hints, ...props } = inputs;
  if (inputs.targetExists) return props;
  const present = [...Object.keys(actual?.columns ?? {}), ...(actual?.kept ?? []), ...(actual?.unexpected ?? [])];
  const renames = pendingRenames(present, inputs.columns, hints?.renames);
  const renamed = new Set(renames.map(({ from }) => from));
  const kept = [...new Set(present)]
    .filter((name) => !Object.hasOwn(inputs.columns, name) && !renamed.has(name))
    .sort();
  return kept.length === 0 ? props : { ...props, kept };
}
