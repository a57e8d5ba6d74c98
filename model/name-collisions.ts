import type { Findings } from "./findings";
import { primaryKeyName, syncIndexName } from "./identifier";
import type { PlacedTable } from "./sink-tables";

/**
 * Finds two tables that need one name in one schema: tables, staging tables and indexes share their names in
 * PostgreSQL, procedures have theirs. Two entries are reported once, not once per customer.
 */
export function checkCollisions(tables: readonly PlacedTable[], findings: Findings): void {
  const owners = new Map<string, { what: string; placed: PlacedTable }>();
  const reported = new Set<string>();
  for (const placed of tables) {
    for (const { kind, name, what } of namesOf(placed)) {
      const id = `${placed.table.schema}\0${kind}\0${name}`;
      const owner = owners.get(id);
      if (owner === undefined) owners.set(id, { what, placed });
      else report(owner, { what, placed }, name, reported, findings);
    }
  }
}

interface UsedName {
  readonly kind: "relation" | "procedure";
  readonly name: string;
  readonly what: string;
}

function namesOf({ table, config }: PlacedTable): UsedName[] {
  const of = `of ${config.key}`;
  const made: UsedName[] = [
    { kind: "relation", name: table.name, what: `table ${config.key}` },
    { kind: "relation", name: table.staging, what: `the staging table ${of}` },
    { kind: "procedure", name: table.procedure, what: `the merge procedure ${of}` },
  ];
  if (table.targetExists) return made;
  return [
    ...made,
    { kind: "relation", name: primaryKeyName(table.name), what: `the primary key ${of}` },
    { kind: "relation", name: syncIndexName(table.name), what: `the index ${of}` },
  ];
}

interface Owner {
  readonly what: string;
  readonly placed: PlacedTable;
}

function report(first: Owner, second: Owner, name: string, reported: Set<string>, findings: Findings): void {
  const pair = JSON.stringify([first.placed.config.key, second.placed.config.key]);
  if (reported.has(pair)) return;
  reported.add(pair);
  const { schema } = second.placed.table;
  const text = `in schema ${schema} both ${first.what} and ${second.what} would be named ${name}`;
  findings.problem(
    second.placed.config.at,
    text,
    "give one of the two tables another name; from: tells which source table it is",
  );
}
