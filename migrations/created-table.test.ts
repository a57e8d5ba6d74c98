import { createdTable } from "./created-table";
import { registrationIn } from "./registration";
import { schemaStatements } from "./schema-blocks";
import { substitute } from "./substitute";

describe("reading our own statements back", () => {
  test("takes defaults with commas, parentheses and quotes for one column", () => {
    const text = `CREATE UNLOGGED TABLE IF NOT EXISTS "{{SCHEMA}}"."stg_A""b" (\n  "x, ""y""" text DEFAULT 'it''s, (so'::text,\n  "n" numeric(8,2) DEFAULT coalesce(1, (2))\n);\n`;
    expect(createdTable("a.sql", text)).toEqual({
      unlogged: true,
      schema: "{{SCHEMA}}",
      table: 'stg_A"b',
      columns: [
        { name: 'x, "y"', definition: "text DEFAULT 'it''s, (so'::text" },
        { name: "n", definition: "numeric(8,2) DEFAULT coalesce(1, (2))" },
      ],
    });
  });

  test.each([
    ["", "it has no CREATE TABLE"],
    ["CREATE TABLE IF NOT EXISTS a.b (\n", "a name is expected at"],
    ['CREATE TABLE IF NOT EXISTS "a"."b" (\n  "c" text', "its list of columns has no end"],
    ['CREATE TABLE IF NOT EXISTS "a"."b" AS SELECT', "( is expected at"],
  ])("refuses %j by the file's name", (text, fault) => {
    expect(() => createdTable("01-tables/a/b.sql", text)).toThrow(`01-tables/a/b.sql can't be read back: ${fault}`);
  });

  test.each([
    ["INSERT INTO cdc_management.merge_control AS c (x)\nVALUES (1, 2)", /a string constant is expected at: 1, 2/],
    ["INSERT INTO cdc_management.merge_control AS c (x)\nVALUES ('a', 'b', 'c', 'd', '{')", /its shape is no JSON/],
  ])("refuses the registration %j", (text, fault) => {
    expect(() => registrationIn(text)).toThrow(
      expect.objectContaining({
        code: "CDC_MIGRATION_UNREADABLE",
        message: expect.stringMatching(fault) as string,
      }) as Error,
    );
  });

  test("names the placeholder whose value the manifest lacks, and the schema that no file makes", () => {
    const shape = JSON.stringify({ columns: [{ constant: "{{VALUE:_id}}" }] });
    const text = `INSERT INTO cdc_management.merge_control AS c (x)\nVALUES ('{{SCHEMA}}', 'b', 'c', 'd', '${shape}')`;
    expect(() => substitute(text, { schema: "fjord", values: {} })).toThrow(
      "the manifest has no VALUE:_id for schema fjord",
    );
    expect(substitute(text, { schema: "fjord", values: { "VALUE:_id": null } })).toContain(
      `'{"columns":[{"constant":null}]}'`,
    );
    expect(() => schemaStatements("", { schema: "fjord" })).toThrow("01-create-schemas.sql doesn't make schema fjord");
  });
});
