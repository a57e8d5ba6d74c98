import type { ColumnTemplate, ValueSource } from "../model/config";
import { within } from "../model/problem";
import { canonicalType } from "../model/sink-type";
import type { ConfigFolder } from "./config-folder";
import { SCHEMAS_FOLDER } from "./read-tables";

type Scalar = string | number | boolean | null;

interface WrittenTemplate {
  readonly name: string;
  readonly type: string;
  readonly not_null?: boolean;
  readonly value?: Scalar;
  readonly value_source?: ValueSource;
  readonly default?: string | number | boolean;
  readonly applies_to?: string;
  readonly description?: string;
}

const FILES = [`${SCHEMAS_FOLDER}/column-templates.yaml`, "column-templates.yaml"];

/** Column templates by name, from services/_schemas/ and from the configuration's folder itself. */
export function readTemplates(folder: ConfigFolder): Record<string, ColumnTemplate> {
  const templates = new Map<string, ColumnTemplate>();
  for (const file of FILES) {
    const written = folder.read<{ templates: Record<string, WrittenTemplate> | null }>(file, "column-templates");
    for (const [key, template] of Object.entries(written?.templates ?? {})) {
      const before = templates.get(key);
      const at = { file, path: ["templates", key] };
      if (before !== undefined)
        folder.problem(at, `column template ${key} is in ${before.at.file} as well`, "keep one of the two");
      templates.set(key, columnTemplate(folder, key, template, at));
    }
  }
  return Object.fromEntries(templates);
}

function columnTemplate(
  folder: ConfigFolder,
  key: string,
  written: WrittenTemplate,
  at: ColumnTemplate["at"],
): ColumnTemplate {
  const type = canonicalType(written.type);
  if (type === undefined)
    folder.problem(
      within(at, "type"),
      `"${written.type}" is no type of PostgreSQL`,
      "write it like text, uuid or varchar(50)",
    );
  const { value, value_source: source, default: expression, applies_to: appliesTo, description } = written;
  return {
    key,
    name: written.name,
    type: type ?? "text",
    notNull: written.not_null ?? false,
    ...(value === undefined ? {} : { value: value === null ? null : String(value) }),
    ...(source === undefined ? {} : { valueSource: source }),
    ...(expression === undefined ? {} : { default: String(expression) }),
    ...(appliesTo === undefined ? {} : { appliesTo }),
    ...(description === undefined ? {} : { description }),
    at,
  };
}
