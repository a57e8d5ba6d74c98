import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { load } from "js-yaml";
import { join, resolve } from "node:path";
import { LoopbackRegistry } from "../test/registry";
import { newFolder } from "../test/registry/packed";
import { runCdc } from "../test/harness/captured-io";
import { startCdc } from "../test/harness/cdc-process";

const ROOT = resolve(__dirname, "..");
const BIN = join(ROOT, "node_modules", ".bin");
const env = { ...process.env, HOME: newFolder() };

jest.setTimeout(180_000);

function hasPython(): boolean {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.log("python3: not installed, the providers in Python were made, and not run");
    return false;
  }
}

const LANGUAGES = ["typescript", "shell", ...(hasPython() ? ["python"] : [])];
const EVERY = LANGUAGES.flatMap((language) => ["input", "output"].map((role) => [language, role] as const));

const MADE = new Map<string, Promise<string>>();

/** A new provider, built when it has to be; the same one for each test. */
function made(language: string, role: string): Promise<string> {
  const key = `${language} ${role}`;
  const found = MADE.get(key) ?? make(language, role);
  MADE.set(key, found);
  return found;
}

async function make(language: string, role: string): Promise<string> {
  const place = newFolder();
  const argv = ["new", "provider", "Orders Input", "--language", language, "--role", role];
  const { code, stderr } = await runCdc(argv, { cwd: place });
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("next:") as string });
  const cwd = join(place, "Orders Input");
  if (language === "typescript") build(cwd);
  return cwd;
}

/** What `npm install` and `npm run build` would do. */
function build(cwd: string): void {
  mkdirSync(join(cwd, "node_modules", "@types"), { recursive: true });
  symlinkSync(ROOT, join(cwd, "node_modules", "pulumi-cdc"), "junction");
  symlinkSync(join(ROOT, "node_modules/@types/node"), join(cwd, "node_modules/@types/node"), "junction");
  const { scripts } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const PATH = `${BIN}:${process.env["PATH"] ?? ""}`;
  for (const script of [scripts["types"], scripts["build"]])
    execFileSync("sh", ["-c", script!], { cwd, env: { ...process.env, PATH }, stdio: "pipe" });
}

const kit = (cwd: string, ...more: string[]) =>
  runCdc(["providers", "test", "provider", "--config", "test-config.json", "--parallel", "4", ...more], { cwd, env });

describe("new provider", () => {
  test.each(EVERY)("in %s, %s: passes the conformance kit as it is", async (language, role) => {
    const cwd = await made(language, role);
    const { stdout, code } = await kit(cwd, "--json");
    const { cases, passed } = JSON.parse(stdout) as { cases: { outcome: string; name: string }[]; passed: number };
    expect(cases.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(code).toBe(0);
    expect(passed).toBeGreaterThanOrEqual(40);
  });

  test.each(["typescript", "python", "shell"])(
    "in %s brings a workflow with pinned actions that pushes what it tested",
    async (language) => {
      const place = newFolder();
      await runCdc(["new", "provider", "x", "--language", language], { cwd: place });
      const workflow = load(readFileSync(join(place, "x", ".github/workflows/publish.yml"), "utf8")) as {
        permissions: Record<string, string>;
        jobs: { publish: { steps: { uses?: string; run?: string }[] } };
      };
      expect(workflow.permissions).toEqual({ contents: "read", packages: "write" });
      const { steps } = workflow.jobs.publish;
      for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
      const place_ = (part: string) => steps.findIndex(({ run = "" }) => run.includes(part));
      const order = [language === "typescript" ? "npm test" : "providers test", "providers pack", "providers push"].map(
        place_,
      );
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(order).not.toContain(-1);
      expect(readFileSync(join(place, "x", "Dockerfile"), "utf8")).toMatch(/^USER (?:node|nobody)$/m);
    },
  );

  test("fills in its name and role, and leaves a folder alone that holds something", async () => {
    const place = newFolder();
    await runCdc(["new", "provider", "My Orders", "--language", "python", "--role", "output"], { cwd: place });
    const cwd = join(place, "My Orders");
    expect(JSON.parse(readFileSync(join(cwd, "provider/provider.json"), "utf8"))).toMatchObject({
      name: "my-orders",
      role: "output",
    });
    expect(readFileSync(join(cwd, "README.md"), "utf8")).toMatch(/^# my-orders\n[\s\S]*`output` in a task file/);
    expect(statSync(join(cwd, "provider/provider.py")).mode & 0o111).not.toBe(0);
    const again = await runCdc(["new", "provider", "My Orders"], { cwd: place });
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("is not empty") as string });
  });
});

test("a provider in TypeScript is packed as one file, pushed, pulled, and run in a task", async () => {
  const registry = await LoopbackRegistry.start();
  const cwd = await made("typescript", "input");
  const name = `${registry.host}/acme/orders-input:v0.1.0`;
  const ok = async (...argv: string[]) => {
    const run = await runCdc(argv, { cwd, env });
    expect(run).toMatchObject({ code: 0 });
    return run.stdout;
  };
  const { folder, platforms } = JSON.parse(await ok("providers", "pack", "provider", "--json"));
  expect(platforms[0].bytes).toBeLessThan(100_000);
  await ok("providers", "push", folder, name);
  writeFileSync(
    join(cwd, "tasks.yaml"),
    `tasks:
  try:
    input: { provider_image: "${name}", config: { interval_ms: 1, max: 3 } }
    output: { provider: console, config: { outputFormat: json } }
`,
  );
  const { code, stdout, stderr } = await startCdc(["run", "try"], { cwd, env }).ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout.split("\n").filter((line) => line.startsWith('{"data"'))).toEqual(
    [1, 2, 3].map((value) =>
      JSON.stringify({ data: { value }, metadata: { TableName: "Numbers", OperationType: "Insert" } }),
    ),
  );
  expect(readFileSync(join(cwd, "cdc-providers.lock.json"), "utf8")).toContain(name);
  const wrong = readFileSync(join(cwd, "tasks.yaml"), "utf8").replace("max: 3", "max: three");
  writeFileSync(join(cwd, "tasks.yaml"), wrong);
  const refused = await startCdc(["run", "try"], { cwd, env }).ended;
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("tasks.try.input.config.max") as string });
  await registry.stop();
});
