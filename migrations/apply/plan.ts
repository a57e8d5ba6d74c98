import type { PgConfig } from "../../databases/postgres/config";
import { packageVersion } from "../../lib/package-root";
import { recordHistory, type HistoryEntry } from "../../sql/history";
import { inspect, type InspectedUnit, type Inspection } from "../compare/inspect";
import type { MigrationFolder } from "../folder";
import { fillerOf, type Filler } from "../substitute";
import { requireIntact } from "./intact";
import { planInfrastructure, type InfrastructureWork } from "./infrastructure";
import { planUnit } from "./plan-unit";
import { batchOf, withHistory } from "./run-units";
import type { UnitWork } from "./unit-work";

/** What apply would do, in order. */
export interface ApplyPlan {
  readonly infrastructure: InfrastructureWork;
  /** Units with something to send. */
  readonly works: readonly UnitWork[];
  /** All other units, with what is left undone or told of them. */
  readonly others: readonly UnitWork[];
  /** Rows of the history for what is there already. */
  readonly adopted: readonly HistoryEntry[];
  readonly inspection: Inspection;
}

/** What a plan depends on besides files and database. */
export interface PlanOptions {
  /** Alter tables that were changed by hand. */
  readonly repair?: boolean;
  /** Go on although files were edited. */
  readonly force?: boolean;
  /** Who answers for it, in the history; the session's user when absent. */
  readonly by?: string;
}

/**
 * What apply would do now: compares files and database, and changes nothing.
 * Throws CdcError: CDC_MIGRATION_EDITED for edited files, and what reading folder and database throws.
 */
export async function planApply(
  folder: MigrationFolder,
  environment: string,
  config: PgConfig,
  { force = false, by, repair = false }: PlanOptions = {},
): Promise<ApplyPlan> {
  requireIntact(folder, force);
  const inspection = await inspect(folder, environment, config);
  const forced = new Set(folder.faults.map(({ file }) => file));
  const common = { toolVersion: packageVersion(), forced, ...(by === undefined ? {} : { by }) };
  const settings = { ...common, repair, fill: fillers(folder), isOfRights: ofRights(folder) };
  const all = inspection.units.map((unit) => planUnit(unit, settings));
  const others = all.filter(({ action }) => action === "none");
  const infrastructure = planInfrastructure(folder, environment, inspection, common);
  const known = infrastructure.statements.length === 0 ? infrastructure.history : [];
  return {
    infrastructure,
    works: all.filter(({ action }) => action !== "none"),
    others,
    adopted: [...known, ...others.flatMap(({ history }) => history)],
    inspection,
  };
}

/** Statements of each transaction, as apply sends them: infrastructure, what was there already, then the tables. */
export function batchesOf({ infrastructure, works, adopted }: ApplyPlan): readonly (readonly string[])[] {
  const first =
    infrastructure.statements.length === 0 ? [] : [withHistory(infrastructure.statements, infrastructure.history)];
  return [...first, ...(adopted.length === 0 ? [] : [[recordHistory(adopted)]]), ...works.map(batchOf)];
}

const RIGHTS_ONLY = /^(?:GRANTS_CHANGED|STAGING_CHANGED) /;

/** Steps say in their header what they change. */
function ofRights({ files }: MigrationFolder): (file: string) => boolean {
  return (file) => {
    const changes = (files.get(file)?.header ?? []).filter(([word]) => word === "Change");
    return changes.length > 0 && changes.every(([, text]) => RIGHTS_ONLY.test(text));
  };
}

/** A file's statements for a unit's schema; each file is prepared once. */
function fillers({ files }: MigrationFolder): (file: string, unit: InspectedUnit) => string {
  const known = new Map<string, Filler>();
  return (file, { unit }) => {
    const filler = known.get(file) ?? fillerOf(files.get(file)?.body ?? "");
    known.set(file, filler);
    return filler(unit.target);
  };
}
