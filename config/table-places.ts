import { sinkName } from "../model/identifier";
import type { Place } from "../model/problem";
import { parseTableName } from "../model/table-name";
import { ConfigFolder } from "./config-folder";
import { SERVICES_FOLDER } from "./read-service";
import { SCHEMAS_FOLDER } from "./read-tables";
import type { Position } from "./yaml-locator";

/** A line of a file of the configuration; `file` is relative to its folder. */
export interface FilePosition extends Position {
  readonly file: string;
}

/** Finds where tables and columns stand in the configuration. */
export class TablePlaces {
  private readonly folder: ConfigFolder;

  constructor(directory: string) {
    this.folder = new ConfigFolder(directory, {});
  }

  /** A sink table's entry in its service's file; the sink's, or the file, when it isn't there. */
  table(service: string, sink: string, table: string): FilePosition {
    const file = `${SERVICES_FOLDER}/${service}.yaml`;
    const content = record(this.folder.written(file));
    const root = typeof content["service"] === "string" ? [] : [Object.keys(content)[0] ?? service];
    const payload = root.length === 0 ? content : record(Object.values(content)[0]);
    const tables = record(record(record(payload["sinks"])[sink])["tables"]);
    const key = Object.keys(tables).find((one) => sinkName(parseTableName(one).table) === table);
    const path = key === undefined ? [...root, "sinks", sink] : [...root, "sinks", sink, "tables", key];
    return this.at({ file, path });
  }

  /** A column in the schema YAML of its source table; undefined when it isn't there. */
  column(
    service: string,
    source: { readonly schema: string; readonly table: string; readonly column: string },
  ): FilePosition | undefined {
    const file = `${SCHEMAS_FOLDER}/${service}/${source.schema}/${source.table}.yaml`;
    const columns = record(this.folder.written(file))["columns"];
    if (!Array.isArray(columns)) return undefined;
    const index = columns.findIndex((column) => record(column)["name"] === source.column);
    return index < 0 ? undefined : this.at({ file, path: ["columns", index, "name"] });
  }

  private at(place: Place): FilePosition {
    return { file: place.file, ...this.folder.positionOf(place) };
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
