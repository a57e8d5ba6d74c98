import { lockTables } from "../../sql/lock-tables";
import type { HistoryEntry, HistoryOutcome } from "../../sql/history";
import { isRecorded, type RecordedFile } from "../compare/file-history";
import { differencesOf, type InspectedUnit } from "../compare/inspect";
import { NAME_TAKEN, type Difference } from "../compare/live-unit";
import type { UnitAction, UnitWork } from "./unit-work";

/** What the plan of a unit's work depends on besides the unit. */
export interface PlanSettings {
  readonly toolVersion: string;
  /** Alter tables that were changed by hand. */
  readonly repair: boolean;
  /** Who answers for the work; the session's user when absent. */
  readonly by?: string;
  /** Files that are run although they are not as they were generated. */
  readonly forced: ReadonlySet<string>;
  /** A file's statements for the unit's schema. */
  readonly fill: (file: string, unit: InspectedUnit) => string;
  /** Whether a step changes rights only, so that it may be run on a table that looks as wanted already. */
  readonly isOfRights: (file: string) => boolean;
}

/** Kinds of differences of a table that are mended without touching a column. */
const HARMLESS = new Set(["GRANTS_CHANGED", "INDEX_ADDED"]);

/** Decides what is done with a unit: by what the database has, not by what the history remembers. */
export function planUnit(inspected: InspectedUnit, settings: PlanSettings): UnitWork {
  const { live, blockedBy } = inspected;
  if (blockedBy.length > 0) return left(inspected, blockedBy.map(blockedProblem));
  const edited = inspected.files.filter((file) => settings.forced.has(file.file) && !isRecorded(file));
  if (edited.length > 0) return forced(inspected, settings);
  const taken = live.table.differences.filter(({ kind }) => kind === NAME_TAKEN);
  if (taken.length > 0 && inspected.entry.kind === "managed") return left(inspected, taken);
  if (!live.table.there) return created(inspected, settings);
  const warnings = live.table.differences.filter(isExtra);
  const own = live.table.differences.filter((difference) => !isExtra(difference));
  if (own.length > 0 && inspected.entry.kind === "existing") return left(inspected, own);
  if (own.some(({ kind }) => !HARMLESS.has(kind))) return altered(inspected, settings, own, warnings);
  return mended(inspected, settings, [], warnings);
}

function created(inspected: InspectedUnit, settings: PlanSettings): UnitWork {
  const { files, entry, live } = inspected;
  const action = entry.kind === "existing" ? "validate" : "create";
  const statements = () => [
    ...filled(
      inspected,
      settings,
      files.filter(({ category }) => category === "table"),
    ),
    ...(live.staging.plan?.statements ?? []),
    ...filled(
      inspected,
      settings,
      files.filter(({ category }) => category === "staging"),
    ),
  ];
  const history = files.map((file) =>
    row(inspected, settings, file, file.category === "change" ? "included" : "applied"),
  );
  return { ...work(inspected, action, statements, history), changes: differencesOf(live) };
}

/** The table has other columns or another key: steps that are due make it right, or else somebody changed it by hand. */
function altered(
  inspected: InspectedUnit,
  settings: PlanSettings,
  own: readonly Difference[],
  warnings: readonly Difference[],
): UnitWork {
  const pending = stepsDue(inspected);
  const { plan } = inspected.live.table;
  if (settings.repair && plan !== undefined && plan.failures.length === 0) {
    return evolved(inspected, settings, "repair", () => plan.statements, [], warnings);
  }
  if (pending.length === 0 || settings.repair) return mended(inspected, settings, own, warnings);
  return stepped(inspected, settings, pending, warnings);
}

/** The stack takes a table on without the history of the files, so that earlier steps may be in it: the catalogue tells. */
function stepped(
  inspected: InspectedUnit,
  settings: PlanSettings,
  steps: readonly RecordedFile[],
  warnings: readonly Difference[],
): UnitWork {
  const statements = () => filled(inspected, settings, steps);
  const work = evolved(inspected, settings, "evolve", statements, steps, warnings);
  return steps.length < 2 ? work : { ...work, otherwise: stepped(inspected, settings, steps.slice(1), warnings) };
}

function evolved(
  inspected: InspectedUnit,
  settings: PlanSettings,
  action: UnitAction,
  steps: () => readonly string[],
  run: readonly RecordedFile[],
  warnings: readonly Difference[],
): UnitWork {
  const { wanted, live, files } = inspected;
  const { schema, table } = wanted.table;
  // Writers first, readers last: whoever only reads the table waits for one lock at most.
  const tables = [...(live.staging.there ? [{ schema, table: wanted.staging.staging }] : []), { schema, table }];
  const staging = files.filter(({ category }) => category === "staging");
  const follow = action === "repair" ? (live.staging.plan?.statements ?? []) : [];
  const history = files
    .filter((file) => !isRecorded(file))
    .map((file) => row(inspected, settings, file, run.includes(file) ? "applied" : outcomeOf(file)));
  const statements = () => [...lockTables(tables), ...steps(), ...follow, ...filled(inspected, settings, staging)];
  const changes = differencesOf(live).filter((difference) => !isExtra(difference));
  return { ...work(inspected, action, statements, history), looked: true, changes, warnings };
}

/** Staging table, procedure, registration, rights: made again where they are not as wanted. `problems` stay. */
function mended(
  inspected: InspectedUnit,
  settings: PlanSettings,
  problems: readonly Difference[],
  warnings: readonly Difference[],
): UnitWork {
  const { live, files, entry } = inspected;
  // An index can't be made of a column that is missing, which is told as a problem.
  const incomplete = problems.some(({ kind }) => kind === "COLUMN_ADDED");
  const isMended = ({ kind }: { readonly kind: string }): boolean =>
    HARMLESS.has(kind) && !(incomplete && kind === "INDEX_ADDED");
  const harmless = (live.table.plan?.changes ?? []).filter(isMended);
  const broken = [...live.staging.differences, ...live.procedure.differences];
  // Somebody else's table is validated once more by the server before anything is made for it.
  const due = files.filter(
    ({ category }) => category === "staging" || (category === "table" && entry.kind === "existing"),
  );
  // The table doesn't show who should have lost a right: the step takes it back.
  const rights = stepsDue(inspected).filter(({ file }) => settings.isOfRights(file));
  const statements = () => [
    ...filled(inspected, settings, rights),
    ...harmless.flatMap((change) => change.sql),
    ...(live.staging.plan?.statements ?? []),
    ...(broken.length === 0 ? [] : filled(inspected, settings, due)),
  ];
  const unrecorded = files.filter((file) => !isRecorded(file) && (problems.length === 0 || rights.includes(file)));
  const ran = (file: RecordedFile): boolean => rights.includes(file) || (due.includes(file) && broken.length > 0);
  const history = unrecorded.map((file) => row(inspected, settings, file, ran(file) ? "applied" : adoption(file)));
  const action = harmless.length + broken.length + rights.length === 0 ? "none" : "mend";
  const changes = [...live.table.differences.filter(isMended), ...broken];
  return { ...work(inspected, action, statements, history), changes, warnings, problems };
}

/** Runs a unit's files although they were edited: all of them, since nobody knows what the edit is about. */
function forced(inspected: InspectedUnit, settings: PlanSettings): UnitWork {
  const { live, files, entry } = inspected;
  const due = files.filter(
    ({ category, row: known }) => category !== "change" || (known === undefined && live.table.there),
  );
  const history = files.map((file) =>
    row(inspected, settings, file, settings.forced.has(file.file) ? "forced" : "applied"),
  );
  const action = entry.kind === "existing" ? "validate" : "force";
  return { ...work(inspected, action, () => filled(inspected, settings, due), history), changes: differencesOf(live) };
}

function left(inspected: InspectedUnit, problems: readonly Difference[]): UnitWork {
  return { ...work(inspected, "none", () => [], []), problems };
}

function work(
  inspected: InspectedUnit,
  action: UnitAction,
  statements: UnitWork["statements"],
  history: readonly HistoryEntry[],
): UnitWork {
  return { inspected, action, statements, history, looked: false, changes: [], warnings: [], problems: [] };
}

function stepsDue({ files }: InspectedUnit): RecordedFile[] {
  return files.filter(({ category, row: known }) => category === "change" && known === undefined);
}

function filled(inspected: InspectedUnit, { fill }: PlanSettings, files: readonly RecordedFile[]): string[] {
  return files.map(({ file }) => fill(file, inspected));
}

function row(
  { unit }: InspectedUnit,
  settings: PlanSettings,
  { file, checksum, category }: RecordedFile,
  outcome: HistoryOutcome,
): HistoryEntry {
  const { toolVersion, by } = settings;
  const entry = { file, checksum, schema: unit.target.schema, category, outcome, toolVersion };
  return by === undefined ? entry : { ...entry, by };
}

/** A table file's text is not run when steps make what it says. */
function outcomeOf({ category }: RecordedFile): HistoryOutcome {
  return category === "staging" ? "applied" : "included";
}

function adoption({ category }: RecordedFile): HistoryOutcome {
  return category === "change" ? "included" : "adopted";
}

function isExtra({ kind }: Difference): boolean {
  return kind === "COLUMN_UNEXPECTED";
}

function blockedProblem({ file, table, schema }: { file: string; table: string; schema: string }): Difference {
  const summary = `${file} is not resolved: do what it says, then \`cdc manage-migrations resolve ${file}\``;
  return { kind: "BLOCKED", severity: "breaking", object: `${schema}.${table}`, summary };
}
