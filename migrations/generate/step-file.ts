import { describeHazard } from "../../model/hazard";
import type { Change } from "../../sql/plan";
import { renderFile } from "../migration-file";
import type { RenderedFile } from "./table-files";
import { withPlaceholders } from "./template-table";

const LONGEST_SLUG = 48;

/** A file that takes an older table to the new one: each change with what it costs, then its statements. */
export function stepFile(
  folder: string,
  number: number,
  header: readonly (readonly [string, string])[],
  changes: readonly Change[],
): RenderedFile {
  const path = `${folder}${String(number).padStart(4, "0")}-${slugOf(changes)}.sql`;
  const told = changes.map(({ kind, severity, object, summary }): [string, string] => [
    "Change",
    withPlaceholders(`${kind} (${severity}) ${object}: ${summary}`),
  ]);
  const body = changes
    .filter(({ sql }) => sql.length > 0)
    .map((change) => [...commentsOf(change), ...change.sql.map((statement) => `${statement};`)].join("\n"))
    .join("\n\n");
  return renderFile(path, [...header, ...told], withPlaceholders(`${body}\n`));
}

function commentsOf({ kind, summary, object, hazard }: Change): string[] {
  const cost = describeHazard(hazard);
  const lines = [`-- ${kind} ${object}: ${summary}`, ...(cost === "" ? [] : [`-- Hazard: ${cost}`])];
  return lines.map((line) => line.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, " "));
}

const WORDS: Readonly<Record<string, string>> = {
  COLUMN_ADDED: "add",
  COLUMN_RENAMED: "rename to",
  COLUMN_REMOVED: "keep",
  COLUMN_TYPE_CHANGED: "type of",
  NULLABILITY_CHANGED: "nullability of",
  DEFAULT_CHANGED: "default of",
  PRIMARY_KEY_CHANGED: "key",
  GRANTS_CHANGED: "grants",
  STAGING_CHANGED: "staging",
};

/** The first change in a file name's words, and how many more there are. */
function slugOf(changes: readonly Change[]): string {
  const own = changes.filter(({ kind }) => kind !== "STAGING_CHANGED");
  const [first, ...more] = own.length === 0 ? changes : own;
  const { kind = "", object = "" } = first ?? {};
  const column = /^COLUMN_|^NULLABILITY|^DEFAULT/.test(kind) ? object.slice(object.lastIndexOf(".") + 1) : "";
  const words = `${WORDS[kind] ?? kind} ${column}`.toLowerCase().normalize("NFKD");
  const slug = words
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, LONGEST_SLUG);
  return more.length === 0 ? slug : `${slug}-and-${String(more.length)}-more`;
}
