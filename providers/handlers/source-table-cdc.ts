import { readTableColumns, readTableNames } from "../../databases/sqlserver/capture-state";
import { describe, type MsSqlConfig } from "../../databases/sqlserver/config";
import { errorNumber } from "../../databases/sqlserver/errors";
import { queryRows } from "../../databases/sqlserver/run";
import { packList, unpackList } from "../../sql/plans/packed";
import type { SourceTableOutputs, SourceTableProps } from "../../sql/plans/source-props";
import {
  planSourceTable,
  serves,
  type SourceInstance,
  type SourceTablePlan,
  type SourceTableState,
} from "../../sql/plans/source-table";
import { disableTable, enableDatabase } from "../../sql/sqlserver/enable-statements";
import { forgetCapture, inCaptureTurn, knownCapture, patchCapture } from "./known-capture";
import { instancesReadBy } from "./source-readers";
import { changeFailure, missingCapture } from "./source-errors";
import { sourceLifeCycle, type SourceKind } from "./source-life-cycle";
import { checkSourceColumns, twoInstances } from "./source-table-faults";
import { untilBegun } from "./until-begun";

const ATTEMPTS = 4;
/** Somebody else made or removed an instance since the capture was read. */
const OUTDATED = new Set([22926, 22960, 22962, 22985]);
/** Sorts behind every instance that was read. */
const LATEST = "~";
/** The instance, the table, the capture or the database is gone. */
const GONE = new Set([22960, 22985, 22931, 22901, 208, 911, 4060]);

const kind: SourceKind<SourceTableProps, SourceTableOutputs> = {
  noun: "SourceTableCdc",
  identity: ["database", "schema", "table"],
  object: objectOf,
  check: ({ captured }) => (captured === "" ? [{ property: "captured", reason: "no column is captured" }] : []),
  expected: (inputs, { enabledByUs, instances }) => ({ ...inputs, enabledByUs, instances: instances.slice(-1) }),
  converge: async (config, inputs, olds) => {
    const { outputs, made } = await inCaptureTurn(config, () => converge(config, inputs, olds));
    if (made !== undefined) await untilBegun(config, made);
    return outputs;
  },
  actual,
  remove: (config, props) => inCaptureTurn(config, () => remove(config, props)),
};

export const sourceTableCdc = sourceLifeCycle(kind);

interface Converged {
  readonly outputs: SourceTableOutputs;
  readonly made?: string;
}

async function converge(
  config: MsSqlConfig,
  inputs: SourceTableProps,
  olds: SourceTableOutputs | undefined,
): Promise<Converged> {
  for (let attempt = 1; ; attempt += 1) {
    const state = await stateOf(config, inputs, olds);
    const plan = planSourceTable(inputs, state);
    if ("older" in plan) throw twoInstances(config, inputs, plan);
    try {
      await carryOut(config, inputs, plan);
      return convergedOf(inputs, olds, state, plan);
    } catch (error) {
      if (attempt >= ATTEMPTS || !OUTDATED.has(errorNumber(error) ?? 0)) throw error;
    }
  }
}

async function stateOf(
  config: MsSqlConfig,
  inputs: SourceTableProps,
  olds: SourceTableOutputs | undefined,
): Promise<SourceTableState> {
  const { enabled, instances: all } = await knownCapture(config);
  if (!enabled && !inputs.manage)
    throw missingCapture(config, `change data capture is off in database ${inputs.database}`, [enableDatabase()]);
  const instances = instancesOf(all, inputs);
  const inUse = instances.length < 2 ? new Set<string>() : await instancesReadBy(inputs);
  const ours = inputs.manage ? (olds?.instances ?? []) : [];
  return { instances, taken: all.map(({ name }) => name), ours, inUse };
}

async function carryOut(config: MsSqlConfig, inputs: SourceTableProps, plan: SourceTablePlan): Promise<void> {
  if (plan.statements.length === 0) return;
  const object = objectOf(inputs);
  if (plan.make)
    await checkSourceColumns(
      inputs,
      () => readTableColumns(config, inputs.schema, inputs.table),
      () => readTableNames(config),
    );
  if (!inputs.manage)
    throw missingCapture(
      config,
      `no capture instance of ${object} in ${describe(config)} has the columns that are wanted`,
      plan.statements,
    );
  try {
    for (const statement of plan.statements) await queryRows(config, statement, [], { object });
    patchCapture(config, (before) => ({ ...before, instances: instancesAfter(before.instances, inputs, plan) }));
  } catch (error) {
    forgetCapture(config);
    throw changeFailure(error, config, object, plan.statements);
  }
}

function instancesAfter(
  before: readonly SourceInstance[],
  { schema, table, captured, netChanges, role }: SourceTableProps,
  { instance, make, remove: removed }: SourceTablePlan,
): SourceInstance[] {
  const left = before.filter(({ name }) => !removed.includes(name));
  if (!make) return left;
  const made = { name: instance, schema, table, columns: unpackList(captured), netChanges, dropPending: false };
  return [...left, { ...made, ...(role === undefined ? {} : { role }), order: LATEST }];
}

function convergedOf(
  inputs: SourceTableProps,
  olds: SourceTableOutputs | undefined,
  { instances, ours }: SourceTableState,
  { instance, make, remove: removed }: SourceTablePlan,
): Converged {
  const there = instances.map(({ name }) => name).filter((name) => ours.includes(name) && !removed.includes(name));
  const enabledByUs = olds?.enabledByUs ?? (make && instances.length === 0);
  const outputs = { ...inputs, instances: make ? [...there, instance] : there, enabledByUs };
  return make ? { outputs, made: instance } : { outputs };
}

async function actual(config: MsSqlConfig, known: SourceTableOutputs): Promise<SourceTableOutputs | undefined> {
  const there = instancesOf(await instancesThere(config), known);
  const newest = there.at(-1);
  if (newest === undefined) return undefined;
  const instances = there.map(({ name }) => name).filter((name) => known.instances.includes(name));
  const served = there.some((instance) => serves(known, instance));
  return { ...known, instances, ...(served ? {} : { captured: packList([...newest.columns].sort()) }) };
}

async function remove(config: MsSqlConfig, known: SourceTableOutputs): Promise<void> {
  const there = instancesOf(await instancesThere(config), known).filter(({ name }) => known.instances.includes(name));
  const object = objectOf(known);
  for (const { name } of there) {
    const statement = disableTable(known.schema, known.table, name);
    try {
      await queryRows(config, statement, [], { object });
      patchCapture(config, (before) => ({
        ...before,
        instances: before.instances.filter((one) => one.name !== name),
      }));
    } catch (error) {
      forgetCapture(config);
      if (!GONE.has(errorNumber(error) ?? 0)) throw changeFailure(error, config, object, [statement]);
    }
  }
}

async function instancesThere(config: MsSqlConfig): Promise<readonly SourceInstance[]> {
  try {
    return (await knownCapture(config)).instances;
  } catch (error) {
    if (GONE.has(errorNumber(error) ?? 0)) return [];
    throw error;
  }
}

function instancesOf(
  all: readonly SourceInstance[],
  { schema, table }: { readonly schema: string; readonly table: string },
): SourceInstance[] {
  return all.filter((instance) => instance.schema === schema && instance.table === table);
}

function objectOf({ schema, table }: SourceTableProps | SourceTableOutputs): string {
  return `table ${schema}.${table}`;
}
