import type { Column } from "./column";
import type { ColumnHint, RenameHint, SinkTableConfig } from "./config";
import { didYouMean, type Findings } from "./findings";
import { sinkColumnName } from "./identifier";
import { nearestWord } from "./nearest-word";
import { expressionFault, statementFault } from "./sql-expression";
import { within, type Place } from "./problem";
import type { ColumnRename, TableHints } from "./table-hints";

/** `manual_migration_hints` of a table whose columns are known; undefined when it has none. What can't be meant is a problem at its line. */
export function declaredHints(
  sink: SinkTableConfig,
  columns: readonly Column[],
  findings: Findings,
): TableHints | undefined {
  const { hints } = sink;
  if (hints === undefined) return undefined;
  if (sink.targetExists) {
    findings.warning(sink.key, "manual_migration_hints have no effect: an existing table is never altered");
    return undefined;
  }
  const wanted = new Map(columns.filter(({ origin }) => origin !== "metadata").map((column) => [column.name, column]));
  const use = { sink, wanted, findings };
  checkRenames(use, hints.renames);
  checkNotRenamed(use, hints.notRenamed, hints.renames);
  checkTypeChanges(use, hints.typeChanges);
  checkNotNull(use, hints.setNotNull);
  const found: TableHints = {
    ...listed("renames", hints.renames.map(named)),
    ...listed("notRenamed", hints.notRenamed.map(named)),
    ...texts("using", hints.typeChanges),
    ...texts("preSql", hints.setNotNull),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}

interface HintUse {
  readonly sink: SinkTableConfig;
  readonly wanted: ReadonlyMap<string, Column>;
  readonly findings: Findings;
}

function checkRenames(use: HintUse, renames: readonly RenameHint[]): void {
  const { sink, wanted, findings } = use;
  renames.forEach(({ from, to, at }, index) => {
    const before = renames.slice(0, index);
    if (from === to) findings.problem(at, `${from} is renamed to itself`, "take the rename out");
    else if (wanted.has(sinkColumnName(from))) {
      const hint =
        "a rename's from: is a name that the table no longer has; leave the column out or take the rename out";
      findings.problem(
        within(at, "from"),
        `column ${from} of ${sink.key} is renamed to ${to}, but is still wanted`,
        hint,
      );
    }
    const later = renames.slice(index + 1).some((rename) => rename.from === to);
    if (!later) checkKnown(use, to, within(at, "to"));
    if (before.some((rename) => rename.to === to))
      findings.problem(within(at, "to"), `two renames of ${sink.key} lead to ${to}`, "keep the one that is meant");
    if (before.some((rename) => rename.from === from))
      findings.problem(
        within(at, "from"),
        `column ${from} of ${sink.key} is renamed twice`,
        "keep the one that is meant",
      );
  });
}

function checkNotRenamed(use: HintUse, pairs: readonly RenameHint[], renames: readonly RenameHint[]): void {
  for (const { from, to, at } of pairs) {
    checkKnown(use, to, within(at, "to"));
    if (renames.some((rename) => rename.from === from && rename.to === to))
      use.findings.problem(at, `${from} to ${to} is both in renames and in not_renamed`, "keep one of the two");
  }
}

function checkTypeChanges(use: HintUse, changes: readonly ColumnHint[]): void {
  changes.forEach(({ column, sql = "", at }, index) => {
    checkKnown(use, column, within(at, "column"));
    checkTwice(use, changes.slice(0, index), column, at);
    const fault = expressionFault(sql);
    if (fault === undefined) return;
    const hint = `it must be one SQL expression, such as "${column}"::text::integer`;
    use.findings.problem(within(at, "using"), `using of ${use.sink.key}.${column} ${fault}`, hint);
  });
}

function checkNotNull(use: HintUse, changes: readonly ColumnHint[]): void {
  changes.forEach(({ column, sql, at }, index) => {
    checkKnown(use, column, within(at, "column"));
    checkTwice(use, changes.slice(0, index), column, at);
    if (use.wanted.get(sinkColumnName(column))?.nullable === true)
      use.findings.warning(
        `${use.sink.key}.${column}`,
        "set_not_null has no effect: the column is nullable in its schema YAML",
      );
    const fault = sql === undefined ? undefined : statementFault(sql);
    if (fault === undefined) return;
    const hint = `it must be one statement, such as UPDATE "{{SCHEMA}}"."${use.sink.table}" SET "${column}" = 0 WHERE "${column}" IS NULL`;
    use.findings.problem(within(at, "pre_sql"), `pre_sql of ${use.sink.key}.${column} ${fault}`, hint);
  });
}

function checkTwice({ sink, findings }: HintUse, before: readonly ColumnHint[], column: string, at: Place): void {
  if (before.some((hint) => hint.column === column))
    findings.problem(
      within(at, "column"),
      `column ${column} of ${sink.key} is there twice`,
      "keep the one that is meant",
    );
}

function checkKnown({ sink, wanted, findings }: HintUse, name: string, at: Place): void {
  if (wanted.has(sinkColumnName(name))) return;
  const names = [...wanted.keys()];
  const known = `its columns are ${names.slice(0, 8).join(", ")}`;
  findings.problem(at, `${sink.key} has no column ${name}`, didYouMean(nearestWord(name, names), known));
}

function named({ from, to }: RenameHint): ColumnRename {
  return { from: sinkColumnName(from), to: sinkColumnName(to) };
}

function listed(name: "renames" | "notRenamed", list: readonly ColumnRename[]): TableHints {
  return list.length === 0 ? {} : { [name]: list };
}

function texts(name: "using" | "preSql", list: readonly ColumnHint[]): TableHints {
  const entries = list.flatMap(({ column, sql }) =>
    sql === undefined ? [] : [[sinkColumnName(column), sql] as const],
  );
  return entries.length === 0 ? {} : { [name]: Object.fromEntries(entries) };
}
