import { sqlError } from "../errors";
import type { TableFunction, TypedValue } from "../compile/context";
import type { ResultColumn } from "../session";
import type { Database } from "../storage/database";
import { lsnOf } from "../storage/lsn";
import { visible, type ReadView } from "../storage/row";
import { hashOf } from "../values/compare";
import { converterOf } from "../values/convert";
import { nvarchar, T } from "../values/sql-type";
import { as, type Value, type Values } from "../values/value";
import { maxLsn } from "./capture";
import { AT } from "./change-table";
import type { CaptureInstance } from "./state";

const ALL = "fn_cdc_get_all_changes_";
const NET = "fn_cdc_get_net_changes_";

/** cdc.fn_cdc_get_all_changes_… and fn_cdc_get_net_changes_…; undefined for a name that is neither. */
export function changeFunction(database: Database, name: string, view: ReadView): TableFunction | undefined {
  const lower = name.toLowerCase();
  const prefix = lower.startsWith(ALL) ? ALL : lower.startsWith(NET) ? NET : undefined;
  const instance = prefix && database.cdc?.instance(name.slice(prefix.length));
  if (!prefix || !instance || (prefix === NET && !instance.supportsNetChanges)) return undefined;
  const shownName = `cdc.${prefix} ... `;
  return {
    columns: columnsOf(instance),
    min: 3,
    max: 3,
    shownName,
    rows: (args) => {
      const { from, to, filter } = rangeOf(
        instance,
        database,
        args,
        shownName,
        prefix === ALL ? ["all", "all update old"] : ["all", "all with mask", "all with merge"],
      );
      if (instance.changeTable.denied) throw sqlError(229, "SELECT", name, database.name, "cdc");
      const rows = changes(instance, from, to, view);
      if (prefix === NET) return net(instance, rows, filter);
      return rows.filter((row) => filter === "all update old" || row[AT.operation] !== 3).map(shown);
    },
  };
}

function columnsOf({ changeTable }: CaptureInstance): ResultColumn[] {
  return changeTable.columns
    .filter(({ name }) => name !== "__$end_lsn" && name !== "__$command_id")
    .map(({ name, type }) => ({ name, type, nullable: true }));
}

/** The function returns neither __$end_lsn nor __$command_id. */
function shown(row: Values): Values {
  return [row[AT.startLsn] ?? null, ...row.slice(AT.seqval, -1)];
}

/** What is out of range is told as too few arguments. */
function rangeOf(
  instance: CaptureInstance,
  database: Database,
  args: readonly TypedValue[],
  shownName: string,
  filters: readonly string[],
) {
  const [a, b, c] = args;
  const bytes = (arg: TypedValue | undefined) =>
    arg && arg.value !== null ? as.bytes(converterOf(arg.type, T.lsn)(arg.value)) : undefined;
  const [from, to] = [bytes(a), bytes(b)];
  const filter =
    c && c.value !== null
      ? as
          .text(converterOf(c.type, nvarchar(30))(c.value))
          .trim()
          .toLowerCase()
      : "";
  const max = database.cdc ? maxLsn(database.cdc) : 0n;
  const valid =
    from &&
    to &&
    filters.includes(filter) &&
    lsnOf(from) >= instance.startLsn &&
    lsnOf(to) <= max &&
    lsnOf(from) <= lsnOf(to);
  if (!valid) throw sqlError(313, shownName);
  return { from, to, filter };
}

function changes({ changeTable }: CaptureInstance, from: Buffer, to: Buffer, view: ReadView): Values[] {
  const index = changeTable.clustered;
  if (!index) return [];
  const rows: Values[] = [];
  const end = index.probe([to]);
  for (const row of index.rows.from(index.probe([from]))) {
    if (end(row) > 0) break;
    const values = visible(row, view);
    if (values) rows.push(values);
  }
  return rows;
}

/** One row per key: what all its changes together come to. */
function net(instance: CaptureInstance, rows: readonly Values[], filter: string): Values[] {
  const keys = instance.keyColumns.map((name) => {
    const at = instance.changeTable.columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
    return { at, hash: hashOf(instance.changeTable.columns[at]?.type ?? T.int) };
  });
  const groups = new Map<string, Values[]>();
  for (const row of rows) {
    if (row[AT.operation] === 3) continue;
    const key = JSON.stringify(keys.map(({ at, hash }) => hash(row[at] ?? null)));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].flatMap((group) => netOf(group, filter) ?? []).map(shown);
}

function netOf(group: readonly Values[], filter: string): Values[] | undefined {
  const [first, last] = [group[0], group.at(-1)];
  if (!first || !last) return undefined;
  const [began, ended] = [first[AT.operation], last[AT.operation]];
  if (began === 2 && ended === 1) return undefined;
  const operation = ended === 1 ? 1 : filter === "all with merge" ? 5 : began === 2 ? 2 : 4;
  const mask: Value = filter === "all with mask" && operation === 4 ? orOf(group) : null;
  return [last.map((value, i) => (i === AT.operation ? operation : i === AT.updateMask ? mask : value))];
}

function orOf(group: readonly Values[]): Buffer {
  const masks = group.map((row) => as.bytes(row[AT.updateMask] ?? null));
  const result = Buffer.alloc(masks[0]?.length ?? 0);
  for (const mask of masks) for (const [i, byte] of mask.entries()) result[i] = (result[i] ?? 0) | byte;
  return result;
}
