import { lintDocument } from "./lint-document";

function faults(text: string, path = "a.yaml"): string[] {
  return lintDocument({ path, text }).map((problem) => problem.text);
}

describe("a document", () => {
  test("that cannot be parsed is told with the reason", () => {
    expect(faults("a: [1")[0]).toMatch(/^cannot be parsed: /);
    expect(faults("{", "a.json")[0]).toMatch(/^cannot be parsed: /);
  });

  test.each(["", "# nothing but this\n", "{}", "text"])("that holds nothing is told: %j", (text) => {
    expect(faults(text)).toEqual(["holds no settings"]);
  });

  test.each([
    ["dsn: postgres://u:secret@h/d", "a password stands there in clear"],
    ["connection_string: 'server=x;password=abc;'", "a password stands there in clear"],
    ["database.password: abc", "a secret stands there in clear"],
    ["a: { sasl.jaas.config: 'x password=\"y\";' }", "a secret stands there in clear"],
    ["topics: [ok.a-b_c, 'not ok']", "topic not ok has characters that Kafka does not take"],
    [`topic: ${"x".repeat(250)}`, "is longer than 249 characters"],
    ["mapping: root = this.foo(", "( is not closed"],
  ])("%s", (text, fault) => {
    expect(faults(text)).toEqual([expect.stringContaining(fault)]);
  });

  test.each([
    "dsn: postgres://${USER}:${PASSWORD}@h/d",
    "database.password: ${env:PASSWORD}",
    'topic: ${! metadata("topic") }',
    "topics: a.b,c.d",
    "url: http://127.0.0.1:8080",
  ])("%s is fine", (text) => {
    expect(faults(text)).toEqual([]);
  });
});
