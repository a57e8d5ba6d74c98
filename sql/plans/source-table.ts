import { createHash } from "node:crypto";
import { disableTable, enableTable } from "../sqlserver/enable-statements";
import type { Sql } from "../sql";
import { unpackList } from "./packed";
import type { SourceTableProps } from "./source-props";

/** A capture instance as far as a deployment cares. */
export interface SourceInstance {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  /** Names in the change table. */
  readonly columns: readonly string[];
  readonly netChanges: boolean;
  /** It is being removed. */
  readonly dropPending: boolean;
  readonly role?: string;
  /** Sorts instances by age. */
  readonly order: string;
}

/** What is known of a table when it is planned. */
export interface SourceTableState {
  /** Capture instances of the table, oldest first; at most two. */
  readonly instances: readonly SourceInstance[];
  /** Names of all capture instances of the database. */
  readonly taken: readonly string[];
  /** Names of the instances that we made. */
  readonly ours: readonly string[];
  /** Instances that streams read, as the sinks know; undefined when a sink could not be asked. */
  readonly inUse: ReadonlySet<string> | undefined;
}

/** What takes a table's capture to what is wanted. */
export interface SourceTablePlan {
  /** Instance that serves afterwards. */
  readonly instance: string;
  /** Instances to remove, before the new one is made. */
  readonly remove: readonly string[];
  /** True when `instance` is to be made. */
  readonly make: boolean;
  readonly statements: readonly Sql[];
}

/** No instance serves, and none can be made: the two there can be are needed. */
export interface TwoInstances {
  readonly older: SourceInstance;
  readonly newer: SourceInstance;
  /** Why the older one stays. */
  readonly why: "not-ours" | "in-use" | "unknown";
}

/** SQL Server keeps 100 characters; its own objects add to them. */
const LONGEST_NAME = 90;
const HASH_LENGTH = 8;

/**
 * Adopts an instance that serves; else makes one, beside the old one, which is kept until nobody reads it any more.
 * An instance of ours must have just the columns that are wanted, so that a column that was left out isn't captured
 * any longer; somebody else's may have more.
 */
export function planSourceTable(props: SourceTableProps, state: SourceTableState): SourceTablePlan | TwoInstances {
  const { instances, ours } = state;
  const isOurs = ({ name }: SourceInstance): boolean => ours.includes(name);
  const newest = instances.at(-1);
  if (newest !== undefined && isOurs(newest) && isExact(props, newest))
    return keeping(
      props,
      newest,
      instances.filter((one) => one !== newest && isOurs(one) && isDrained(newest, state)),
    );
  const adopted = instances.findLast((one) => !isOurs(one) && serves(props, one));
  if (adopted !== undefined) return keeping(props, adopted, []);
  const [older, newer] = instances;
  if (older === undefined || newer === undefined) return making(props, state, []);
  if (isOurs(older) && isDrained(newer, state)) return making(props, state, [older]);
  // Columns that nobody wants any more can wait.
  if (serves(props, newer)) return keeping(props, newer, []);
  return { older, newer, why: !isOurs(older) ? "not-ours" : state.inUse === undefined ? "unknown" : "in-use" };
}

/** True when the instance has all that is wanted. */
export function serves(props: SourceTableProps, instance: SourceInstance): boolean {
  const has = new Set(instance.columns);
  const enough = unpackList(props.captured).every((name) => has.has(name));
  return enough && !instance.dropPending && (instance.netChanges || !props.netChanges);
}

function isExact(props: SourceTableProps, instance: SourceInstance): boolean {
  const wanted = new Set(unpackList(props.captured));
  const same = instance.columns.length === wanted.size && instance.netChanges === props.netChanges;
  return same && serves(props, instance) && (instance.role ?? "") === (props.role ?? "");
}

/** True when no stream has anything left to read of the older one. A table that no sink knows was never streamed. */
function isDrained(newer: SourceInstance, { inUse }: SourceTableState): boolean {
  return inUse !== undefined && [...inUse].every((name) => name === newer.name);
}

function keeping(
  props: SourceTableProps,
  instance: SourceInstance,
  drained: readonly SourceInstance[],
): SourceTablePlan {
  const remove = drained.map(({ name }) => name);
  return { instance: instance.name, remove, make: false, statements: remove.map((name) => disabling(props, name)) };
}

function making(props: SourceTableProps, state: SourceTableState, drained: readonly SourceInstance[]): SourceTablePlan {
  const { schema, table, role, filegroup, netChanges, captured } = props;
  const instance = freeName(props, state);
  const remove = drained.map(({ name }) => name);
  const wanted = {
    schema,
    table,
    instance,
    columns: unpackList(captured),
    netChanges,
    ...(role === undefined ? {} : { role }),
    ...(filegroup === undefined ? {} : { filegroup }),
  };
  return {
    instance,
    remove,
    make: true,
    statements: [...remove.map((name) => disabling(props, name)), enableTable(wanted)],
  };
}

function disabling({ schema, table }: SourceTableProps, instance: string): Sql {
  return disableTable(schema, table, instance);
}

function freeName({ schema, table }: SourceTableProps, { instances, taken, ours }: SourceTableState): string {
  return nextInstanceName(schema, table, [...instances.map(({ name }) => name), ...ours], taken);
}

/** `<schema>_<table>`, then with the number after the highest that this table has or had. */
export function nextInstanceName(
  schema: string,
  table: string,
  own: readonly string[],
  taken: readonly string[],
): string {
  const base = shortened(`${schema}_${table}`);
  const numbers = own.map((name) => Number(name.startsWith(`${base}_`) ? name.slice(base.length + 1) : 1));
  const highest = Math.max(0, ...numbers.map((number) => (Number.isSafeInteger(number) ? number : 1)));
  return freeInstanceName(schema, table, taken, highest + 1);
}

/** `<schema>_<table>`, or with `_<number>` from the first number above 1 on that is free in the database. */
export function freeInstanceName(schema: string, table: string, taken: readonly string[], first = 1): string {
  const base = shortened(`${schema}_${table}`);
  const used = new Set(taken.map((name) => name.toLowerCase()));
  const nameOf = (number: number): string => (number === 1 ? base : `${base}_${String(number)}`);
  let next = first;
  while (used.has(nameOf(next).toLowerCase())) next += 1;
  return nameOf(next);
}

function shortened(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_LENGTH);
  return `${name.slice(0, LONGEST_NAME - HASH_LENGTH - 1)}_${hash}`;
}
