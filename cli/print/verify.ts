import type { Difference, VerifiedTable, VerifyResult } from "../../stream/verify/differences";
import type { Paint } from "./paint";
import { table } from "./table";

const HEAD = ["TABLE", "SOURCE", "ROWS", "MISSING", "EXTRA", "DIFFERENT", "REFUSED", "CHANGING", "RESULT"];

/** What `cdc verify` says: a line per table, then the rows that differ. */
export function verifyText(result: VerifyResult, paint: Paint): string {
  const rows = result.tables.map((one) => tableRow(one, paint));
  return [table(HEAD, rows), ...result.tables.flatMap(details)].join("\n");
}

function tableRow(one: VerifiedTable, paint: Paint): string[] {
  const { counts } = one;
  const numbers = [one.rows, counts.missing, counts.extra, counts.different, counts.refused, one.unsettled];
  return [
    `${one.schema}.${one.table}`,
    `${one.source} ${one.sourceTable}`,
    ...numbers.map(String),
    verdict(one, paint),
  ];
}

function verdict({ problem, equal }: VerifiedTable, paint: Paint): string {
  if (problem !== undefined) return paint.red("failed");
  return equal ? paint.green("equal") : paint.yellow("differs");
}

function details({ schema, table: name, source, problem, remark, differences }: VerifiedTable): string[] {
  if (problem === undefined && differences.length === 0) return [];
  const failed =
    problem === undefined ? [] : [`  ${problem.message}`, ...(problem.hint === undefined ? [] : [`  ${problem.hint}`])];
  const remarks = remark === undefined ? [] : [`  ${remark}`];
  return ["", `${schema}.${name} (${source})`, ...failed, ...remarks, ...differences.map(differenceLine)];
}

function differenceLine({ kind, key, columns, reason }: Difference): string {
  const values = Object.entries(key).map(([column, value]) => `${column} = ${value ?? "NULL"}`);
  const more = columns === undefined ? (reason ?? "") : columns.join(", ");
  return `  ${kind.padEnd(9)}  ${values.join(", ")}${more === "" ? "" : `: ${more}`}`;
}
