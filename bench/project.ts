import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Size of a generated project. */
export interface Size {
  readonly schemas: number;
  readonly tables: number;
  readonly columns: number;
}

/** A project on disk, and what removes it. */
export interface GeneratedProject {
  readonly directory: string;
  /** Forgets what was deployed. */
  removeState(): void;
  remove(): void;
}

/** The clinic-like shape of the first users: many customers, the same tables in each. */
export const LARGE: Size = { schemas: 26, tables: 39, columns: 25 };

const TYPES = [
  "int",
  "nvarchar(50)",
  "decimal(18,4)",
  "datetime2(7)",
  "bit",
  "uniqueidentifier",
  "varchar(200)",
  "bigint",
  "date",
  "money",
];

/** Writes a db-per-tenant project: one customer per schema, every table in each. */
export function generateProject(size: Size, database: string): GeneratedProject {
  const directory = mkdtempSync(join(tmpdir(), "cdc-bench-"));
  const write = (path: string, text: string) => {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  const tables = Array.from({ length: size.tables }, (_, index) => `Table${index + 1}`);
  write("source-groups.yaml", sourceGroups(size.schemas));
  write("services/clinic.yaml", service(tables, database));
  for (const table of tables) write(`services/_schemas/clinic/dbo/${table}.yaml`, tableSchema(table, size.columns));
  write("Pulumi.yaml", "name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.js\n");
  write("Pulumi.dev.yaml", "config:\n  cdc:service: clinic\n  cdc:environment: dev\n  cdc:allowDrop: true\n");
  write("index.js", 'module.exports = require("pulumi-cdc/program");\n');
  write("package.json", '{ "name": "bench", "private": true }\n');
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(resolve("."), join(directory, "node_modules", "pulumi-cdc"), "junction");
  const remove = (path: string) => () => {
    rmSync(path, { recursive: true, force: true });
  };
  return { directory, removeState: remove(join(directory, "state")), remove: remove(directory) };
}

function sourceGroups(customers: number): string {
  const sources = Array.from({ length: customers }, (_, index) => {
    const name = `customer${String(index + 1).padStart(2, "0")}`;
    return `    ${name}:\n      dev: { server: main, database: Clinic_${name}, customer_id: ${index + 1} }\n`;
  });
  return `clinic:\n  pattern: db-per-tenant\n  type: mssql\n  servers:\n    main: { host: localhost }\n  sources:\n${sources.join("")}`;
}

function service(tables: readonly string[], database: string): string {
  const captured = tables.map((table) => `      dbo.${table}: {}\n`).join("");
  const loaded = tables.map((table) => `        "{{SCHEMA}}.${table}": { from: dbo.${table} }\n`).join("");
  return `clinic:\n  source:\n    tables:\n${captured}  sinks:\n    main.clinic:\n      database: ${database}\n      tables:\n${loaded}`;
}

function tableSchema(table: string, columns: number): string {
  const others = Array.from({ length: columns - 1 }, (_, index) => {
    const type = TYPES[index % TYPES.length] ?? "int";
    return `  - { name: Column${index + 1}, type: "${type}", nullable: true }\n`;
  });
  return `database: Clinic\nschema: dbo\nservice: clinic\ntable: ${table}\nprimary_key: Id\ncolumns:\n  - { name: Id, type: int, nullable: false, primary_key: true }\n${others.join("")}`;
}
