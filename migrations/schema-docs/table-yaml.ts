import { dump } from "js-yaml";
import { describe } from "./column-words";
import type { DocumentedColumn, DocumentedTable } from "./documented-table";
import { MADE_BY } from "./markdown";
import type { PlacedPage } from "./page-path";

/** The same as {@link tablePage} for programs. */
export function tableYaml(table: DocumentedTable): string {
  const { service, sink, name, schemas, perCustomer, source, description } = table;
  return yamlPage({
    ...{ service, sink, table: name, per_customer: perCustomer, schemas, source },
    ...(description === undefined ? {} : { description }),
    key: table.key,
    on_delete: table.onDelete,
    target_exists: table.targetExists,
    staging: { table: table.staging, logged: table.stagingLogged },
    merge_procedure: table.procedure,
    ...(table.transforms.length === 0 ? {} : { transforms: table.transforms }),
    columns: table.columns.map(columnYaml),
    ...(table.notes.length === 0 ? {} : { notes: table.notes }),
  });
}

/** Which tables a service has, and where their pages are. */
export function serviceYaml(service: string, pages: readonly PlacedPage[]): string {
  const tables = pages.map(({ path, table: { sink, schemas, name, source, columns } }) => {
    const page = path.slice(path.indexOf("/") + 1);
    return { table: name, sink, schemas, source: `${source.schema}.${source.table}`, columns: columns.length, page };
  });
  return yamlPage({ service, tables });
}

function columnYaml(column: DocumentedColumn): object {
  const { name, type, nullable, key, origin, source, sourceType, lossy, constant, constants } = column;
  const description = describe(column);
  return {
    ...{ name, type, nullable, origin },
    ...(key === undefined ? {} : { key }),
    ...(source === undefined ? {} : { source, source_type: sourceType, lossy: lossy ?? false }),
    ...(column.default === undefined ? {} : { default: column.default }),
    ...(constant === undefined ? {} : { constant }),
    ...(constants === undefined ? {} : { constants }),
    ...(description === undefined ? {} : { description }),
  };
}

function yamlPage(value: object): string {
  return `# ${MADE_BY}\n${dump(value, { lineWidth: 110, noRefs: true, skipInvalid: true })}`;
}
