import type { Column } from "./column";
import type { ColumnTemplate, SinkTableConfig, SourceTableConfig, TemplateUse } from "./config";
import { didYouMean, type Findings } from "./findings";
import { identifierFault, sinkColumnName } from "./identifier";
import { nearestWord } from "./nearest-word";
import { within, type Place } from "./problem";
import { objectOf } from "./source-columns";
import { expressionFault } from "./sql-expression";
import { templateValue, type TemplateValue } from "./template-value";

/** A template column before its value is known for a tenant. */
export interface TemplateColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly value: TemplateValue;
  readonly description?: string;
  /** Where its value is written. */
  readonly at: Place;
}

/** The column templates of a table: those it names, then those whose `applies_to` matches it. */
export function templateColumns(
  source: SourceTableConfig,
  sink: SinkTableConfig,
  templates: Readonly<Record<string, ColumnTemplate>>,
  findings: Findings,
): TemplateColumn[] {
  const named = sink.templates.flatMap((use) => namedTemplate(use, templates, findings));
  const used = new Set(sink.templates.map((use) => use.template));
  const names = [objectOf(source), sink.key, sink.table];
  const matching = Object.values(templates).filter(
    ({ key, appliesTo }) => appliesTo !== undefined && !used.has(key) && names.some((name) => matches(appliesTo, name)),
  );
  const all = [...named, ...matching.map((template) => ({ template, use: undefined }))];
  return all.map(({ template, use }) => templateColumn(template, use, source, findings));
}

/** The column itself, once the value is resolved: for the table, or by customer. */
export function asColumn(
  template: TemplateColumn,
  constant?: string | null,
  constants?: Readonly<Record<string, string | null>>,
): Column {
  const { name, type, nullable, value, description } = template;
  const text = description === undefined ? {} : { description };
  const column = { name, type, nullable, origin: "template" as const, ...text };
  const expression =
    value.kind === "default" ? value.expression : value.kind === "bloblang" ? value.default : undefined;
  if (expression !== undefined) return { ...column, default: expression };
  if (constants !== undefined) return { ...column, constants };
  return constant === undefined ? column : { ...column, constant };
}

interface AttachedTemplate {
  readonly template: ColumnTemplate;
  readonly use: TemplateUse | undefined;
}

function namedTemplate(
  use: TemplateUse,
  templates: Readonly<Record<string, ColumnTemplate>>,
  findings: Findings,
): AttachedTemplate[] {
  const template = Object.hasOwn(templates, use.template) ? templates[use.template] : undefined;
  if (template !== undefined) return [{ template, use }];
  const names = Object.keys(templates);
  const known = names.length === 0 ? "column-templates.yaml has none" : `column-templates.yaml has ${names.join(", ")}`;
  findings.problem(
    use.at,
    `there is no column template ${use.template}`,
    didYouMean(nearestWord(use.template, names), known),
  );
  return [];
}

function templateColumn(
  template: ColumnTemplate,
  use: TemplateUse | undefined,
  source: SourceTableConfig,
  findings: Findings,
): TemplateColumn {
  const written = use?.name ?? template.name;
  const at = use?.value === undefined ? within(template.at, "value") : use.at;
  const fault = identifierFault(written);
  if (fault !== undefined)
    findings.problem(use?.at ?? template.at, `the name of template column ${JSON.stringify(written)} ${fault}`);
  const value = templateValue(template, use, source);
  checkValue(template, value, at, findings);
  const { type, notNull, description } = template;
  const column = { name: sinkColumnName(written), type, nullable: !notNull, value, at };
  return description === undefined ? column : { ...column, description };
}

function checkValue(template: ColumnTemplate, value: TemplateValue, at: Place, findings: Findings): void {
  const name = `column template ${template.key}`;
  if (value.kind === "malformed") {
    findings.problem(at, `${name} refers to ${value.text}`, "a reference looks like {group.sources.*.customer_id}");
  }
  const expression = value.kind === "default" ? value.expression : template.default;
  const fault = expression === undefined ? undefined : expressionFault(expression);
  if (fault !== undefined)
    findings.problem(at, `the SQL default of ${name} ${fault}`, "it must be one SQL expression, such as now()");
  if (value.kind === "constant" && value.value === null && template.notNull) {
    findings.problem(at, `${name} is not_null and has no value`, "give it a value: or a default:");
  }
}

/** Whether a pattern, in which `*` stands for any characters, covers a name; case doesn't count. */
function matches(pattern: string, name: string): boolean {
  const [start = "", ...rest] = pattern.toLowerCase().split("*");
  const text = name.toLowerCase();
  const end = rest.pop();
  if (end === undefined) return text === start;
  if (!text.startsWith(start)) return false;
  let from = start.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return text.length - end.length >= from && text.endsWith(end);
}
