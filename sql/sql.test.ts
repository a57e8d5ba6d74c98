import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import Mustache from "mustache";
import { createTestDatabase, type TestDatabase } from "../test/harness/database";
import { formatType } from "./format-type";
import { dollarQuoted, ident, literal, userSql } from "./sql";
import { renderTemplate, templateRoot } from "./template";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const anyText = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0") && text.isWellFormed());

describe("quoting", () => {
  test.each(["on", "off"])("any text comes back as it went, with standard_conforming_strings %s", async (setting) => {
    await database.query(`SET standard_conforming_strings = ${setting}`);
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (one, other) => {
        const { rows } = await database.query(`SELECT ${literal(one)} AS one, ${dollarQuoted(other)} AS other`);
        expect(rows).toEqual([{ one, other }]);
      }),
      { numRuns: 200 },
    );
    await database.query("RESET standard_conforming_strings");
  });

  test("any identifier that PostgreSQL can hold comes back as it went", () =>
    fc.assert(
      fc.asyncProperty(
        anyText.filter((name) => name !== "" && Buffer.byteLength(name) <= 63),
        async (name) => {
          const { fields } = await database.query(`SELECT 1 AS ${ident(name)}`);
          expect(fields.map((field) => field.name)).toEqual([name]);
        },
      ),
      { numRuns: 200 },
    ));

  test.each(["", "a\0b", "x".repeat(64), "ø".repeat(32)])("%j is no identifier", (name) => {
    expect(() => ident(name)).toThrow(RangeError);
  });

  test("a text with a NUL is refused, and NULL is NULL", () => {
    expect(() => literal("a\0")).toThrow(RangeError);
    expect(literal(null)).toBe("NULL");
  });

  test.each([
    "varchar(50)",
    "char(3)",
    "numeric(8,2)",
    "timestamp(6)",
    "timestamptz(3)",
    "time(6)",
    "text",
    "bytea",
    "uuid",
    "bigint",
    "integer",
    "smallint",
    "boolean",
    "double precision",
    "real",
    "date",
    "xml",
    "jsonb",
    "text[]",
    "varchar(5)[]",
    "timestamp",
  ])("the server spells %s as we say", async (type) => {
    const sql = `CREATE TEMP TABLE spelled (c ${type}); SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
        WHERE attrelid = 'spelled'::regclass AND attnum = 1; DROP TABLE spelled`;
    const results = (await database.query(sql)) as unknown as { rows: unknown[] }[];
    expect(results[1]?.rows).toEqual([{ type: formatType(type) }]);
  });
});

describe("templates", () => {
  const paths = readdirSync(join(templateRoot(), "postgres"), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".sql"),
  );

  test.each(paths)(
    "%s says what it is, what it needs and why it may be repeated, and quotes nothing by itself",
    (path) => {
      const text = readFileSync(join(templateRoot(), "postgres", path), "utf8");
      const header = /^(?:--.*\n)+/.exec(text)?.[0] ?? "";
      expect(header).toMatch(/^-- [A-Z]/);
      expect(header).toMatch(/^-- view: /m);
      if (!/merge\/(?:body|fast|slow)\.sql$/.test(path)) expect(header).toMatch(/^-- Safe to repeat/m);
      expect(unescaped(Mustache.parse(text))).toEqual([]);
    },
  );

  test("a name that the view lacks is an error, not empty text", () => {
    expect(() => renderTemplate("postgres/staging/drop.sql", {})).toThrow("{{staging}}");
    expect(() => renderTemplate("postgres/schema.sql", { schema: ident("s") })).toThrow("{{grant}}");
  });

  test("values are not escaped as HTML", () => {
    const view = { staging: userSql(`"a'b"<&>`) };
    expect(renderTemplate("postgres/staging/drop.sql", view)).toBe(`DROP TABLE IF EXISTS "a'b"<&>`);
  });
});

type Token = [string, string, number, number, Token[]?];

function unescaped(tokens: unknown): string[] {
  return (tokens as Token[]).flatMap(([kind, name, , , inner]) => [
    ...(kind === "&" ? [name] : []),
    ...(Array.isArray(inner) ? unescaped(inner) : []),
  ]);
}
