import type { AppliedUnit, ApplyReport } from "../../migrations/apply/report";
import type { LiveComparison } from "../../migrations/check";
import type { Difference } from "../../migrations/compare/live-unit";
import type { OddOne } from "../../migrations/compare/odd-ones";
import type { FileFault } from "../../migrations/folder";
import type { MigrationStatus, OfflineStatus } from "../../migrations/status";
import { counted } from "./nouns";
import type { Paint } from "./paint";
import { table } from "./table";

const DONE: Readonly<Record<AppliedUnit["action"], string>> = {
  create: "made",
  evolve: "brought up to date",
  mend: "mended",
  repair: "altered",
  validate: "checked; staging made",
  force: "edited files run",
  none: "left",
};

/** What apply did, for humans: a line per table that needs attention or wasn't simply made, then a verdict. */
export function applyText(reports: readonly ApplyReport[], paint: Paint): string {
  return reports.map((report) => oneApply(report, paint)).join("\n\n");
}

function oneApply(report: ApplyReport, paint: Paint): string {
  const lines = report.units.flatMap((unit) => unitLines(unit, paint));
  const made = report.units.filter(({ action, error }) => action === "create" && error === undefined).length;
  const counts = [
    ...(report.infrastructure ? ["schemas made"] : []),
    ...(made > 0 ? [`${counted(made, "table")} made`] : []),
    ...(report.applied > made ? [`${counted(report.applied - made, "table")} changed`] : []),
    ...(report.adopted > 0 ? [`${counted(report.adopted, "file")} recorded that were in place`] : []),
  ];
  const what = counts.length === 0 ? `nothing to do for ${counted(report.tables, "table")}` : counts.join(", ");
  const left = report.complete ? paint.green("complete") : paint.red("not complete");
  const seconds = (report.durationMs / 1000).toFixed(1);
  return [
    ...lines,
    ...oddLines(report.odd, paint),
    `${report.sink} in ${report.database}: ${what} · ${left} · ${seconds} s`,
  ].join("\n");
}

function unitLines(
  { schema, table: name, action, changes, warnings, problems, error }: AppliedUnit,
  paint: Paint,
): string[] {
  const object = `${schema}.${name}`;
  if (error !== undefined) {
    const hint = error.hint === undefined ? [] : [`  ${error.hint}`];
    return [`${paint.red("error:")} ${error.message}`, ...hint];
  }
  const done =
    action === "create" || action === "none" ? [] : [`${object}: ${DONE[action]} (${summariesOf(changes, object)})`];
  return [
    ...done,
    ...warnings.map((one) => `${paint.yellow("warning:")} ${line(one)}`),
    ...problems.map((one) => `${paint.red("left:")} ${line(one)}`),
  ];
}

const STATES = ["applied", "adopted", "pending", "modified", "drifted", "blocked"] as const;

/** The status for humans: a line per schema, what is not as wanted, and a verdict. */
export function statusText(all: readonly MigrationStatus[], paint: Paint): string {
  return all.map((one) => oneStatus(one, paint)).join("\n\n");
}

function oneStatus(status: MigrationStatus, paint: Paint): string {
  const rows = status.schemas.map((one) => [
    one.schema,
    String(one.tables),
    ...STATES.map((state) => String(one[state])),
  ]);
  const tables = status.tables.map(({ schema, table: name, state, files, differences }) => {
    const why = differences.length > 0 ? summariesOf(differences, `${schema}.${name}`) : files.join(", ");
    return `${paint.yellow(`${state}:`)} ${schema}.${name}: ${why}`;
  });
  const verdict = status.upToDate ? paint.green("up to date") : paint.yellow("not up to date");
  return [
    table(["SCHEMA", "TABLES", ...STATES.map((state) => state.toUpperCase())], rows),
    "",
    ...status.infrastructure.map((one) => `${paint.yellow("infrastructure:")} ${line(one)}`),
    ...tables,
    ...oddLines(status.odd, paint),
    ...faultLines(status.faults, paint),
    ...status.manual.map(
      ({ file, blocks }) =>
        `${paint.yellow("manual:")} ${file}${blocks ? " (nothing is applied to the table before)" : ""}`,
    ),
    `${status.sink} in ${status.database} (${status.environment}): ${verdict}`,
  ].join("\n");
}

/** What the files alone say. */
export function offlineText(all: readonly OfflineStatus[], paint: Paint): string {
  const one = ({ sink, environment, schemas, faults, manual }: OfflineStatus): string => {
    const rows = schemas.map(({ schema, tables, files }) => [schema, String(tables), String(files)]);
    const lines = [...faultLines(faults, paint), ...manual.map(({ file }) => `${paint.yellow("manual:")} ${file}`)];
    return [
      table(["SCHEMA", "TABLES", "FILES"], rows),
      "",
      ...lines,
      `${sink} (${environment}): not compared with a database`,
    ].join("\n");
  };
  return all.map(one).join("\n\n");
}

/** Live differences for humans. */
export function checkText(all: readonly LiveComparison[], paint: Paint): string {
  const one = ({ sink, database, differences, odd }: LiveComparison): string => {
    const lines = differences.map((difference) => `${paint.yellow(difference.kind)} ${line(difference)}`);
    const verdict =
      differences.length === 0 ? paint.green("as the files say") : paint.red(counted(differences.length, "difference"));
    return [...lines, ...oddLines(odd, paint), `${sink} in ${database}: ${verdict}`].join("\n");
  };
  return all.map(one).join("\n\n");
}

const MOST_NAMES = 10;

function oddLines(odd: readonly OddOne[], paint: Paint): string[] {
  return odd.map(({ schema, tables }) => {
    const names =
      tables.length > MOST_NAMES
        ? [...tables.slice(0, MOST_NAMES), `${String(tables.length - MOST_NAMES)} more`]
        : tables;
    return `${paint.yellow("odd one out:")} schema ${schema} isn't like most others in ${names.join(", ")}`;
  });
}

function faultLines(faults: readonly FileFault[], paint: Paint): string[] {
  const words = {
    edited: "was edited by hand",
    other: "is another version than the manifest's",
    missing: "is missing",
  };
  return faults.map(({ file, kind }) => `${paint.red("file:")} ${file} ${words[kind]}`);
}

/** What is different, without the table's own name, which stands before it. */
function summariesOf(differences: readonly Difference[], table: string): string {
  return differences
    .map(({ object, summary }) => (object === table ? summary : `${object.replace(`${table}.`, "")}: ${summary}`))
    .join("; ");
}

function line({ object, summary }: Difference): string {
  return `${object}: ${summary}`;
}
