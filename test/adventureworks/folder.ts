import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { loadPipelineModel } from "../../config";
import type { SinkTable } from "../../model/sink";
import { generateDatabase } from "./generated";

/** Microsoft's sample database, which is not part of this project. */
const GIVEN = join(__dirname, "..", "..", "..", "shared", "data", "adventureworks");

export type SampleName = "AdventureWorks" | "a generated database";

/** The generated one always, Microsoft's where it is at hand. */
export const SAMPLES: readonly SampleName[] = existsSync(GIVEN)
  ? ["AdventureWorks", "a generated database"]
  : ["a generated database"];

/** A database of definitions and rows. */
export interface SampleDatabase {
  readonly name: SampleName;
  readonly tables: readonly SinkTable[];
  /** Files of rows, one JSON object a line with SQL Server's text of every value; named `<Schema>.<Table>.ndjson`. */
  readonly rowFiles: readonly { readonly schema: string; readonly table: string; readonly path: string }[];
  /** Folder to remove afterwards. */
  readonly folder: string;
}

/** Reads the definitions the way a user's are read: as the YAML folder of a service that goes into the database `sinkDatabase`. */
export function openSampleDatabase(name: SampleName, sinkDatabase: string): SampleDatabase {
  const folder = mkdtempSync(join(tmpdir(), "cdc-sample-"));
  const data = name === "AdventureWorks" ? GIVEN : generateDatabase(join(folder, "generated"));
  writeConfig(folder, join(data, "schemas"), sinkDatabase);
  const [sink] = loadPipelineModel(folder, { environment: "dev", service: "adventureworks", env: {} }).sinks;
  const rows = join(data, "rows");
  const rowFiles = readdirSync(rows).map((file) => {
    const [schema = "", table = ""] = basename(file, ".ndjson").split(".");
    return { schema, table, path: join(rows, file) };
  });
  return { name, tables: sink?.tables ?? [], rowFiles, folder };
}

function writeConfig(folder: string, schemas: string, sinkDatabase: string): void {
  const definitions = join(folder, "services", "_schemas", "adventureworks");
  mkdirSync(definitions, { recursive: true });
  cpSync(schemas, definitions, { recursive: true });
  const names = readdirSync(schemas).flatMap((schema) =>
    readdirSync(join(schemas, schema)).map((file) => `${schema}.${basename(file, ".yaml")}`),
  );
  const source = { tables: Object.fromEntries(names.map((name) => [name, {}])) };
  const tables = Object.fromEntries(names.map((name) => [name, { from: name }]));
  const sinks = { "main.warehouse": { databases: { dev: sinkDatabase }, tables } };
  // JSON is YAML.
  writeFileSync(join(folder, "services", "adventureworks.yaml"), JSON.stringify({ adventureworks: { source, sinks } }));
  const servers = { main: { host: "127.0.0.1", user: "reader", password: "" } };
  const sources = { adventureworks: { dev: { server: "main", database: "AdventureWorks" } } };
  const groups = { adventureworks: { pattern: "db-shared", type: "mssql", servers, sources } };
  writeFileSync(join(folder, "source-groups.yaml"), JSON.stringify(groups));
}
