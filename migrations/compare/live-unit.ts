import { actualMergeProcedure } from "../../databases/postgres/actual/merge-procedure";
import { isPlainlyStaged, isPlainlyWanted } from "../../databases/postgres/actual/plainly-equal";
import { actualSinkTable } from "../../databases/postgres/actual/sink-table";
import { actualStagingTable } from "../../databases/postgres/actual/staging-table";
import { nameKey, type Catalog, type CatalogTable } from "../../databases/postgres/catalog";
import type { PgConfig } from "../../databases/postgres/config";
import type { Plan } from "../../sql/plan";
import { planSinkTable } from "../../sql/plans/sink-table";
import { planStagingTable, stagingDefinition } from "../../sql/plans/staging-table";
import type { WantedUnit } from "./wanted";

/** One thing that the database has otherwise than the files say. */
export interface Difference {
  /** `COLUMN_ADDED` and the like as a plan has them, `COLUMN_UNEXPECTED`, `TABLE_MISSING`, `STAGING_…`, `PROCEDURE_…`. */
  readonly kind: string;
  readonly severity: "info" | "warning" | "breaking";
  /** Such as `cust01.Actor.Navn`. */
  readonly object: string;
  readonly summary: string;
}

/** A part of a unit: as wanted when it is there and has no differences. */
export interface LivePart {
  readonly there: boolean;
  readonly differences: readonly Difference[];
  /** What would make it as wanted. */
  readonly plan?: Plan;
}

/** A table in one schema, as the database has it beside what the files want. */
export interface LiveUnit {
  readonly table: LivePart;
  readonly staging: LivePart;
  readonly procedure: LivePart;
}

/** Kind of the difference that something else than a table has its name. */
export const NAME_TAKEN = "NAME_TAKEN";

/** There, and as wanted. */
export const EQUAL: LivePart = { there: true, differences: [] };

/** Compares a unit's three objects with what the files want. Asks the server only how it spells an unusual DEFAULT. */
export async function liveUnit(catalog: Catalog, wanted: WantedUnit, config: PgConfig): Promise<LiveUnit> {
  return {
    table: await tablePart(catalog, wanted, config),
    staging: await stagingPart(catalog, wanted, config),
    procedure: procedurePart(catalog, wanted),
  };
}

/** Whether nothing has to be done. */
export function isAsWanted({ table, staging, procedure }: LiveUnit): boolean {
  return [table, staging, procedure].every((part) => part.there && part.differences.length === 0);
}

async function tablePart(catalog: Catalog, { table: wanted }: WantedUnit, config: PgConfig): Promise<LivePart> {
  const object = `${wanted.schema}.${wanted.table}`;
  const found = catalog.tables.get(nameKey(wanted.schema, wanted.table));
  if (found !== undefined && isPlainlyWanted(found, wanted)) return EQUAL;
  const required = requiredColumns(found);
  // A column that is left over on purpose must not keep new rows out either.
  const kept = (wanted.kept ?? []).filter((name) => !required.has(name));
  const actual = await actualSinkTable(catalog, { ...wanted, kept }, config);
  if (actual === undefined) {
    const [kind, summary] =
      found === undefined
        ? (["TABLE_MISSING", "the table is missing"] as const)
        : ([NAME_TAKEN, `a ${found.kind} has the table's name: rename or drop it`] as const);
    return { there: false, differences: [{ kind, severity: "breaking", object, summary }] };
  }
  const plan = planSinkTable(actual, wanted);
  const extra = new Map((actual.unexpected ?? []).map((name) => [`${object}.${name}`, name]));
  const differences = plan.changes.map(({ kind, severity, object: about, summary }): Difference => {
    const name = extra.get(about);
    return name === undefined ? seen(kind, severity, about, summary) : extraColumn(about, required.has(name));
  });
  const impossible = plan.failures.map(({ property, reason }): Difference => ({
    kind: "NOT_POSSIBLE",
    severity: "breaking",
    object: `${object}.${property.replace(/^columns\./, "")}`,
    summary: reason,
  }));
  if (differences.length === 0 && impossible.length === 0) return EQUAL;
  return { there: true, differences: [...differences, ...impossible], plan };
}

/** What a plan would do, told as what is found: nobody has added a column that is missing. */
function seen(kind: string, severity: Difference["severity"], object: string, summary: string): Difference {
  return { kind, severity, object, summary: kind === "COLUMN_ADDED" ? "the column is missing" : summary };
}

/** Columns that need a value from whoever inserts. */
function requiredColumns(table: CatalogTable | undefined): ReadonlySet<string> {
  const columns = table?.columns ?? [];
  const own = columns.filter(
    ({ notNull, generated, default: standard }) => notNull && !generated && standard === undefined,
  );
  return new Set(own.map(({ name }) => name));
}

function extraColumn(object: string, required: boolean): Difference {
  if (!required) {
    return { kind: "COLUMN_UNEXPECTED", severity: "warning", object, summary: "the column was added by hand" };
  }
  const summary = "the files don't have the column, and it is NOT NULL without a default: no new row fits";
  return { kind: "COLUMN_REQUIRED", severity: "breaking", object, summary };
}

async function stagingPart(catalog: Catalog, { staging: wanted }: WantedUnit, config: PgConfig): Promise<LivePart> {
  const object = `${wanted.schema}.${wanted.staging}`;
  const found = catalog.tables.get(nameKey(wanted.schema, wanted.staging));
  if (found !== undefined && isPlainlyStaged(found, wanted)) return EQUAL;
  const actual = await actualStagingTable(catalog, wanted, config);
  if (actual === undefined) {
    return { there: false, differences: [staging("STAGING_MISSING", object, "the staging table is missing")] };
  }
  const plan = planStagingTable(actual, wanted);
  if (plan.changes.length === 0) return EQUAL;
  return { there: true, differences: [staging("STAGING_CHANGED", object, stagingFault(actual, wanted))], plan };
}

function staging(kind: string, object: string, summary: string): Difference {
  return { kind, severity: "warning", object, summary };
}

function stagingFault(
  actual: { readonly definition: string; readonly applicationRole?: string; readonly logged: boolean },
  wanted: WantedUnit["staging"],
): string {
  if (actual.definition.startsWith("altered: ")) return actual.definition.slice("altered: ".length);
  if (actual.definition === stagingDefinition(wanted)) return "the application role lacks its rights";
  if (actual.logged !== wanted.logged) return `the staging table is ${actual.logged ? "logged" : "unlogged"}`;
  return "the staging table has other columns or types";
}

/** The merge procedure and its registration. */
export function procedurePart(catalog: Catalog, { procedure: wanted }: WantedUnit): LivePart {
  const object = `${wanted.schema}.${wanted.procedure}`;
  const actual = actualMergeProcedure(catalog, wanted);
  const part = (kind: string, summary: string): LivePart => ({
    there: actual !== undefined,
    differences: [{ kind, severity: "warning", object, summary }],
  });
  if (actual === undefined) return part("PROCEDURE_MISSING", "the merge procedure is missing");
  if (actual.applicationRole !== wanted.applicationRole) {
    return part("PROCEDURE_RIGHTS", "the application role may not call the merge procedure");
  }
  if (actual.definition === wanted.definition) return EQUAL;
  if (actual.definition.startsWith("unregistered: ")) {
    return part("REGISTRATION_MISSING", "the table is not registered in cdc_management.merge_control");
  }
  const fault = /^altered: (.*)$/.exec(actual.definition)?.[1];
  return part("PROCEDURE_CHANGED", fault ?? "the merge procedure has another body");
}
