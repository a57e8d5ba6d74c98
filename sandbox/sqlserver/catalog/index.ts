import { sqlError, unsupported } from "../errors";
import type { Context, VirtualTable } from "../compile/context";
import type { Database } from "../storage/database";
import { CDC_VIEWS, MSDB_VIEWS } from "./cdc-views";
import { INFORMATION_VIEWS } from "./information-schema";
import { KEY_VIEWS } from "./keys";
import { OBJECT_VIEWS } from "./objects";
import { SERVER_VIEWS } from "./server-views";
import { valuesOf, type CatalogView } from "./view";

const SYS_VIEWS: Readonly<Record<string, CatalogView>> = { ...OBJECT_VIEWS, ...KEY_VIEWS, ...SERVER_VIEWS };

/** A view or system table of a name; undefined when there is none. Throws "unsupported" for other names of sys. */
export function findView(name: readonly string[], current: Database, context: Context): VirtualTable | undefined {
  const schema = (name.at(-2) ?? "").toLowerCase();
  const word = (name.at(-1) ?? "").toLowerCase();
  const part = name.length > 2 ? name[name.length - 3] : undefined;
  const database = part === undefined || part === "" ? current : context.instance.database(part);
  if (!database) throw sqlError(208, name.join("."));
  const found = viewOf(schema, word, database);
  return found && { columns: found.columns, rows: () => valuesOf(found, database, context) };
}

function viewOf(schema: string, word: string, database: Database): CatalogView | undefined {
  switch (schema) {
    case "sys":
      if (!Object.hasOwn(SYS_VIEWS, word)) throw unsupported(`the view sys.${word}`);
      return SYS_VIEWS[word];
    case "information_schema":
      if (!Object.hasOwn(INFORMATION_VIEWS, word))
        throw unsupported(`the view INFORMATION_SCHEMA.${word.toUpperCase()}`);
      return INFORMATION_VIEWS[word];
    case "cdc":
      return database.cdc && Object.hasOwn(CDC_VIEWS, word) ? CDC_VIEWS[word] : undefined;
    case "dbo":
    case "":
      return database.name === "msdb" && Object.hasOwn(MSDB_VIEWS, word) ? MSDB_VIEWS[word] : undefined;
    default:
      return undefined;
  }
}
