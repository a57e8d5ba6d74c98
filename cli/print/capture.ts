import type { CleanedDatabase } from "../capture/clean";
import type { EnabledDatabase } from "../capture/enable";
import { table } from "./table";

const DATABASE_WORDS: Readonly<Record<EnabledDatabase["outcome"], string>> = {
  enabled: "turned on",
  "to-enable": "would be turned on",
  "was-enabled": "was on",
  failed: "failed",
};

/** What enable-cdc did, or would do, per database. */
export function enabledText(databases: readonly EnabledDatabase[], dryRun: boolean): string {
  const count = ({ tables }: EnabledDatabase, ...outcomes: readonly string[]): string =>
    String(tables.filter(({ outcome }) => outcomes.includes(outcome)).length);
  const head = ["SOURCE", "CAPTURE", dryRun ? "TO ENABLE" : "ENABLED", "TRACKED", "LACKING", "FAILED"];
  const rows = databases.map((one) => [
    one.source,
    DATABASE_WORDS[one.outcome],
    count(one, "enabled", "to-enable"),
    count(one, "tracked"),
    count(one, "lacking"),
    count(one, "failed"),
  ]);
  const scripts = dryRun ? databases.flatMap(({ script }) => script ?? []) : [];
  return [table(head, rows), ...scripts.map((text) => `${text};\nGO`), ...enableRemarks(databases)].join("\n\n");
}

function enableRemarks(databases: readonly EnabledDatabase[]): string[] {
  const remarks = databases.flatMap(({ source, problem, tables }) => [
    ...(problem === undefined ? [] : [`${source}: ${problem}`]),
    ...tables.flatMap((one) => {
      if (one.problem !== undefined) return [`${source} ${one.table}: ${one.problem}`];
      if (one.missing === undefined) return [];
      const columns = one.missing.join(", ");
      return [
        `${source} ${one.table}: ${one.instance ?? ""} does not capture ${columns}; \`cdc up\` makes one that does`,
      ];
    }),
  ]);
  return remarks.length === 0 ? [] : [remarks.join("\n")];
}

/** What clean-cdc did, or would do, per capture instance. */
export function cleanedText(databases: readonly CleanedDatabase[]): string {
  const rows = databases.flatMap(({ source, instances }) =>
    instances.map(({ table: name, instance, changes, outcome }) => [source, name, instance, String(changes), outcome]),
  );
  const remarks = databases.flatMap(({ source, problem, instances }) => [
    ...(problem === undefined ? [] : [`${source}: ${problem}`]),
    ...instances.flatMap((one) => (one.problem === undefined ? [] : [`${source} ${one.instance}: ${one.problem}`])),
  ]);
  const body =
    rows.length === 0 ? "no capture instance" : table(["SOURCE", "TABLE", "INSTANCE", "CHANGES", "OUTCOME"], rows);
  return [body, ...(remarks.length === 0 ? [] : [remarks.join("\n")])].join("\n\n");
}
