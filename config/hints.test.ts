import { CLINIC, removeProjects, writeProject } from "../test/fixtures/project";
import { formatProblem, loadPipelineModel, validateConfig } from ".";

const SERVICE = "services/clinic.yaml";
const PLACE = 'clinic.sinks."main.clinic".tables."{{SCHEMA}}.Actor".manual_migration_hints';

afterAll(removeProjects);

describe("manual_migration_hints", () => {
  test("come to the table of every customer, by the names that the sink has", () => {
    const [table] = loadPipelineModel(
      project(
        "renames: [{ from: Name, to: Navn }]",
        "not_renamed: [{ from: Sum, to: Amount }]",
        "type_changes: [{ column: Amount, using: '\"Amount\"::text::numeric' }]",
        'set_not_null: [{ column: actno, pre_sql: \'UPDATE "{{SCHEMA}}"."Actor" SET actno = 0\' }, { column: _customer_id }]',
      ),
      { env: {} },
    ).sinks.flatMap(({ tables }) => tables);
    expect(table?.hints).toEqual({
      renames: [{ from: "Name", to: "Navn" }],
      notRenamed: [{ from: "Sum", to: "Amount" }],
      using: { Amount: '"Amount"::text::numeric' },
      preSql: { actno: 'UPDATE "{{SCHEMA}}"."Actor" SET actno = 0' },
    });
  });

  test.each(["", "renames: []", "renames:", "renames: []\n            type_changes: []"])(
    "that say nothing (%j) leave nothing behind",
    (text) => {
      const { sinks } = loadPipelineModel(project(text), { env: {} });
      expect(sinks.flatMap(({ tables }) => tables).map((table) => "hints" in table)).toEqual([false]);
    },
  );

  test.each<[string, string, string]>([
    ["renames: [{ from: A, to: Nvan }]", "renames[0].to", '{{SCHEMA}}.Actor has no column Nvan; did you mean "Navn"?'],
    [
      "renames: [{ from: A, to: Secret }]",
      "renames[0].to",
      "{{SCHEMA}}.Actor has no column Secret; its columns are actno, Navn, Amount, _customer_id",
    ],
    ["renames: [{ from: A, to: __source }]", "renames[0].to", "{{SCHEMA}}.Actor has no column __source"],
    [
      "renames: [{ from: Amount, to: Navn }]",
      "renames[0].from",
      "column Amount of {{SCHEMA}}.Actor is renamed to Navn, but is still wanted",
    ],
    ["renames: [{ from: Navn, to: Navn }]", "renames[0]", "Navn is renamed to itself"],
    [
      "renames: [{ from: A, to: Navn }, { from: B, to: Navn }]",
      "renames[1].to",
      "two renames of {{SCHEMA}}.Actor lead to Navn",
    ],
    [
      "renames: [{ from: A, to: Navn }, { from: A, to: Amount }]",
      "renames[1].from",
      "column A of {{SCHEMA}}.Actor is renamed twice",
    ],
    ["renames: [{ from: B, to: Navn }, { from: A, to: B }]", "renames[1].to", "{{SCHEMA}}.Actor has no column B"],
    ["renames: [{ from: A, to: B }, { from: B, to: A }]", "renames[1].to", "{{SCHEMA}}.Actor has no column A"],
    [
      "renames: [{ from: A, to: Navn }]\n            not_renamed: [{ from: A, to: Navn }]",
      "not_renamed[0]",
      "A to Navn is both in renames and in not_renamed",
    ],
    ["not_renamed: [{ from: A, to: Nvan }]", "not_renamed[0].to", "{{SCHEMA}}.Actor has no column Nvan"],
    [
      "type_changes: [{ column: Amont, using: '1' }]",
      "type_changes[0].column",
      '{{SCHEMA}}.Actor has no column Amont; did you mean "Amount"?',
    ],
    [
      "type_changes: [{ column: Amount, using: ' ' }]",
      "type_changes[0].using",
      "using of {{SCHEMA}}.Actor.Amount is empty",
    ],
    [
      "type_changes: [{ column: Amount, using: '1; DROP TABLE x' }]",
      "type_changes[0].using",
      "using of {{SCHEMA}}.Actor.Amount contains a semicolon",
    ],
    [
      "type_changes: [{ column: Amount, using: '1' }, { column: Amount, using: '2' }]",
      "type_changes[1].column",
      "column Amount of {{SCHEMA}}.Actor is there twice",
    ],
    [
      "set_not_null: [{ column: Amount, pre_sql: '' }]",
      "set_not_null[0].pre_sql",
      "pre_sql of {{SCHEMA}}.Actor.Amount is empty",
    ],
    [
      "set_not_null: [{ column: actno, pre_sql: UPDATE x SET a = 1; DELETE FROM y }]",
      "set_not_null[0].pre_sql",
      "pre_sql of {{SCHEMA}}.Actor.actno contains a semicolon",
    ],
    [
      "set_not_null: [{ column: actno, pre_sql: COMMIT }]",
      "set_not_null[0].pre_sql",
      "pre_sql of {{SCHEMA}}.Actor.actno is not an UPDATE",
    ],
    [
      "set_not_null: [{ column: actno, pre_sql: \"UPDATE x SET a = E'\\\\''; y\" }]",
      "set_not_null[0].pre_sql",
      "has a quote after a backslash",
    ],
    [
      'set_not_null: [{ column: actno, pre_sql: "UPDATE x SET \\"a\'b\\" = 1 ; SELECT \\"c\'d\\"" }]',
      "set_not_null[0].pre_sql",
      "contains a semicolon",
    ],
    [
      "set_not_null: [{ column: actno, pre_sql: UPDATE x SET a = 1 -- all }]",
      "set_not_null[0].pre_sql",
      "contains a comment",
    ],
    ["set_not_null: [{ column: actno, pre_sql: SELECT $a$ x $a$ }]", "set_not_null[0].pre_sql", "dollar quote"],
  ])("%s is a problem at its line", (text, path, expected) => {
    const problems = validateConfig(project(text), { env: {} }).problems.map(formatProblem);
    expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(expected) as string]) as string[]);
    const line = text.split("\n").findIndex((part) => part.includes(path.split("[")[0] ?? ""));
    expect(problems.find((problem) => problem.includes(expected))).toContain(`${SERVICE}:${String(14 + line)}:`);
    expect(problems.join("\n")).toContain(`${PLACE}.${path}: `);
  });

  test("of a table that is never altered, or of a column that stays nullable, are told to have no effect", () => {
    const texts = (files: string) =>
      validateConfig(files, { env: {} }).notes.map(({ object, text }) => `${object}: ${text}`);
    expect(texts(project("set_not_null: [{ column: Navn }]"))).toEqual([
      "{{SCHEMA}}.Actor.Navn: set_not_null has no effect: the column is nullable in its schema YAML",
    ]);
    expect(texts(project("renames: [{ from: A, to: Navn }]", "", "target_exists"))[0]).toContain(
      "manual_migration_hints have no effect",
    );
  });
});

/** A project whose table has these lines of hints. */
function project(...lines: string[]): string {
  const exists = lines.at(-1) === "target_exists";
  const text = lines.filter((line) => line !== "target_exists").join("\n            ");
  const template = "          column_templates: [customer_id]\n";
  const service = String(CLINIC[SERVICE]).replace(
    template,
    `${template}          manual_migration_hints:\n            ${text}\n${exists ? "          target_exists: true\n" : ""}`,
  );
  return writeProject({ [SERVICE]: service });
}
