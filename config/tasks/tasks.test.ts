import { join } from "node:path";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { openTaskFile, readTask, type Task } from ".";

let folder: string;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "cdc-tasks-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const ENV = {
  SQL_CONNECTION: 'Server=db;User Id=sa;Password="it\'s; a \\"pass\nword";',
  ASB_CONNECTION: "Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=abcdef==",
  WORD: "word",
};

async function read(name: string, text: string, task = "t", env: Record<string, string> = ENV): Promise<Task> {
  const path = join(folder, name);
  writeFileSync(path, text);
  return readTask(await openTaskFile(path), task, env);
}

const yaml = (config: string, more = "") =>
  `tasks:\n  t:\n    input:\n      provider: sqlserver\n      config:\n${config.replace(/^/gm, "        ")}\n    output: { provider: console }\n${more}`;
const hcl = (config: string, more = "") =>
  `task "t" {\n  type = "providers"\n  input {\n    provider = "sqlserver"\n    config {\n${config}\n    }\n  }\n  output {\n    provider = "console"\n  }\n}\n${more}`;

async function configs(yamlText: string, hclText: string, more = ""): Promise<[unknown, unknown]> {
  const one = await read("tasks.yaml", yaml(yamlText));
  const other = await read("dstream.hcl", hcl(hclText, more));
  return [one.input.config, other.input.config];
}

describe("both languages", () => {
  test("give equal tasks", async () => {
    const one = await read(
      "tasks.yaml",
      `tasks:
  t:
    type: providers
    input:
      provider: sqlserver
      config: { connection_string: "\${SQL_CONNECTION}", tables: [Persons, Orders, Customers] }
    output:
      provider_image: ghcr.io/a/x:v1
    relay: { check: none, handshake_timeout_s: 0.5, restart: { max: 3 } }
    lease: { type: blob, container: locks }
`,
    );
    const other = await read(
      "dstream.hcl",
      `
# the earlier tool's file
dstream { plugin_registry = "x" }
task "t" {
  type = "providers"
  input {
    provider = "cdc-sqlserver-input" // by its executable
    config {
      connection_string = "{{ env "SQL_CONNECTION" }}"
      tables = ["Persons", "Orders", "Customers"]
    }
  }
  output { 
    provider_ref = "ghcr.io/a/x:v1" /* the same
    as provider_image */
  }
  relay {
    check = "none"
    handshake_timeout_s = 0.5
    restart { 
      max = 3 
    }
  }
  lease {
    type = "blob"
    container = "locks"
  }
}
`,
    );
    const { file: yamlFile, ...wanted } = one;
    const { file: hclFile, ...found } = other;
    expect(found).toEqual(wanted);
    expect([yamlFile, hclFile]).toEqual([join(folder, "tasks.yaml"), join(folder, "dstream.hcl")]);
    expect(wanted.input.source).toEqual({ kind: "builtin", name: "sqlserver" });
    expect(wanted.lease).toEqual({ type: "blob", settings: { container: "locks" } });
  });

  // Defect L: numbers such as 0.1 reached the provider as texts.
  test.each<[string, string, string]>([
    ["numbers", "a: 0.1\nb: 1.5\nc: -3\nd: 9007199254740991", "a = 0.1\nb = 1.5\nc = -3\nd = 9007199254740991"],
    ["other scalars", "a: true\nb: null\nc: 'é \"q\" $ %'", 'a = true\nb = null\nc = "\\u00e9 \\"q\\" $ %"'],
    ["lists and mappings", "a: [1, x, { y: 2 }]\nb: { c-d: [] }", 'a = [1, "x", { y = 2 }]\nb = { "c-d" = [] }'],
    ["a block", "lock: { type: none }", 'lock {\n type = "none"\n}'],
    ["blocks of one name", "lock: [{ a: 1 }, { a: 2 }]", "lock {\n a = 1\n}\nlock {\n a = 2\n}"],
    ["a list of one mapping", "lock: [{ a: 1 }]", "lock = [{ a = 1 }]"],
    ["a text of several lines", 'a: "x \\"y\\"\\n"', 'a = <<EOT\nx "y"\nEOT\n'],
    ["escaped signs", "a: 'x%{y}'", 'a = "x%%{y}"'],
  ])("hold %s alike", async (_title, yamlText, hclText) => {
    const [one, other] = await configs(yamlText, hclText);
    expect(other).toEqual(one);
  });
});

describe("variables in HCL", () => {
  test.each<[string, string]>([
    ["the escaped form", 'a = "{{ env \\"SQL_CONNECTION\\" }}"'],
    ["the plain form", 'a = "{{ env "SQL_CONNECTION" }}"'],
    ["backquotes", 'a = "{{env `SQL_CONNECTION`}}"'],
    ["trim marks", 'a = "{{- env "SQL_CONNECTION" -}}"'],
    ["a function", 'a = env("SQL_CONNECTION")'],
    ["a function within a text", 'a = "${env("SQL_CONNECTION")}"'],
    ["a heredoc", "a = trimmed\n".replace("trimmed", '"${local.c}"')],
  ])("by %s, whatever the value holds", async (_title, line) => {
    const { input } = await read("dstream.hcl", hcl(line, 'locals {\n  c = "{{ env "SQL_CONNECTION" }}"\n}'));
    expect(input.config).toEqual({ a: ENV.SQL_CONNECTION });
    expect(input.secrets).toContain(ENV.SQL_CONNECTION);
  });

  test("are parts of texts, with a default where they aren't set", async () => {
    const line =
      'a = "<{{ env "WORD" }}-{{ env "UNSET" | default "a\\"b" }}>"\nb = ["{{", "}}"]\nc = "{\\"a\\":{\\"b\\":1}}"';
    const { input } = await read("dstream.hcl", hcl(line));
    expect(input.config).toEqual({ a: '<word-a"b>', b: ["{{", "}}"], c: '{"a":{"b":1}}' });
  });

  test("in a heredoc need no escape", async () => {
    const { input } = await read("dstream.hcl", hcl('a = <<-EOT\n  x {{ env "WORD" }}\n  EOT\n'));
    expect(input.config).toEqual({ a: "x word\n" });
  });

  test("locals stand for values of any kind, and for others", async () => {
    const locals = 'locals {\n  n = 5\n  t = { list = ["x", local.n] }\n}\nlocals {\n  w = env("WORD")\n}';
    const { input } = await read(
      "dstream.hcl",
      hcl('a = local.n\nb = "${local.n}-${local.w}"\nc = local.t.list[1]', locals),
    );
    expect(input.config).toEqual({ a: 5, b: "5-word", c: 5 });
  });
});

test("a provider's path is meant from the file; a bare name is left to PATH", async () => {
  const text = "tasks: { t: { input: { provider_path: ./bin/in }, output: { provider_path: out } } }";
  const { input, output } = await read("tasks.yaml", text);
  expect(input.source).toEqual({ kind: "path", path: join(folder, "bin/in") });
  expect(output.source).toEqual({ kind: "path", path: "out" });
});

test("a task without relay and lease has the usual ones", async () => {
  const { relay, lease } = await read("tasks.yaml", yaml("a: 1"));
  expect(relay).toEqual({ check: "parsed", handshakeTimeoutS: 30, restart: { max: 10 } });
  expect(lease).toEqual({ type: "file", settings: {} });
});

test("only the task that is used needs its variables", async () => {
  const other = 'task "other" {\n  input {\n    provider = "{{ env "UNSET" }}"\n    x = local.none\n  }\n}';
  await expect(read("dstream.hcl", hcl("a = 1", other))).resolves.toMatchObject({ name: "t" });
  await expect(read("dstream.hcl", hcl("a = 1", other), "other")).rejects.toMatchObject({ code: "CDC_CONFIG_INVALID" });
});
