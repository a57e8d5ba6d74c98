import { SERVICES_FOLDER, type WrittenService } from "../read-service";
import { parseTableName } from "../../model/table-name";
import type { EditedFolder } from "./edited-folder";
import { nearestWord } from "../../model/nearest-word";
import { chosenName, refused, requireKnown, unknownName } from "./known-name";
import type { YamlPath } from "./yaml-tree";

type Sinks = NonNullable<WrittenService["sinks"]>;
export type WrittenSink = Sinks[string];
export type WrittenSinkTable = NonNullable<NonNullable<WrittenSink["tables"]>[string]>;
export type WrittenSourceTable = NonNullable<NonNullable<WrittenService["source"]["tables"]>[string]>;

/** What is written of a service besides what is deployed. */
interface Described {
  readonly reference?: string;
  readonly description?: string;
}

/** A service's file as it is written. */
export interface ServiceText {
  readonly name: string;
  readonly file: string;
  /** Path of the service in its file; empty in the older form. */
  readonly root: YamlPath;
  readonly written: WrittenService & Described;
}

/** Services that have a file, sorted. */
export function serviceFiles(folder: EditedFolder): string[] {
  const files = folder.list(SERVICES_FOLDER).filter((file) => /^[^._].*\.yaml$/.test(file));
  return files.map((file) => file.replace(/\.yaml$/, ""));
}

/** Opens services/<name>.yaml in either form. Throws CdcError (CDC_EDIT_UNKNOWN), CdcConfigError when it is wrong. */
export function openService(folder: EditedFolder, name: string): ServiceText {
  requireKnown("there is no service", name, serviceFiles(folder));
  const file = `${SERVICES_FOLDER}/${name}.yaml`;
  const content = folder.read<Record<string, unknown>>(file, "service") ?? {};
  const legacy = typeof content["service"] === "string";
  const [root = name] = Object.keys(content);
  return legacy
    ? { name, file, root: [], written: content as unknown as ServiceText["written"] }
    : { name, file, root: [root], written: content[root] as ServiceText["written"] };
}

/** Every service of the folder. */
export function allServices(folder: EditedFolder): ServiceText[] {
  return serviceFiles(folder).map((name) => openService(folder, name));
}

/** Source tables by their key, `dbo.Actor`. */
export function sourceTables({ written }: ServiceText): Readonly<Record<string, WrittenSourceTable | null>> {
  return written.source.tables ?? {};
}

export function sinksOf({ written }: ServiceText): Sinks {
  return written.sinks ?? {};
}

export function sinkTables(service: ServiceText, sink: string): Readonly<Record<string, WrittenSinkTable | null>> {
  return sinksOf(service)[sink]?.tables ?? {};
}

/** Key of a source table that the user named as `dbo.Actor` or `Actor`. Throws CdcError (CDC_EDIT_UNKNOWN). */
export function sourceTableKey(service: ServiceText, wanted: string): string {
  return tableKey(`service ${service.name} has no source table`, wanted, Object.keys(sourceTables(service)));
}

/** Name of a sink: the only one unless one is wanted. Throws CdcError (CDC_EDIT_UNKNOWN). */
export function sinkKey(service: ServiceText, wanted: string | undefined): string {
  return chosenName("sink", `service ${service.name}`, wanted, Object.keys(sinksOf(service)));
}

/** Key of a sink table that the user named as it is written, or by its bare name. Throws CdcError (CDC_EDIT_UNKNOWN). */
export function sinkTableKey(service: ServiceText, sink: string, wanted: string): string {
  return tableKey(
    `sink ${sink} of service ${service.name} has no table`,
    wanted,
    Object.keys(sinkTables(service, sink)),
  );
}

/** Sink tables that take their rows from a source table. */
export function usesOfSourceTable(
  service: ServiceText,
  key: string,
): { readonly sink: string; readonly table: string }[] {
  const source = parseTableName(key);
  return Object.keys(sinksOf(service)).flatMap((sink) =>
    Object.entries(sinkTables(service, sink)).flatMap(([table, written]) => {
      const from = written?.from === undefined ? { table: parseTableName(table).table } : parseTableName(written.from);
      const same = from.table === source.table && (from.schema ?? source.schema) === source.schema;
      return same ? [{ sink, table }] : [];
    }),
  );
}

function tableKey(what: string, wanted: string, keys: readonly string[]): string {
  if (keys.includes(wanted)) return wanted;
  const { schema, table } = parseTableName(wanted);
  const found = keys.filter((key) => {
    const one = parseTableName(key);
    return one.table === table && (schema === undefined || one.schema === schema);
  });
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length > 1) throw unknownName("several tables are named", wanted, found);
  // Who writes a bare name means one: `Patent` is near to `{{SCHEMA}}.Patient`.
  const near = keys.find((key) => parseTableName(key).table === nearestWord(table, keys.map(bareName)));
  throw unknownName(what, wanted, keys, near);
}

function bareName(key: string): string {
  return parseTableName(key).table;
}

/** Source tables of a service, taken apart. Throws CdcError (CDC_EDIT_VALUE) for one without a schema. */
export function capturedTables(service: ServiceText): { readonly schema: string; readonly table: string }[] {
  return Object.keys(sourceTables(service)).map((key) => {
    const { schema, table } = parseTableName(key);
    if (schema === undefined)
      throw refused(`${service.file}: "${key}" is no schema.table`, `Write it like dbo.${table}.`);
    return { schema, table };
  });
}
