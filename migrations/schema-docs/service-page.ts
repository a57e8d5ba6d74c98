import { pathPart } from "../../lib/path-part";
import { entityDiagrams } from "./diagram";
import { code, heading, link, MADE_BY, markdownTable, prose } from "./markdown";
import type { PlacedPage } from "./page-path";

/** The page of a service: its tables, and a diagram for each place they are in. */
export function servicePage(service: string, pages: readonly PlacedPage[]): string {
  const parts = [
    `<!-- ${MADE_BY} -->`,
    `# ${heading(service)}`,
    "The configuration says nothing of foreign keys, so the diagrams have no lines.",
    ...byPlace(pages).flatMap((own) => [...placeOf(own), tableList(own), ...diagrams(own)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The page that leads to the services. */
export function indexPage(services: readonly string[]): string {
  const links = services.map((service) => `- ${link(service, `${pathPart(service)}/index.md`)}`);
  return `<!-- ${MADE_BY} -->\n\n# Tables by service\n\n${links.join("\n")}\n`;
}

/** Pages of tables that are in the same sink and the same schemas, in the order of the model. */
function byPlace(pages: readonly PlacedPage[]): PlacedPage[][] {
  const places = new Map<string, PlacedPage[]>();
  for (const page of pages) {
    const { sink, schemas, perCustomer } = page.table;
    const place = JSON.stringify([sink, perCustomer, schemas]);
    places.set(place, [...(places.get(place) ?? []), page]);
  }
  return [...places.values()];
}

function placeOf([page]: readonly PlacedPage[]): string[] {
  if (page === undefined) return [];
  const { sink, schemas, perCustomer } = page.table;
  const names = schemas.map(code).join(", ");
  if (!perCustomer) return [`## Sink ${code(sink)}, schema ${names}`];
  return [`## Sink ${code(sink)}, tables of each customer`, `Schemas: ${names}`];
}

function tableList(pages: readonly PlacedPage[]): string {
  const rows = pages.map(({ table, path }) => [
    link(table.name, `${path.slice(path.indexOf("/") + 1)}.md`),
    code(`${table.source.schema}.${table.source.table}`),
    table.key.map(code).join(", "),
    String(table.columns.length),
    prose(table.description?.split("\n")[0] ?? ""),
  ]);
  return markdownTable(["Table", "Source table", "Key", "Columns", "Description"], rows);
}

function diagrams(pages: readonly PlacedPage[]): string[] {
  return entityDiagrams(pages.map(({ table }) => table)).map((text) => `\`\`\`mermaid\n${text}\n\`\`\``);
}
