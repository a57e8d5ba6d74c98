import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCdc } from "../../test/harness/captured-io";
import { completingShell, installed, type CompletingShell } from "../../test/harness/shells";

const EXAMPLES = join(__dirname, "../../examples");
const CLINIC = join(EXAMPLES, "db-per-tenant");

async function script(shell: string): Promise<string> {
  return (await runCdc(["completion", shell])).stdout;
}

/** What each shell makes of half a word that only one answer fits. */
const ONE_ANSWER: readonly (readonly [string, string])[] = [
  ["cdc pre", "preview"],
  ["cdc up --ref", "--refresh"],
  ["cdc -s dev up --ref", "--refresh"],
  ["cdc stack ex", "export"],
  ["cdc up --engine b", "built-in"],
  ["cdc --engine b", "built-in"],
  ["cdc completion z", "zsh"],
  ["cdc up -s p", "prod"],
  ["cdc validate --service c", "clinic"],
  ["cdc validate --environment p", "prod"],
  ["cdc load --table fjord.Pat", "fjord.Patient"],
  ["cdc -C ../db-shared merge --table booking.R", "booking.Room"],
  ["cdc migrations generate --table Pat", "Patient"],
  ["cdc migrations apply --env p", "prod"],
  ["cdc manage-migrations status --sink m", "main.clinic"],
  ["cdc manage-migrations schema-docs --service c", "clinic"],
  ["cdc manage-services show c", "clinic"],
  ["cdc manage-services tables remove clinic dbo.Pat", "dbo.Patient"],
  ["cdc manage-source-groups customers remove fj", "fjord"],
  ["cdc manage-source-groups customers list --group c", "clinics"],
];

describe("completion in bash", () => {
  let bash: CompletingShell;

  beforeAll(async () => {
    bash = completingShell("bash", await script("bash"));
  });

  afterAll(() => {
    bash.remove();
  });

  test.each(ONE_ANSWER)("completes %s", (line, answer) => {
    expect(bash.offers([line], CLINIC)).toEqual([[answer]]);
  });

  test("offers everything there is where nothing is typed yet", () => {
    const offers = (line: string) => bash.offers([line], CLINIC)[0];
    expect(offers("cdc up -s ")).toEqual(["dev", "prod"]);
    expect(offers("cdc stack ")).toEqual(expect.arrayContaining(["ls", "export", "import", "cancel", "--json"]));
    expect(offers("cdc ")).toEqual(expect.arrayContaining(["preview", "validate", "--version"]));
    expect(offers("cdc ")).not.toContain("complete");
    expect(offers("cdc validate --service = ")).toEqual(["clinic"]);
    expect(offers("cdc manage-services sink-tables remove clinic ")).toContain("\\{\\{SCHEMA\\}\\}.Patient");
  });

  test("quotes names that a shell would take apart, and keeps a quote that is open", () => {
    const folder = mkdtempSync(join(tmpdir(), "cdc-completion-"));
    write(
      folder,
      "services/shop.yaml",
      `shop: { source: { tables: { "dbo.Order Lines": , "dbo.$(touch x)": } }, sinks: {} }`,
    );
    const offers = (word: string) => bash.offers([`cdc load --table ${word}`], folder)[0];
    expect(offers("dbo.O")).toEqual(["dbo.Order\\ Lines"]);
    expect(offers("'dbo.O")).toEqual(["dbo.Order Lines"]);
    expect(offers("dbo.Order\\ L")).toEqual(["dbo.Order\\ Lines"]);
    expect(offers("dbo.$")).toEqual(["dbo.\\$\\(touch\\ x\\)"]);
    rmSync(folder, { recursive: true });
  });
});

describe.each(["fish", "zsh"] as const)("completion in %s", (shell) => {
  test("asks cdc for what a project has, and describes every command", async () => {
    const text = await script(shell);
    for (const kind of ["services", "tables", "environments", "stacks"]) expect(text).toContain(`_cdc_project ${kind}`);
    for (const command of ["preview", "validate", "stack", "export", "dead-letters"]) expect(text).toContain(command);
    expect(text).toContain("check the YAML, all problems at once");
    expect(text).not.toContain("complete-");
    expect(text.split("'").length % 2).toBe(1);
  });

  test("completes as bash does, where the shell is installed", async () => {
    const found = installed(shell);
    process.stdout.write(`${shell}: ${found ? "run" : "not installed, its script was checked as text only"}\n`);
    if (!found) return;
    const running = completingShell(shell, await script(shell));
    const lines = ONE_ANSWER.map(([line]) => line);
    const answers = running.offers(lines, CLINIC);
    running.remove();
    expect(answers.map((answer, index) => [lines[index], ...answer])).toEqual(ONE_ANSWER);
  });
});

describe("cdc complete", () => {
  const ask = async (cwd: string, ...argv: string[]) => {
    const { code, stdout, stderr } = await runCdc(["complete", ...argv], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.split("\n").filter((line) => line !== "");
  };

  test("knows what a configuration has names for", async () => {
    expect(await ask(CLINIC, "services")).toEqual(["clinic"]);
    expect(await ask(CLINIC, "sinks")).toEqual(["main.clinic"]);
    expect(await ask(CLINIC, "environments")).toEqual(["dev", "prod"]);
    expect(await ask(CLINIC, "customers")).toEqual(["elv", "fjord", "skog"]);
    expect(await ask(CLINIC, "source-groups")).toEqual(["clinics"]);
    expect(await ask(CLINIC, "column-templates")).toEqual(["customer_id"]);
    expect(await ask(CLINIC, "source-tables")).toContain("dbo.VisitLine");
    expect(await ask(join(EXAMPLES, "db-shared"), "tables")).toEqual(
      expect.arrayContaining(["dbo.Person", "directory.person", "scheduling.Room"]),
    );
  });

  test("heeds the folder, the stack and the service that are typed already", async () => {
    expect(await ask("/", "services", "--", "-C", CLINIC, "validate", "--service", "")).toEqual(["clinic"]);
    const words = ["load", "--service=scheduling", "--table", ""];
    expect(await ask(join(EXAMPLES, "db-shared"), "source-tables", "--", ...words)).toEqual([
      "booking.Booking",
      "booking.Room",
    ]);
  });

  test("knows the service of cdc manage-services", async () => {
    const words = ["manage-services", "tables", "remove", "scheduling", ""];
    const tables = await ask(join(EXAMPLES, "db-shared"), "source-tables", "--", ...words);
    expect(tables).toEqual(["booking.Booking", "booking.Room"]);
  });

  test("finds the YAML where the stack says it is, from any folder below the project", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cdc-completion-"));
    write(folder, "Pulumi.yaml", "name: shop\nruntime: nodejs\n");
    write(folder, "Pulumi.dev.yaml", "config:\n  cdc:directory: yaml\n");
    write(folder, "yaml/services/shop.yaml", "shop: { source: { tables: {} }, sinks: {} }\n");
    expect(await ask(join(folder, "yaml/services"), "services")).toEqual(["shop"]);
    rmSync(folder, { recursive: true });
  });

  test("knows the tasks of a file, in either language, without its variables", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cdc-completion-"));
    write(folder, "dstream.hcl", 'task "mssql-to-asb" {\n  x = "{{ env "NONE" }}"\n}\ntask "count" {}\n');
    write(folder, "other.yaml", "tasks: { one: '${NONE}', two: }\n");
    expect(await ask(join(folder), "tasks")).toEqual(["count", "mssql-to-asb"]);
    expect(await ask("/", "tasks", "--", "-C", folder, "run", "-c", "other.yaml", "")).toEqual(["one", "two"]);
    expect(await ask(folder, "tasks", "--", "run", "-c", "none.yaml", "")).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  test("says nothing where there is nothing, or nothing that can be read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cdc-completion-"));
    expect(await ask(folder, "tables")).toEqual([]);
    expect(await ask(folder, "stacks")).toEqual([]);
    write(folder, "services/shop.yaml", "shop: [: broken");
    write(folder, "services/odd.yaml", "- 1\n");
    write(folder, "source-groups.yaml", "groups: 7\n");
    write(folder, "Pulumi.yaml", ": broken");
    for (const kind of ["services", "tables", "sinks", "environments", "customers"]) await ask(folder, kind);
    rmSync(folder, { recursive: true });
  });
});

test("refuses a shell that it doesn't know", async () => {
  const { code, stderr } = await runCdc(["completion", "tcsh"]);
  expect(code).toBe(2);
  expect(stderr).toContain("bash, zsh, fish");
});

function write(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
