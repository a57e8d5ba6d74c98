import type { PgConfig } from "../../databases/postgres/config";
import type { CdcError } from "../../lib/errors";
import type { Difference } from "../compare/live-unit";
import type { OddOne } from "../compare/odd-ones";
import type { MigrationFolder } from "../folder";
import type { ApplyPlan } from "./plan";
import type { UnitAction, UnitWork } from "./unit-work";

/** What came of a table that something was done with, or that something is to be told of. */
export interface AppliedUnit {
  readonly schema: string;
  readonly table: string;
  readonly action: UnitAction;
  /** What the database had otherwise, and has no more (unless there is an error). */
  readonly changes: readonly Difference[];
  readonly warnings: readonly Difference[];
  /** What still isn't as the files want. */
  readonly problems: readonly Difference[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** What apply did. */
export interface ApplyReport {
  readonly sink: string;
  readonly environment: string;
  readonly database: string;
  /** Everything is as the files want. */
  readonly complete: boolean;
  /** Whether schemas or the management schema were made. */
  readonly infrastructure: boolean;
  /** Tables that statements were sent for, and that succeeded. */
  readonly applied: number;
  /** Rows of the history that tell of what was there already. */
  readonly adopted: number;
  readonly tables: number;
  readonly units: readonly AppliedUnit[];
  readonly odd: readonly OddOne[];
  readonly durationMs: number;
}

/** What became of the units that something was to be sent for; those in neither were not begun. */
export interface Outcome {
  readonly done: ReadonlySet<UnitWork>;
  readonly errors: ReadonlyMap<UnitWork, CdcError>;
  /** Columns that the files don't have, where they were looked for again after the work. */
  readonly extra: ReadonlyMap<UnitWork, readonly Difference[]>;
}

/** Puts together what apply found and did. */
export function reportOf(
  folder: MigrationFolder,
  environment: string,
  config: PgConfig,
  plan: ApplyPlan,
  { done, errors, extra }: Outcome,
  durationMs: number,
): ApplyReport {
  const told = plan.others.filter(({ warnings, problems }) => warnings.length + problems.length > 0);
  const units = [...plan.works.filter((work) => done.has(work) || errors.has(work)), ...told].map((work) =>
    unitOf({ ...work, warnings: extra.get(work) ?? work.warnings }, errors.get(work)),
  );
  const { infrastructure, works, adopted, inspection } = plan;
  return {
    sink: folder.manifest.sink.name,
    environment,
    database: config.database,
    complete: done.size === works.length && units.every(({ problems }) => problems.length === 0),
    infrastructure: infrastructure.statements.length > 0,
    applied: done.size,
    adopted: adopted.length,
    tables: inspection.units.length,
    units,
    odd: inspection.odd,
    durationMs,
  };
}

function unitOf(work: UnitWork, error: CdcError | undefined): AppliedUnit {
  const { action, changes, warnings, problems, inspected } = work;
  const { schema, table } = inspected.wanted.table;
  const { code, message, hint } = error ?? {};
  const failed =
    code === undefined || message === undefined
      ? {}
      : { error: { code, message, ...(hint !== undefined && { hint }) } };
  return { schema, table, action, changes, warnings, problems, ...failed };
}
