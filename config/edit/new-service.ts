import { SERVICES_FOLDER } from "../read-service";
import { SCHEMAS_FOLDER } from "../read-tables";
import type { EditedFolder } from "./edited-folder";
import { groupFile, groupsOf } from "./group-text";
import { existsAlready, refused, requireKnown } from "./known-name";
import type { YamlMapping, YamlValue } from "./render";
import { filled, schemaKey } from "./service-steps";
import { serviceFiles } from "./service-text";

/** What a new service says. */
export interface NewService {
  readonly serverGroup?: string;
  readonly reference?: string;
  readonly description?: string;
  readonly sink?: string;
  /** Databases of the sink by environment. */
  readonly databases?: Readonly<Record<string, string>>;
  /** Source tables, as `schema.table`; each goes to the sink as well. */
  readonly tables: readonly string[];
}

/** Makes services/<name>.yaml. Throws CdcError (CDC_EDIT_EXISTS, CDC_EDIT_VALUE, CDC_EDIT_UNKNOWN). */
export function addService(folder: EditedFolder, name: string, service: NewService): void {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name))
    throw refused(`"${name}" cannot be the name of a service`, "Use letters, digits, dots, dashes and underscores.");
  if (serviceFiles(folder).includes(name)) throw existsAlready(`service ${name}`, "Change it with the other verbs.");
  if (service.serverGroup !== undefined)
    requireKnown("there is no source group", service.serverGroup, Object.keys(groupsOf(folder, "source")));
  const file = `${SERVICES_FOLDER}/${name}.yaml`;
  folder.replace(file, editorLine(folder));
  folder.edit(file, [{ op: "add", path: [name], value: serviceValue(service) }]);
}

/** Places that still name a service whose file is gone. */
export function leftoversOf(folder: EditedFolder, name: string): string[] {
  const schemas = `${SCHEMAS_FOLDER}/${name}`;
  const files = folder.list(schemas).length === 0 ? [] : [`${schemas}/ is still there`];
  const groups = (["source", "sink"] as const).flatMap((kind) =>
    Object.entries(groupsOf(folder, kind))
      .filter(([, { sources }]) => sources !== undefined && Object.hasOwn(sources, name))
      .map(([group]) => `${groupFile(kind)} still has ${group}.sources.${name}`),
  );
  return [...files, ...groups];
}

/** The line that tells editors the schema, as another service file has it. */
function editorLine(folder: EditedFolder): string {
  const texts = serviceFiles(folder).map((name) => folder.text(`${SERVICES_FOLDER}/${name}.yaml`) ?? "");
  return (
    texts.map((text) => /^# yaml-language-server:[^\r\n]*/.exec(text)?.[0]).find((line) => line !== undefined) ?? ""
  );
}

function serviceValue(service: NewService): YamlMapping {
  const { serverGroup, reference, description, sink, databases, tables } = service;
  const source = tables.length === 0 ? null : nothingFor(tables);
  const keys = tables.map(schemaKey);
  const sinkValue: YamlMapping = { ...filled({ databases }), tables: keys.length === 0 ? null : nothingFor(keys) };
  return {
    ...filled({ server_group: serverGroup, description, reference }),
    source: { tables: source },
    sinks: sink === undefined ? null : { [sink]: sinkValue },
  };
}

function nothingFor(keys: readonly string[]): YamlValue {
  return Object.fromEntries(keys.map((key) => [key, null]));
}
