import { DEFAULT_BATCH_SIZE } from "../../sql/plans/props";
import type { PgConfig } from "../../databases/postgres/config";
import { connectionName } from "../../databases/postgres/settings";
import { counters } from "../../databases/postgres/run";
import * as handlers from "../../providers/handlers";
import { forgetAll } from "../../providers/handlers/known-catalog";
import { cdcManagementProps } from "../../sql/plans/cdc-management";
import { mergeProcedureProps, sinkTableProps, stagingTableProps } from "../../sql/plans/from-model";
import type { SinkTable } from "../../model/sink";
import type { DynamicProvider, Properties } from "../../providers/handlers/dynamic-provider";

/** A resource as an engine keeps it. */
export interface Kept {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

export type HandlerName = keyof typeof handlers;

const SINK = "main.test";

/** Calls the handlers as an engine does, one process per run: `newRun` forgets what a process knows. */
export class Engine {
  constructor(private readonly config: PgConfig) {
    const { host, port, user, password } = config;
    const settings = JSON.stringify({ host, port, user, password });
    const request = { config: { get: (key: string) => (key === "cdc:sink" ? settings : undefined) } };
    void handlers.sinkTable.configure(request);
  }

  /** What every resource's properties begin with. */
  get place() {
    return { connection: connectionName({ environment: "dev", sink: SINK }), database: this.config.database };
  }

  newRun(): void {
    forgetAll();
  }

  /** Check, then create, update or leave alone, as `up` does. Returns what the state keeps. */
  async up(name: HandlerName, inputs: object, old?: Kept): Promise<Kept> {
    const provider: DynamicProvider = handlers[name];
    const checked = await provider.check(old?.inputs ?? {}, clone(inputs));
    if (checked.failures.length > 0) throw new Error(JSON.stringify(checked.failures));
    if (old === undefined) {
      const { id, outs } = await provider.create(clone(checked.inputs));
      return { id, inputs: checked.inputs, outputs: clone(outs) };
    }
    const { changes } = await provider.diff(old.id, old.outputs, clone(checked.inputs));
    if (!changes) return { ...old, inputs: checked.inputs };
    const { outs } = await provider.update(old.id, old.outputs, clone(checked.inputs));
    return { ...old, inputs: checked.inputs, outputs: clone(outs) };
  }

  /** True when `up` would change the resource. */
  async differs(name: HandlerName, old: Kept, inputs: object = old.inputs): Promise<boolean> {
    return (await handlers[name].diff(old.id, old.outputs, clone(inputs))).changes;
  }

  /** The resource as the database has it; undefined when it is gone. */
  async refresh(name: HandlerName, old: Kept): Promise<Kept | undefined> {
    const { id, props } = await handlers[name].read(old.id, clone(old.outputs));
    return id === undefined ? undefined : { ...old, outputs: clone(props ?? {}) };
  }

  async destroy(name: HandlerName, old: Kept): Promise<void> {
    await handlers[name].delete(old.id, clone(old.outputs));
  }

  /** Inputs of the resources of one table, in the order they are made. */
  tableInputs(table: SinkTable, more: { allowDrop?: boolean; applicationRole?: string } = {}) {
    const settings = { ...this.place, ...more, batchSize: DEFAULT_BATCH_SIZE };
    return {
      sinkTable: sinkTableProps(table, settings),
      stagingTable: stagingTableProps(table, settings),
      mergeProcedure: mergeProcedureProps(table, settings),
    };
  }

  managementInputs(more: { applicationRole?: string; retain?: boolean } = {}) {
    return cdcManagementProps(this.place, more);
  }

  schemaInputs(name: string, applicationRole?: string) {
    return { schemaVersion: 1, ...this.place, name, ...(applicationRole === undefined ? {} : { applicationRole }) };
  }

  /** Statements that `work` sent to the database. */
  async statementsOf(work: () => Promise<unknown>): Promise<number> {
    const before = counters.statements;
    await work();
    return counters.statements - before;
  }
}

// Through JSON, as properties travel between processes.
function clone<T>(value: T): Properties {
  return JSON.parse(JSON.stringify(value)) as Properties;
}
