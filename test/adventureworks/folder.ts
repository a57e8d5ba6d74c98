import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { loadPipelineModel } from "../../config";
import type { SinkTable } from "../../model/sink";
import { generateDatabase } from "./generated";

/** Microsoft's sample database, which is not part of this project; a generated one stands in where it is absent. */
const GIVEN = join(__dirname, "..", "..", "..", "shared", "data", "adventureworks");

/** A database of definitions and rows. */
export interface SampleDatabase {
  /** `AdventureWorks`, or what was generated in its place. */
  readonly name: string;
  readonly tables: readonly SinkTable[];
  /** Files of rows, one JSON object a line with SQL Server's text of every value; named `<Schema>.<Table>.ndjson`. */
  readonly rowFiles: readonly { readonly schema: string; readonly table: string; readonly path: string }[];
  /** Folder to remove afterwards. */
  readonly folder: string;
}

/** Reads the definitions the way a user's are read: as the YAML folder of a service. */
export function openSampleDatabase(): SampleDatabase {
  const folder = mkdtempSync(join(tmpdir(), "cdc-sample-"));
  const data = existsSync(GIVEN) ? GIVEN : generateDatabase(join(folder, "generated"));
  writeConfig(folder, join(data, "schemas"));
  const [sink] = loadPipelineModel(folder, { environment: "dev", service: "adventureworks", env: {} }).sinks;
  const rows = join(data, "rows");
  const rowFiles = readdirSync(rows).map((file) => {
    const [schema = "", table = ""] = basename(file, ".ndjson").split(".");
    return { schema, table, path: join(rows, file) };
  });
  return {
    name: data === GIVEN ? "AdventureWorks" : "a generated database",
    tables: sink?.tables ?? [],
    rowFiles,
    folder,
  };
}

function writeConfig(folder: string, schemas: string): void {
  const definitions = join(folder, "services", "_schemas", "adventureworks");
  mkdirSync(definitions, { recursive: true });
  cpSync(schemas, definitions, { recursive: true });
  const names = readdirSync(schemas).flatMap((schema) =>
    readdirSync(join(schemas, schema)).map((file) => `${schema}.${basename(file, ".yaml")}`),
  );
  const source = { tables: Object.fromEntries(names.map((name) => [name, {}])) };
  const tables = Object.fromEntries(names.map((name) => [name, { from: name }]));
  const sinks = { "main.warehouse": { databases: { dev: "warehouse" }, tables } };
  // JSON is YAML.
  writeFileSync(join(folder, "services", "adventureworks.yaml"), JSON.stringify({ adventureworks: { source, sinks } }));
  const servers = { main: { host: "127.0.0.1", user: "reader", password: "" } };
  const sources = { adventureworks: { dev: { server: "main", database: "AdventureWorks" } } };
  const groups = { adventureworks: { pattern: "db-shared", type: "mssql", servers, sources } };
  writeFileSync(join(folder, "source-groups.yaml"), JSON.stringify(groups));
}
