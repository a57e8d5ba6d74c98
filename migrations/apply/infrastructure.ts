import { MANAGEMENT_SCHEMA } from "../../databases/postgres/actual/cdc-management";
import { fingerprintsOf } from "../../databases/postgres/actual/management-fingerprint";
import { catalogOn } from "../../databases/postgres/catalog";
import type { PgConfig } from "../../databases/postgres/config";
import { runLookedAt, type Session } from "../../databases/postgres/run";
import type { HistoryEntry } from "../../sql/history";
import { recordManagementObjects } from "../../sql/plans/cdc-management";
import { historyKey } from "../compare/file-history";
import { managementDefinitionIn } from "../compare/infrastructure";
import type { Inspection } from "../compare/inspect";
import type { MigrationFolder } from "../folder";
import type { MigrationFile } from "../migration-file";
import { schemaStatements } from "../schema-blocks";
import { fillText } from "../substitute";
import { withHistory } from "./run-units";

/** What is done before any table: schemas, then the management schema. */
export interface InfrastructureWork {
  readonly statements: readonly string[];
  /** Written together with the statements, or with the adopted tables when there are none. */
  readonly history: readonly HistoryEntry[];
  /** Set when the management schema is made (again): what it is made from. */
  readonly definition?: string;
}

interface Settings {
  readonly toolVersion: string;
  readonly by?: string;
  readonly forced: ReadonlySet<string>;
}

/** Decides what has to be done, by what the database has. */
export function planInfrastructure(
  folder: MigrationFolder,
  environment: string,
  { infrastructure, history }: Inspection,
  settings: Settings,
): InfrastructureWork {
  const { manifest, files } = folder;
  const [schemas, management] = manifest.infrastructure.map(({ file }) => files.get(file));
  const isKnown = (file: MigrationFile): boolean => history.get(historyKey(file.path, null))?.checksum === file.actual;
  const isForced = (file: MigrationFile): boolean => settings.forced.has(file.path) && !isKnown(file);
  const missing = infrastructure.schemas.map(({ name }) => name);
  const every = (manifest.schemas[environment] ?? []).map(({ name }) => name);
  const names = schemas !== undefined && isForced(schemas) ? every : missing;
  const remake = management !== undefined && (!infrastructure.management || isForced(management));
  const ran = new Set([...(names.length > 0 ? [schemas] : []), ...(remake ? [management] : [])]);
  const entry = (file: MigrationFile): HistoryEntry => {
    const outcome = !ran.has(file) ? "adopted" : settings.forced.has(file.path) ? "forced" : "applied";
    const { toolVersion, by } = settings;
    const known = {
      file: file.path,
      checksum: file.actual,
      category: "infrastructure" as const,
      outcome,
      toolVersion,
    } as const;
    return by === undefined ? known : { ...known, by };
  };
  const all = [schemas, management].filter((file) => file !== undefined);
  return {
    statements: [
      ...(schemas === undefined ? [] : names.map((schema) => schemaStatements(schemas.body, { schema }))),
      ...(remake ? [fillText(management.body, "")] : []),
    ],
    history: all.filter((file) => ran.has(file) || !isKnown(file)).map(entry),
    ...(remake ? { definition: managementDefinitionIn(management) } : {}),
  };
}

/** Statements, history, and what the management schema then holds, in one transaction. */
export async function runInfrastructure(
  config: PgConfig,
  work: InfrastructureWork,
  lockTimeoutMs: number,
): Promise<void> {
  if (work.statements.length === 0) return;
  const options = { object: "the schemas", checkBodies: false, lockTimeoutMs };
  await runLookedAt(
    config,
    withHistory(work.statements, work.history),
    (session) => tellObjects(session, work),
    options,
  );
}

/** Tells the management schema what it holds now, so that the next deployment knows that it is whole. */
export async function tellObjects(session: Session, { definition }: InfrastructureWork): Promise<void> {
  if (definition === undefined) return;
  const catalog = await catalogOn(session, { schema: MANAGEMENT_SCHEMA });
  await session.query(recordManagementObjects(definition, fingerprintsOf(catalog, MANAGEMENT_SCHEMA)));
}
