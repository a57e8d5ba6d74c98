import type { PipelineModel } from "../../model/sink";
import { pathPart } from "../../lib/path-part";
import { documentedTables } from "./documented-table";
import { placedPages } from "./page-path";
import { indexPage, servicePage } from "./service-page";
import { tablePage } from "./table-page";
import { serviceYaml, tableYaml } from "./table-yaml";

/** A page: its path from the output folder, with `/`, and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** All pages of a service: the same bytes for the same model. */
export function servicePages(model: PipelineModel): Page[] {
  const { service } = model;
  const pages = placedPages(documentedTables(model));
  const folder = serviceFolder(model);
  return [
    { path: `${folder}/index.md`, text: servicePage(service, pages) },
    { path: `${folder}/index.yaml`, text: serviceYaml(service, pages) },
    ...pages.flatMap(({ table, path }) => [
      { path: `${path}.md`, text: tablePage(table) },
      { path: `${path}.yaml`, text: tableYaml(table) },
    ]),
  ];
}

/** Folder of a service's pages. */
export function serviceFolder({ service }: PipelineModel): string {
  return pathPart(service);
}

/** The page that lists every service there is. */
export function rootPage(services: readonly string[]): Page {
  return { path: "index.md", text: indexPage(services) };
}
