import type { ColumnTemplate } from "../../model/config";
import { SCHEMAS_FOLDER } from "../read-tables";
import type { EditedFolder } from "./edited-folder";
import { unknownName } from "./known-name";
import { addUnlessSame, filled } from "./service-steps";
import { allServices, sinksOf, sinkTables, type ServiceText } from "./service-text";
import type { YamlStep } from "./yaml-step";

/** A column template as it is written. */
export interface WrittenTemplate {
  readonly name: string;
  readonly type: string;
  readonly not_null?: boolean;
  readonly description?: string;
  readonly value?: string | number | boolean | null;
  readonly value_source?: NonNullable<ColumnTemplate["valueSource"]>;
  readonly default?: string | number | boolean;
  readonly applies_to?: string;
}

/** Where a template is used: a sink table that names it, by the position in its list. */
export interface TemplateUsePlace {
  readonly service: ServiceText;
  readonly sink: string;
  readonly table: string;
  readonly index: number;
}

/** Files that hold column templates, the first is where new ones go when there is none yet. */
export const TEMPLATE_FILES = [`${SCHEMAS_FOLDER}/column-templates.yaml`, "column-templates.yaml"] as const;

/** Templates by name, with the file each is in. */
export function writtenTemplates(
  folder: EditedFolder,
): Map<string, { readonly file: string; readonly written: WrittenTemplate }> {
  const all = TEMPLATE_FILES.flatMap((file) => {
    const content = folder.read<{ templates: Record<string, WrittenTemplate> | null }>(file, "column-templates");
    return Object.entries(content?.templates ?? {}).map(([key, written]) => [key, { file, written }] as const);
  });
  return new Map(all);
}

/** The file that a new template goes to: the one there is. */
export function templateFile(folder: EditedFolder): string {
  return TEMPLATE_FILES.find((file) => folder.text(file) !== undefined) ?? TEMPLATE_FILES[0];
}

/** Steps, in {@link templateFile}, that add a template. Throws CdcError (CDC_EDIT_EXISTS). */
export function addTemplate(folder: EditedFolder, key: string, template: WrittenTemplate): YamlStep[] {
  const known = Object.fromEntries([...writtenTemplates(folder)].map(([name, { written }]) => [name, written]));
  return addUnlessSame(["templates", key], known, key, filled({ ...template }), `column template ${key}`);
}

export function removeTemplate(key: string): YamlStep[] {
  return [{ op: "remove", path: ["templates", key], whenEmpty: "nothing" }];
}

/** Sink tables of all services that name a template. */
export function usesOfTemplate(folder: EditedFolder, key: string): TemplateUsePlace[] {
  return allServices(folder).flatMap((service) =>
    Object.keys(sinksOf(service)).flatMap((sink) =>
      Object.entries(sinkTables(service, sink)).flatMap(([table, written]) => {
        const index = (written?.column_templates ?? []).findIndex((use) => nameOf(use) === key);
        return index < 0 ? [] : [{ service, sink, table, index }];
      }),
    ),
  );
}

/** How a table has a template its own way. */
export interface OwnWay {
  readonly name?: string;
  readonly value?: string;
}

/** Steps that attach a template to a sink table; none when it is attached. */
export function attachTemplate(
  service: ServiceText,
  sink: string,
  table: string,
  key: string,
  own: OwnWay,
): YamlStep[] {
  const uses = sinkTables(service, sink)[table]?.column_templates ?? [];
  const plain = own.name === undefined && own.value === undefined;
  if (plain && uses.some((use) => nameOf(use) === key)) return [];
  const value = plain ? key : (filled({ template: key, ...own }) ?? key);
  return [{ op: "append", path: listPath(service, sink, table), value }];
}

/** Steps that detach it; the list goes with its last one. Throws CdcError (CDC_EDIT_UNKNOWN). */
export function detachTemplate(service: ServiceText, sink: string, table: string, key: string): YamlStep[] {
  const uses = (sinkTables(service, sink)[table]?.column_templates ?? []).map(nameOf);
  const index = uses.indexOf(key);
  if (index < 0) throw unknownName(`${table} of sink ${sink} does not use column template`, key, uses);
  return [{ op: "remove", path: [...listPath(service, sink, table), index], whenEmpty: "prune" }];
}

function listPath({ root }: ServiceText, sink: string, table: string): (string | number)[] {
  return [...root, "sinks", sink, "tables", table, "column_templates"];
}

function nameOf(use: string | { readonly template: string }): string {
  return typeof use === "string" ? use : use.template;
}
