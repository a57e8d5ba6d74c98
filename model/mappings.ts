import type { Column } from "./column";
import type { SinkTableConfig, TransformUse } from "./config";
import { didYouMean, type Findings } from "./findings";
import { identifierFault, sinkColumnName } from "./identifier";
import type { Mapping } from "./mapping";
import { nearestWord } from "./nearest-word";
import { canonicalType } from "./sink-type";
import type { TemplateColumn } from "./template-columns";

/** The columns that transforms make: those with an `output_type`. */
export function outputColumns(sink: SinkTableConfig, columns: readonly Column[], findings: Findings): Column[] {
  const made = new Map<string, Column>();
  for (const use of sink.transforms) {
    if (use.outputColumn === undefined || columns.some((column) => isNamed(column, use.outputColumn ?? ""))) continue;
    const column = outputColumn(use, columns, findings);
    if (column !== undefined) made.set(column.name, column);
  }
  return [...made.values()];
}

/** The mappings of a table, in the order they run: its transforms, then its columns with a value in Bloblang. */
export function mappingsOf(
  sink: SinkTableConfig,
  columns: readonly Column[],
  templates: readonly TemplateColumn[],
  findings: Findings,
): Mapping[] {
  const named = sink.transforms.map((use) => mappingOf(use, columns, findings));
  const computed = templates.flatMap(({ name, value }) =>
    value.kind === "bloblang" ? [computedColumn(name, value.expression)] : [],
  );
  return [...named, ...computed];
}

function computedColumn(name: string, expression: string): Mapping {
  const text = /^\s*(?:root\b|let\b|map\b)/.test(expression) ? expression : `root = ${expression}`;
  return { kind: "conditional_column", stage: "sink", name: `column ${name}`, text, output: name };
}

function mappingOf(use: TransformUse, columns: readonly Column[], findings: Findings): Mapping {
  const { reference: name, stage, text, outputColumn, at } = use;
  const kind = use.kind ?? "conditional_column";
  if (kind === "conditional_column" && outputColumn === undefined)
    findings.problem(
      at,
      `transform ${name} does not say which column it fills`,
      "add expected_output_column:, or declare it as filter or row_multiplier in transform-rules.yaml",
    );
  if (text === undefined)
    findings.warning(
      name,
      "its file was not found; `cdc pipelines generate` needs it: services/_bloblang/<name>.blobl",
    );
  const output = columns.find((column) => isNamed(column, outputColumn ?? ""))?.name;
  return {
    kind,
    stage,
    name,
    ...(text === undefined ? {} : { text }),
    ...(output === undefined ? {} : { output }),
  };
}

function outputColumn(use: TransformUse, columns: readonly Column[], findings: Findings): Column | undefined {
  const { outputColumn: written = "", outputType, at, reference } = use;
  const fault = identifierFault(written);
  if (fault !== undefined) findings.problem(at, `expected_output_column ${JSON.stringify(written)} ${fault}`);
  if (outputType === undefined) {
    const names = columns.map(({ name }) => name);
    findings.problem(
      at,
      `transform ${reference} fills column ${written}, which the table does not have`,
      didYouMean(
        nearestWord(written, names),
        "say its type with output_type:, or attach a column template that makes it",
      ),
    );
    return undefined;
  }
  const type = canonicalType(outputType);
  if (type === undefined) findings.problem(at, `output_type ${JSON.stringify(outputType)} is no type of PostgreSQL`);
  return type === undefined ? undefined : { name: sinkColumnName(written), type, nullable: true, origin: "template" };
}

function isNamed({ name }: Column, written: string): boolean {
  return name === written || (written !== "" && name === sinkColumnName(written));
}
