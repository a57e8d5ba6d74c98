import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { dump } from "js-yaml";

/** One source column, as a schema YAML has it. */
export interface YamlColumn {
  name: string;
  type: string;
  nullable?: boolean;
  primary_key?: boolean;
}

/** What a generated project is like. */
export interface YamlProject {
  readonly customers: readonly string[];
  /** Columns by table name. */
  readonly tables: Readonly<Record<string, readonly YamlColumn[]>>;
  readonly database: string;
  /** Further keys of the sink's entry for a table. */
  readonly sinkTables?: Readonly<Record<string, object>>;
  /** The server of the sources, and their databases by customer; a server that is not there when absent. */
  readonly sources?: { readonly server: object; readonly databases: Readonly<Record<string, string>> };
  /** `capture:` of the source group. */
  readonly capture?: object;
  /** `source.snapshot` of the service. */
  readonly snapshot?: string;
  /** Keys of the stack config besides directory and environment, without `cdc:`. */
  readonly config?: Readonly<Record<string, unknown>>;
}

const ROOT = resolve(__dirname, "../..");
const TYPES = ["int", "nvarchar(50)", "decimal(8,2)", "datetime2(7)", "bit", "bigint", "uniqueidentifier", "money"];

/** A folder with a Pulumi project in db-per-tenant that resolves this package as an installed one. */
export function makeProject(project: YamlProject): string {
  const directory = mkdtempSync(join(tmpdir(), "cdc-project-"));
  linkPackage(directory);
  writeProject(directory, project);
  return directory;
}

/** Makes this package one that is installed in the folder. */
function linkPackage(directory: string): void {
  const modules = join(directory, "node_modules");
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, "pulumi-cdc"));
  symlinkSync(join(ROOT, "node_modules", "@pulumi"), join(modules, "@pulumi"));
}

/** Makes a folder of YAML a Pulumi project with the stack `dev`. */
export function makeStack(directory: string): void {
  linkPackage(directory);
  writePulumiFiles(directory, {});
}

export function removeProject(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** Writes (again) the project's files. */
export function writeProject(directory: string, project: YamlProject): void {
  const write = (path: string, content: object | string) => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      typeof content === "string" ? content : path.endsWith(".json") ? JSON.stringify(content) : dump(content),
    );
  };
  const settings = { directory: ".", environment: "dev", allowDrop: true, capture: false, ...project.config };
  const config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`cdc:${key}`, value]));
  write("Pulumi.yaml", { name: "life", runtime: { name: "nodejs", options: { typescript: false } }, main: "index.js" });
  write("Pulumi.dev.yaml", { config });
  write("package.json", { name: "life", private: true });
  write("index.js", 'module.exports = require("pulumi-cdc/program");\n');
  write("source-groups.yaml", { group: sourceGroup(project) });
  write("services/shop.yaml", { shop: serviceOf(project) });
  for (const [table, columns] of Object.entries(project.tables)) {
    write(`services/_schemas/shop/dbo/${table}.yaml`, { schema: "dbo", service: "shop", table, columns });
  }
}

function writePulumiFiles(directory: string, more: Readonly<Record<string, unknown>>): void {
  const write = writerInto(directory);
  const settings = { directory: ".", environment: "dev", allowDrop: true, capture: false, ...more };
  const config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`cdc:${key}`, value]));
  write("Pulumi.yaml", { name: "life", runtime: { name: "nodejs", options: { typescript: false } }, main: "index.js" });
  write("Pulumi.dev.yaml", { config });
  write("package.json", { name: "life", private: true });
  write("index.js", 'module.exports = require("pulumi-cdc/program");\n');
}

function writerInto(directory: string) {
  return (path: string, content: object | string) => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    const text = path.endsWith(".json") ? JSON.stringify(content) : dump(content);
    writeFileSync(file, typeof content === "string" ? content : text);
  };
}

/** So many columns: a key and then the usual types in turn. */
export function usualColumns(count: number): YamlColumn[] {
  const others = Array.from({ length: count - 1 }, (_, index) => ({
    name: `Col${String(index + 1).padStart(2, "0")}`,
    type: TYPES[index % TYPES.length] ?? "int",
    nullable: index % 3 !== 0,
  }));
  return [{ name: "Id", type: "int", nullable: false, primary_key: true }, ...others];
}

function sourceGroup({ customers, sources: real, capture }: YamlProject) {
  const sources = customers.map((name) => {
    const database = real?.databases[name] ?? `Shop_${name}`;
    return [name, { schemas: ["dbo"], dev: { server: "s", database } }];
  });
  const servers = { s: real?.server ?? { host: "127.0.0.1", port: "1433", user: "reader" } };
  const captured = capture === undefined ? {} : { capture };
  return {
    pattern: "db-per-tenant",
    type: "mssql",
    servers,
    ...captured,
    sources: Object.fromEntries(sources) as object,
  };
}

function serviceOf({ tables, database, sinkTables = {}, snapshot }: YamlProject) {
  const names = Object.keys(tables);
  return {
    server_group: "group",
    source: {
      ...(snapshot === undefined ? {} : { snapshot }),
      tables: Object.fromEntries(names.map((name) => [`dbo.${name}`, {}])),
    },
    sinks: {
      "main.shop": {
        databases: { dev: database },
        tables: Object.fromEntries(names.map((name) => [`{{SCHEMA}}.${name}`, sinkTables[name] ?? {}])),
      },
    },
  };
}
