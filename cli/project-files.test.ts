import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCdc } from "../test/harness/captured-io";
import { temporaryFolder } from "../test/harness/temporary-folder";

const SERVICE = join("services", "orders.yaml");

async function newProject(pattern = "db-per-tenant"): Promise<string> {
  const cwd = temporaryFolder("cdc-new-");
  const { code, stderr } = await runCdc(["new", "shop", "--pattern", pattern], { cwd });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return join(cwd, "shop");
}

describe("new", () => {
  test.each(["db-per-tenant", "db-shared"])(
    "makes a %s project that validates strictly in dev and prod",
    async (pattern) => {
      const cwd = await newProject(pattern);
      for (const stack of ["dev", "prod"]) {
        const { code, stdout } = await runCdc(["validate", "--strict", "-s", stack], { cwd, env: {} });
        expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("valid: service orders") });
      }
      expect(readFileSync(join(cwd, "Pulumi.yaml"), "utf8")).toContain("name: shop\n");
      expect(readFileSync(join(cwd, ".gitignore"), "utf8")).toContain("node_modules/");
      expect(JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"))).toMatchObject({
        name: "shop",
        dependencies: { "pulumi-cdc": expect.stringMatching(/^\d+\.\d+\.\d+/) as string },
      });
    },
  );

  test("leaves a folder alone that holds something", async () => {
    const cwd = temporaryFolder("cdc-new-");
    mkdirSync(join(cwd, "shop"));
    writeFileSync(join(cwd, "shop", "mine.txt"), "mine");
    const { code, stderr } = await runCdc(["new", "shop"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("is not empty: it holds mine.txt");
  });

  test("makes the folder's name fit for Pulumi and npm", async () => {
    const cwd = temporaryFolder("cdc-new-");
    await runCdc(["new", "Ægir & Sons"], { cwd });
    expect(readFileSync(join(cwd, "Ægir & Sons", "Pulumi.yaml"), "utf8")).toContain("name: gir-sons\n");
  });
});

describe("validate", () => {
  test("tells all problems at once, each with file, line and key", async () => {
    const cwd = await newProject();
    const path = join(cwd, SERVICE);
    const text = readFileSync(path, "utf8");
    writeFileSync(
      path,
      text.replace("ignore_columns", "ignore_colums").replace("from: dbo.Customer", "from: dbo.Custmer"),
    );
    appendFileSync(join(cwd, "source-groups.yaml"), "  extra: 1\n");
    const { code, stdout } = await runCdc(["validate"], { cwd, env: {} });
    expect(code).toBe(2);
    expect(stdout).toMatch(/services\/orders\.yaml:\d+:\d+ .*ignore_columns/);
    expect(stdout).toMatch(/source-groups\.yaml:\d+:\d+ /);
    expect(stdout).toMatch(/\d problems in /);
  });

  test("answers one JSON document", async () => {
    const cwd = await newProject();
    const fine = await runCdc(["validate", "--json"], { cwd, env: {} });
    expect(JSON.parse(fine.stdout)).toMatchObject({ valid: true, services: [{ service: "orders", tables: 4 }] });
    writeFileSync(join(cwd, SERVICE), "orders: [");
    const broken = await runCdc(["validate", "--json"], { cwd, env: {} });
    expect(broken.code).toBe(2);
    expect(JSON.parse(broken.stdout)).toMatchObject({ valid: false, problems: [{ file: "services/orders.yaml" }] });
  });

  test.each([
    ["malformed YAML", "orders:\n  source: {tables: [\n"],
    ["a wrong type", "orders:\n  source: 7\n  sinks: {}\n"],
    ["an alias that refers to itself", "orders: &a\n  source: *a\n  sinks: *a\n"],
    ["a file of 10 MB", `orders:\n  description: ${"x".repeat(10_000_000)}\n  source: 7\n`],
    ["binary", "\u0000\u0001\u0002"],
    ["nothing", ""],
  ])("names file and place for %s, without a stack", async (_title, content) => {
    const cwd = await newProject();
    writeFileSync(join(cwd, SERVICE), content);
    const { code, stdout, stderr } = await runCdc(["validate"], { cwd, env: {} });
    expect(code).toBe(2);
    expect(stdout).toContain("services/orders.yaml");
    expect((stdout + stderr).length).toBeLessThan(4000);
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
  });

  test("names a variable that is not set", async () => {
    const cwd = await newProject();
    const path = join(cwd, SERVICE);
    writeFileSync(path, readFileSync(path, "utf8").replace("dev: orders_dev", "dev: ${ORDERS_DATABASE}"));
    const { code, stdout } = await runCdc(["validate"], { cwd, env: {} });
    expect(code).toBe(2);
    expect(stdout).toContain("environment variable ORDERS_DATABASE is not set");
    expect((await runCdc(["validate"], { cwd, env: { ORDERS_DATABASE: "x" } })).code).toBe(0);
  });

  test("says of a broken Pulumi.dev.yaml where it is broken", async () => {
    const cwd = await newProject();
    writeFileSync(join(cwd, "Pulumi.dev.yaml"), "config: [1\n");
    const { code, stderr } = await runCdc(["validate"], { cwd, env: {} });
    expect(code).toBe(2);
    expect(stderr).toContain("Pulumi.dev.yaml");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
