import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";

const ROOT = join(__dirname, "../..");
const SCHEMAS = join(ROOT, "examples/db-per-tenant/services/_schemas/clinic/dbo");
const SQL = readFileSync(join(ROOT, "docker/sqlserver/clinic.sql"), "utf8");

interface Written {
  readonly table: string;
  readonly columns: readonly { name: string; type?: string; nullable?: boolean; computed?: boolean }[];
}

/** Column definitions of a CREATE TABLE, one a line. */
function columnsOf(table: string): string[] {
  const body = new RegExp(`CREATE TABLE dbo\\.${table} \\(\\n([\\s\\S]*?)\\n {2}\\);`).exec(SQL)?.[1] ?? "";
  const lines = body.split("\n").map((line) => line.trim().replace(/,$/, ""));
  return lines.filter((line) => !line.startsWith("PRIMARY KEY"));
}

/** What a line must begin with; types without a length hold one character in a table, so they have one there. */
function wanted({ name, type = "", nullable = true, computed = false }: Written["columns"][number]): RegExp {
  if (computed) return new RegExp(`^${name} AS `);
  const escaped = type.replace(/[()]/g, "\\$&");
  const length = /^n?varchar$/.test(type) ? "\\(\\d+\\)" : "";
  return new RegExp(`^${name} ${escaped}${length} ${nullable ? "NULL" : "NOT NULL"}( PRIMARY KEY| DEFAULT .*)?$`);
}

describe("docker/sqlserver/clinic.sql", () => {
  const tables = readdirSync(SCHEMAS).map((file) => load(readFileSync(join(SCHEMAS, file), "utf8")) as Written);

  test.each(tables.map((table) => [table.table, table] as const))(
    "makes %s as its schema YAML has it",
    (name, table) => {
      const lines = columnsOf(name);
      expect(lines).toHaveLength(table.columns.length);
      table.columns.forEach((column, index) => {
        expect(lines[index]).toMatch(wanted(column));
      });
    },
  );

  test.each(tables.map(({ table }) => [table]))("enables change data capture of %s", (name) => {
    expect(SQL).toContain(`capture_instance = N'dbo_${name}'`);
    expect(SQL).toContain(`@source_name = N'${name}'`);
  });
});
