import type { ColumnTemplate, TemplateUse, ValueSource } from "./config";

/** What a template column is filled with. */
export type TemplateValue =
  /** The same text everywhere; null is NULL. */
  | { readonly kind: "constant"; readonly value: string | null }
  /** A value of source-groups.yaml that belongs to the source the rows come from. */
  | { readonly kind: "source-ref"; readonly group: string; readonly source: string; readonly key: string }
  | { readonly kind: "default"; readonly expression: string }
  /** A Bloblang expression that only Redpanda Connect or Bento can run; with a DEFAULT the native path uses that. */
  | { readonly kind: "bloblang"; readonly expression: string; readonly default?: string }
  /** A reference that can't be read. */
  | { readonly kind: "malformed"; readonly text: string };

const REFERENCE = /^\{([^{}.]+)\.sources\.([^{}]+)\.([^{}.]+)\}$/;
const LOOKS_LIKE_REFERENCE = /^\{[^{}]*\}$/;
const LOOKS_LIKE_BLOBLANG = /^(?:this\b|root\b|meta\(|metadata\(|env\(|now\(\)|uuid_v4\(\)|@|if |match |let )/;
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/;
const SCALAR = /^(?:true|false|-?\d+(?:\.\d+)?)$/;

/** Bloblang that says the same as a DEFAULT of PostgreSQL. */
const SAME_AS_DEFAULT: Readonly<Record<string, string>> = { "now()": "now()", "uuid_v4()": "gen_random_uuid()" };

/** Reads what a template, as used by one table, is filled with. */
export function templateValue(
  template: ColumnTemplate,
  use: TemplateUse | undefined,
  table: { schema: string; table: string },
): TemplateValue {
  const overridden = use?.value !== undefined;
  const value = overridden ? use.value : template.value;
  if (value === undefined) return withoutValue(template);
  if (value === null) return { kind: "constant", value: null };
  switch (valueSource(value, template.valueSource, overridden)) {
    case "source_ref":
      return reference(value);
    case "sql":
      return { kind: "default", expression: value };
    case "bloblang":
      return bloblang(value, template, table);
    default:
      return { kind: "constant", value };
  }
}

function withoutValue(template: ColumnTemplate): TemplateValue {
  if (template.default !== undefined) return { kind: "default", expression: template.default };
  return { kind: "constant", value: null };
}

/** A value that a table gives itself is read by its form, unless the template's values are code. */
function valueSource(value: string, declared: ValueSource | undefined, overridden: boolean): ValueSource {
  const code = declared === "sql" || declared === "bloblang";
  if (declared !== undefined && (!overridden || code)) return declared;
  if (LOOKS_LIKE_REFERENCE.test(value)) return "source_ref";
  return declared === undefined && LOOKS_LIKE_BLOBLANG.test(value) ? "bloblang" : "literal";
}

function reference(text: string): TemplateValue {
  const [, group, source, key] = REFERENCE.exec(text) ?? [];
  if (group === undefined || source === undefined || key === undefined) return { kind: "malformed", text };
  return { kind: "source-ref", group, source, key };
}

function bloblang(
  expression: string,
  template: ColumnTemplate,
  table: { schema: string; table: string },
): TemplateValue {
  const text = expression.trim();
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted !== undefined) return { kind: "constant", value: quoted.replace(/\\(["\\])/g, "$1") };
  if (SCALAR.test(text)) return { kind: "constant", value: text };
  if (text === "null") return { kind: "constant", value: null };
  if (text === 'meta("table")') return { kind: "constant", value: table.table };
  if (text === 'meta("schema")') return { kind: "constant", value: table.schema };
  const same = Object.hasOwn(SAME_AS_DEFAULT, text) ? SAME_AS_DEFAULT[text] : undefined;
  if (same !== undefined) return { kind: "default", expression: template.default ?? same };
  return {
    kind: "bloblang",
    expression: text,
    ...(template.default === undefined ? {} : { default: template.default }),
  };
}
