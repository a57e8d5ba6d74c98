import { indented, objectLines, quoted, quotedBlock } from "./bloblang";
import type { PlacedMapping } from "./units";

/**
 * Processors that run a table's mappings on an envelope: YAML list items, not indented. A `filter` that refuses a row
 * makes an update a delete of the row as it was; a `row_multiplier` deletes the rows that an update no longer makes, as
 * far as the event tells the row before.
 */
export function mappingSteps(mappings: readonly PlacedMapping[]): string[] {
  return mappings.flatMap((mapping) => {
    if (mapping.kind === "filter") return [step(filter(mapping))];
    if (mapping.kind === "row_multiplier") return [step(multiplier(mapping)), "- unarchive:\n    format: json_array"];
    return [step(conditionalColumn(mapping))];
  });
}

function step(mapping: string): string {
  return `- mapping: |\n${indented(mapping, 4)}`;
}

function call(row: string, mapping: PlacedMapping): string {
  return `${row}.bloblang(${quotedBlock(mapping.text ?? "")})`;
}

function conditionalColumn(mapping: PlacedMapping): string {
  const { name, output = "", outputSource } = mapping;
  const target = outputSource === undefined ? `root.computed.${quoted(output)}` : `root.data.${quoted(outputSource)}`;
  return `# ${oneLine(name)}
let row = this.metadata.Before.or({}).assign(this.data.or({}))
root = this
${target} = if this.metadata.OperationType == "Delete" { deleted() } else { ${call("$row", mapping)} }`;
}

function filter(mapping: PlacedMapping): string {
  return `# ${oneLine(mapping.name)}
let row = this.metadata.Before.or({}).assign(this.data.or({}))
let kept = this.metadata.OperationType == "Delete" || (${call("$row", mapping)}) == true
root = if $kept {
  this
} else if this.metadata.OperationType == "Update" {
  this.assign({"data": this.metadata.Before.or(this.data), "metadata": {"OperationType": "Delete", "Before": null}})
} else {
  deleted()
}`;
}

function multiplier(mapping: PlacedMapping): string {
  const computed = `[${mapping.computed.map(quoted).join(", ")}]`;
  return `# ${oneLine(mapping.name)}
let event = this.without("data", "metadata.Before")
let operation = this.metadata.OperationType
let before = this.metadata.Before.or({})
let row = $before.assign(this.data.or({}))
let old = if $operation == "Delete" { $row } else if $operation == "Update" && $before.length() > 0 { $before } else { null }
let olds = if $old == null { [] } else { $old.bloblang(${quotedBlock(mapping.text ?? "")}) }
let news = if $operation == "Delete" { [] } else { ${call("$row", mapping)} }
let computed = ${computed}
let made = $news.enumerated().map_each(one -> $event.assign({
  "data": one.value.filter(value -> !$computed.contains(value.key)),
  "computed": one.value.filter(value -> $computed.contains(value.key)),
  "metadata": {"Before": if one.index < $olds.length() { $olds.index(one.index) } else { null }}
}))
let gone = $olds.enumerated().filter(one -> one.index >= $news.length()).map_each(one -> $event.assign({
  "data": one.value.filter(value -> !$computed.contains(value.key)),
  "computed": one.value.filter(value -> $computed.contains(value.key)),
  "metadata": {"OperationType": "Delete"}
}))
root = $made.concat($gone)`;
}

/** Cases of a switch processor: the steps of each table that has any; not indented. */
export function switchCases(cases: readonly { readonly check: string; readonly steps: readonly string[] }[]): string {
  return cases
    .map(({ check, steps }) => `- check: ${check}\n  processors:\n${indented(steps.join("\n"), 4)}`)
    .join("\n");
}

/** A Bloblang object of lists of texts. */
export function listsByKey(entries: readonly (readonly [string, readonly string[]])[]): string {
  return objectLines(entries.map(([key, list]) => [key, `[${list.map(quoted).join(", ")}]`]));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
