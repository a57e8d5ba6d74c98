import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CdcConfigError, formatProblem } from "..";
import { findTaskFile, openTaskFile, providerConfigProblems, readTask, validateTasks } from ".";

let folder: string;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "cdc-tasks-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = "Server=db;Password=hunter2secret";

async function opened(name: string, text: string) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return openTaskFile(path);
}

async function problemsOf(name: string, text: string, task = "t"): Promise<string[]> {
  try {
    readTask(await opened(name, text), task, { SQL_CONNECTION: SECRET });
    return [];
  } catch (error) {
    if (!(error instanceof CdcConfigError)) throw error;
    return error.problems.map(formatProblem);
  }
}

const INPUT = "    input: { provider: counter }\n";
const OUTPUT = "    output: { provider: console }\n";
const BLOCKS = '  input {\n    provider = "counter"\n  }\n  output {\n    provider = "console"\n  }\n';
const config = (line: string) =>
  `task "t" {\n  input {\n    provider = "counter"\n    config {\n      ${line}\n    }\n  }\n  output {\n    provider = "console"\n  }\n}\n`;

describe("a broken tasks.yaml", () => {
  test.each<[string, string, string]>([
    ["no output", `tasks:\n  t:\n${INPUT}`, 'tasks.yaml:2:3 tasks.t: key "output" is missing'],
    ["no input", `tasks:\n  t:\n${OUTPUT}`, 'tasks.yaml:2:3 tasks.t: key "input" is missing'],
    ["nothing in a task", "tasks:\n  t:\n", "tasks.yaml:2:3 tasks.t: must be a mapping, is empty"],
    ["no mapping of tasks", "tasks: [a]\n", "tasks.yaml:1:1 tasks: must be a mapping, is a list"],
    ["no tasks", "taks:\n  t: {}\n", 'tasks.yaml:1:1 taks: key "tasks" is missing; is "taks" meant to be "tasks"?'],
    [
      "an unknown key",
      `tasks:\n  t:\n${INPUT}${OUTPUT}    relais: {}\n`,
      'tasks.yaml:5:5 tasks.t.relais: unknown key "relais"; did you mean "relay"?',
    ],
    [
      "another type",
      `tasks:\n  t:\n    type: provider\n${INPUT}${OUTPUT}`,
      'tasks.yaml:3:5 tasks.t.type: "provider" is not allowed; did you mean "providers"?',
    ],
    [
      "a misspelt provider",
      `tasks:\n  t:\n    input: { provider: countr }\n${OUTPUT}`,
      'tasks.yaml:3:14 tasks.t.input.provider: there is no provider countr; did you mean "counter"?',
    ],
    [
      "an output as input",
      `tasks:\n  t:\n    input: { provider: postgres }\n${OUTPUT}`,
      "tasks.yaml:3:14 tasks.t.input.provider: postgres is no input; inputs are sqlserver, counter; for your own: provider_path",
    ],
    [
      "no provider",
      `tasks:\n  t:\n    input: { config: {} }\n${OUTPUT}`,
      "tasks.yaml:3:5 tasks.t.input: names no input provider; write provider: (sqlserver, counter), provider_path: or provider_image:",
    ],
    [
      "two providers",
      `tasks:\n  t:\n    input: { provider: counter, provider_path: ./x }\n${OUTPUT}`,
      "tasks.yaml:3:33 tasks.t.input.provider_path: provider_path and provider exclude each other; keep one",
    ],
    [
      "a variable that isn't set",
      `tasks:\n  t:\n    input:\n      provider: counter\n      config: { a: "x\${UNSET}" }\n${OUTPUT}`,
      "tasks.yaml:5:17 tasks.t.input.config.a: environment variable UNSET is not set; set it",
    ],
    [
      "a number that isn't kept",
      `tasks:\n  t:\n    input: { provider: counter, config: { a: 12345678901234567890 } }\n${OUTPUT}`,
      "tasks.yaml:3:43 tasks.t.input.config.a: is a number that can't be kept exactly; put it in quotes",
    ],
    ["no YAML", "tasks: [\n", "tasks.yaml:2:1: not valid YAML: unexpected end of the stream within a flow collection"],
    [
      "a name that is none",
      `tasks:\n  "a b":\n${INPUT}${OUTPUT}`,
      'tasks.yaml:2:3 tasks."a b": "a b" cannot be a name',
    ],
  ])("with %s", async (title, text, expected) => {
    const [first = ""] = await problemsOf("tasks.yaml", text, title === "a name that is none" ? "a b" : "t");
    expect(first).toContain(expected);
  });
});

// Defect I: a missing block was a nil pointer, with a stack.
describe("a broken dstream.hcl", () => {
  test.each<[string, string, string]>([
    [
      "no output",
      'task "t" {\n  input {\n    provider = "counter"\n  }\n}\n',
      'dstream.hcl:1:1 tasks.t: key "output" is missing',
    ],
    ["no type and no config", `task "t" {\n}\n`, 'dstream.hcl:1:1 tasks.t: key "input" is missing'],
    [
      "two inputs",
      `task "t" {\n${BLOCKS}  input {\n  }\n}`,
      "dstream.hcl:2:3 tasks.t.input: must be a mapping, is a list",
    ],
    ["two tasks of a name", `task "t" {\n${BLOCKS}}\ntask "t" {\n}\n`, "dstream.hcl:9:1: there are two tasks t"],
    ["a task without a name", `task {\n${BLOCKS}}`, "dstream.hcl:1:1: a task has no name"],
    ["a task with two names", `task "t" "u" {\n${BLOCKS}}`, "dstream.hcl:1:1: a task has one name, not two"],
    ["a plug-in", `task "t" {\n  plugin_path = "x"\n}`, "dstream.hcl:2:3: plugin_path belongs to plug-ins"],
    ["an unknown block", `tasks "t" {\n${BLOCKS}}`, 'dstream.hcl:1:1: unknown block "tasks"; did you mean "task"?'],
    ["no HCL", 'task "t" {\n  a = \n}', "dstream.hcl:2:7: not valid HCL: Invalid expression; Expected the start of an"],
    ["a block that doesn't end", 'task "t" {\n', "dstream.hcl:1:10: not valid HCL: Unclosed configuration block"],
    ["semicolons", config("a = { b = 1; c = 2 }"), 'dstream.hcl:5:18: not valid HCL: Invalid character; The ";"'],
    [
      "an unset variable",
      config('a = "{{ env "UNSET" }}"'),
      "dstream.hcl:5:7 tasks.t.input.config.a: environment variable UNSET is not set",
    ],
    [
      "one in a list",
      config('a = [1,\n\n "{{ env \\"UNSET\\" }}"]'),
      "dstream.hcl:7:2 tasks.t.input.config.a[1]: environment variable UNSET",
    ],
    [
      "one in a mapping",
      config('a = {\n b = "x"\n c = env("UNSET")\n}'),
      "dstream.hcl:7:2 tasks.t.input.config.a.c: environment variable UNSET",
    ],
    [
      "another template",
      config('a = "{{ now }}"'),
      "dstream.hcl:5:7 tasks.t.input.config.a: {{ now }} is no template that is known",
    ],
    ["a template without quotes", config('a = {{ env "X" }}'), "dstream.hcl:5:11: a template stands outside of quotes"],
    ["an unknown local", config("a = local.on"), "tasks.t.input.config.a: there is no local.on; there are no locals"],
    ["another expression", config("a = 1 + 2"), "tasks.t.input.config.a: the expression 1 + 2 can't be computed here"],
    ["the language's own ${env.X}", config('a = "${env.X}"'), "the expression env.X can't be computed here"],
    ["a directive", config('a = "%{ if true }x%{ endif }"'), "can't be computed here"],
    ["a number that isn't kept", config("a = 1e400"), "dstream.hcl:5:11: the number 1e400 can't be kept exactly"],
    ["a long number", config("a = 12345678901234567890"), "the number 12345678901234567890 can't be kept exactly"],
    ["nothing", "", "dstream.hcl"],
  ])("with %s", async (title, text, expected) => {
    const [first = ""] = await problemsOf("dstream.hcl", text).catch((error: unknown) => [String(error)]);
    expect(first).toContain(expected);
    expect(first).not.toContain("hunter2secret");
    expect(title).toBeTruthy();
  });

  test("with locals that lead back, or are misspelt", async () => {
    const locals = "locals {\n  one = local.two\n  two = local.one\n}\n";
    const [circle] = await problemsOf("dstream.hcl", `${locals}${config("a = local.one")}`);
    expect(circle).toContain("local.one leads back to itself");
    const [near] = await problemsOf("dstream.hcl", `${locals}${config("a = local.on")}`);
    expect(near).toContain('there is no local.on; did you mean "one"?');
  });
});

describe("files of tasks", () => {
  test("are found at or above the folder, unless there are two", () => {
    const inner = mkdtempSync(join(folder, "inner-"));
    expect(() => findTaskFile(inner, undefined)).not.toThrow(/above/);
    const own = join(inner, "tasks.yaml");
    writeFileSync(own, "");
    expect(findTaskFile(inner)).toBe(own);
    writeFileSync(join(inner, "dstream.hcl"), "");
    expect(() => findTaskFile(inner)).toThrow("there are two files of tasks");
    expect(findTaskFile(inner, "x/other.hcl")).toBe(join(inner, "x/other.hcl"));
  });

  test("that aren't there, and tasks that aren't in them, are told with what there is", async () => {
    await expect(openTaskFile(join(folder, "none.yaml"))).rejects.toMatchObject({ code: "CDC_TASK_FILE" });
    const file = await opened("tasks.yaml", `tasks:\n  mssql-to-asb:\n${INPUT}${OUTPUT}`);
    expect(() => readTask(file, "mssql-to-asd", {})).toThrow(
      expect.objectContaining({ code: "CDC_TASK_UNKNOWN", hint: "Did you mean mssql-to-asb?" }),
    );
  });
});

describe("a provider's own schema", () => {
  const text = `tasks:\n  t:\n    input:\n      provider: counter\n      config: { tables: Orders, password: hunter2secret, mode: hunter2secret }\n${OUTPUT}`;
  const origin = "./provider.json";

  test("is asked, with places and without secrets", async () => {
    const file = await opened("tasks.yaml", text);
    const task = readTask(file, "t", {});
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      properties: { tables: { type: "array" }, mode: { enum: ["a"] } },
      anyOf: [{ required: ["connection_string"] }, { required: ["namespace"] }],
    };
    expect(providerConfigProblems(file, task, "input", { origin, schema }).map(formatProblem)).toEqual([
      "tasks.yaml:5:17 tasks.t.input.config.tables: must be a list, is text",
      'tasks.yaml:5:58 tasks.t.input.config.mode: "[secret]" is not allowed; allowed are a',
      'tasks.yaml:5:7 tasks.t.input.config: one of the keys "connection_string", "namespace" is missing',
    ]);
  });

  test("that is none is told as such", async () => {
    const file = await opened("tasks.yaml", text);
    const task = readTask(file, "t", {});
    expect(() => providerConfigProblems(file, task, "input", { origin, schema: { type: "lst" } })).toThrow(
      expect.objectContaining({ code: "CDC_PROVIDER_SCHEMA" }),
    );
  });

  test("counts when everything is validated; variables that aren't set are warnings then", async () => {
    const unset = `${text}  u:\n    input: { provider: counter, config: { tables: "\${UNSET}" } }\n${OUTPUT}  v:\n${INPUT}`;
    const schema = { properties: { tables: { type: "array" } } };
    const found = await validateTasks(await opened("tasks.yaml", unset), {}, ({ role }) =>
      Promise.resolve(role === "input" ? { origin, schema } : undefined),
    );
    expect(found.tasks).toEqual(["t", "u", "v"]);
    expect(found.problems.map(formatProblem)).toEqual([
      "tasks.yaml:5:17 tasks.t.input.config.tables: must be a list, is text",
      'tasks.yaml:10:3 tasks.v: key "output" is missing',
    ]);
    expect(found.warnings.map(formatProblem)).toEqual([
      "tasks.yaml:8:43 tasks.u.input.config.tables: environment variable UNSET is not set; set it",
    ]);
  });
});
