import type { ChangedColumn, TableChanges } from "../../model/catalog-diff";
import type { CatalogColumn } from "../../model/catalog-table";
import { counted } from "../print/nouns";
import type { Paint } from "../print/paint";
import type { ComparedSource } from "./compare";
import type { Comparison, InspectedService, Inspection } from "./run";

const KEY_WORDS: Readonly<Record<ChangedColumn["key"], string>> = {
  type: "type",
  aliasType: "alias type",
  nullable: "nullable",
  identity: "identity",
  computed: "computed",
  definition: "definition",
  collation: "collation",
  default: "default",
};

/** What an inspection found, for people. */
export function inspectionText(found: Inspection, save: boolean, paint: Paint): string {
  const services = found.services.flatMap((service) => serviceLines(service, found.written, paint));
  const notes = found.notes.map((note) => `${paint.dim("note:")} ${note}`);
  const problems = found.problems.map(({ message }) => `${paint.yellow("warning:")} ${message}`);
  const save_ = found.changed && !save ? ["--save writes it."] : [];
  return [...services, ...notes, ...problems, ...save_].join("\n");
}

/** How databases differ from the reference, for people. */
export function comparisonText({ services }: Comparison, paint: Paint): string {
  return services
    .flatMap(({ service, reference, tables, sources }) => [
      `${paint.bold(service)}: ${counted(tables, "table")} of ${counted(sources.length, "other source")} against ${reference}`,
      ...sources.flatMap((source) => sourceLines(source, paint)),
    ])
    .join("\n");
}

/** What has changed, a line each. */
export function changeLines(changes: TableChanges, paint: Paint): string[] {
  const { added, removed, changed, primaryKey, uniqueIndexes } = changes;
  const changedKey = primaryKey && `primary key: ${names(primaryKey.before)} -> ${names(primaryKey.after)}`;
  const changedUnique =
    uniqueIndexes && `unique indexes: ${lists(uniqueIndexes.before)} -> ${lists(uniqueIndexes.after)}`;
  return [
    ...added.map((column) => paint.green(`  + ${columnText(column)}`)),
    ...removed.map((name) => paint.red(`  - ${name}`)),
    ...changed.map(({ column, key, before, after }) =>
      paint.yellow(`  ~ ${column}: ${KEY_WORDS[key]} ${valueText(before)} -> ${valueText(after)}`),
    ),
    ...[changedKey, changedUnique].flatMap((line) => (line === undefined ? [] : [paint.yellow(`  ~ ${line}`)])),
  ];
}

function serviceLines(found: InspectedService, written: boolean, paint: Paint): string[] {
  const { service, tables, source, database, environment, untracked } = found;
  const changed = tables.filter(({ change }) => change !== "none");
  const same = counted(tables.length - changed.length, "table");
  const head = `${paint.bold(service)}: ${database} (${source}, ${environment}), ${same} unchanged`;
  const lines = changed.flatMap(({ file, change, changes }) => {
    const what = change === "new" ? (written ? "created" : "new") : "changed";
    const details = changeLines(changes, paint);
    return [`${what} ${file}`, ...(details.length === 0 ? ["  ~ descriptions"] : details)];
  });
  return [head, ...lines, ...(untracked === undefined ? [] : untrackedLines(service, untracked))];
}

function untrackedLines(service: string, untracked: readonly string[]): string[] {
  const [first] = untracked;
  if (first === undefined) return [`service ${service} has every table of the database`];
  return [
    `not in service ${service}: ${counted(untracked.length, "table")}`,
    ...untracked.map((name) => `  ${name}`),
    "To add one, write its schema YAML, then add it to the service:",
    `  cdc manage-services resources --inspect --service ${service} --table ${quoted(first)} --save`,
    `  cdc manage-services tables add ${service} ${quoted(first)}`,
  ];
}

function sourceLines({ source, database, differs, missing, tables, problem }: ComparedSource, paint: Paint): string[] {
  if (problem !== undefined) return [`${paint.red("error:")} ${source} (${database}): ${problem.message}`];
  if (!differs) return [`${source} (${database}): as the reference`];
  return [
    `${source} (${database}): differs`,
    ...missing.map((name) => paint.red(`  - table ${name}`)),
    ...tables.flatMap(({ table, changes }) => [
      `  ${table}`,
      ...changeLines(changes, paint).map((line) => `  ${line}`),
    ]),
  ];
}

function columnText({ name, type, nullable, identity, computed }: CatalogColumn): string {
  const rest = [nullable || computed ? "" : " NOT NULL", identity ? " IDENTITY" : "", computed ? " computed" : ""];
  return `${name} ${type}${rest.join("")}`;
}

function valueText(value: string | boolean | undefined): string {
  if (value === undefined || value === "") return "none";
  return typeof value === "boolean" ? (value ? "yes" : "no") : value;
}

function names(list: readonly string[]): string {
  return list.length === 0 ? "none" : list.join(", ");
}

function lists(all: readonly (readonly string[])[]): string {
  return all.length === 0 ? "none" : all.map((list) => `(${list.join(", ")})`).join(", ");
}

function quoted(word: string): string {
  return /^[\w.]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
