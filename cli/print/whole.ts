import { unpackList } from "../../sql/plans/packed";
import type { ResourceEvent } from "./nouns";

/**
 * In a few words, what is made or removed as a whole. From the properties alone: planning it would render
 * statements that nobody asked to see, two milliseconds for each merge procedure.
 */
export function wholeText(event: ResourceEvent): string {
  const properties = event.newProperties ?? event.oldProperties ?? {};
  const noun = event.type.slice(event.type.lastIndexOf(":") + 1);
  if (event.operation === "delete") return noun === "SinkTable" ? "with its rows" : "";
  if (noun === "SinkTable") return tableText(properties);
  if (noun === "SourceTableCdc") return `${String(unpackList(String(properties["captured"])).length)} columns`;
  return noun === "StagingTable" && properties["logged"] === false ? "unlogged" : "";
}

function tableText({ columns, key, targetExists }: Readonly<Record<string, unknown>>): string {
  if (targetExists === true) return "belongs to somebody else: compared, not altered";
  const count = typeof columns === "object" && columns !== null ? Object.keys(columns).length : 0;
  return `${String(count)} columns, key (${Array.isArray(key) ? key.join(", ") : ""})`;
}
