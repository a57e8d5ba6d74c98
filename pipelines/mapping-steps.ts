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
  const { name, output = "", outputSource, identity } = mapping;
  const target = outputSource === undefined ? `root.computed.${quoted(output)}` : `root.data.${quoted(outputSource)}`;
  const value = call("$row", mapping);
  // A delete needs its key only.
  const always = identity.includes(outputSource ?? output);
  const filled = always ? value : `if this.metadata.OperationType == "Delete" { deleted() } else { ${value} }`;
  return `# ${oneLine(name)}
let row = this.metadata.Before.or({}).assign(this.data.or({}))
root = this
${target} = ${filled}`;
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
  const list = (names: readonly string[]): string => `[${names.map(quoted).join(", ")}]`;
  const rows = (row: string): string => `${call(row, mapping)}.map_each(one -> {
  "data": one.filter(value -> !$computed.contains(value.key)),
  "computed": one.filter(value -> $computed.contains(value.key)),
  "id": one.filter(value -> $identity.contains(value.key)).format_json(no_indent: true).string()
})`;
  return `# ${oneLine(mapping.name)}
let computed = ${list(mapping.computed)}
let identity = ${list(mapping.identity)}
let event = this.without("data", "metadata", "computed")
let metadata = this.metadata.without("OperationType", "Before")
let filled = this.computed.or({})
let operation = this.metadata.OperationType
let before = this.metadata.Before.or({})
let row = $before.assign(this.data.or({}))
let news = if $operation == "Delete" { [] } else { ${rows("$row")} }
let old = if $operation == "Delete" { $row } else if $operation == "Update" { $before } else { {} }
let olds = if $old.length() == 0 { [] } else { ${rows("$old")} }
let ids = $news.map_each(one -> one.id)
let gone = $olds.filter(one -> !$ids.contains(one.id))
# without() makes a copy each time: assign() changes what it is called on.
root = $news.concat($gone).enumerated().map_each(one -> $event.without("metadata").assign({
  "data": one.value.data,
  "computed": $filled.without("").assign(one.value.computed),
  "metadata": $metadata.without("").assign({"OperationType": if one.index < $news.length() { $operation } else { "Delete" }})
}))`;
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
