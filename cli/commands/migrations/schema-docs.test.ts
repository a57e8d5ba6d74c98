import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCdc } from "../../../test/harness/captured-io";

const EXAMPLE = join(__dirname, "../../../examples/db-shared");

describe("cdc manage-migrations schema-docs", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cdc-schema-docs-"));
    cpSync(EXAMPLE, folder, { recursive: true });
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const docs = async (...argv: string[]) => {
    const run = await runCdc(["manage-migrations", "schema-docs", "--json", ...argv], { cwd: folder, env: {} });
    return { ...run, docs: run.code === 0 ? (JSON.parse(run.stdout) as Record<string, unknown>) : undefined };
  };

  test("documents all services beside the configuration, and writes nothing the second time", async () => {
    const first = await docs();
    expect(first).toMatchObject({ code: 0, docs: { directory: "generated/schemas", unchanged: 0, orphans: [] } });
    expect(first.docs?.["written"]).toContain("directory/main.platform/directory/person.md");
    expect(await docs()).toMatchObject({ code: 0, docs: { written: [], unchanged: 15 } });
  });

  test("leaves the pages of other services alone when one is chosen", async () => {
    await docs();
    const page = join(folder, "generated/schemas/directory/index.md");
    writeFileSync(page, "edited");
    const { docs: answer } = await docs("--service", "scheduling");
    expect(answer).toMatchObject({ written: [], orphans: [] });
    expect(readFileSync(page, "utf8")).toBe("edited");
  });

  test("writes elsewhere when told so, and tells of pages without a table", async () => {
    const { docs: answer } = await docs("--output-dir", "pages", "--environment", "prod");
    expect(answer).toMatchObject({ directory: "pages", unchanged: 0 });
    rmSync(join(folder, "services/scheduling.yaml"));
    const { stdout, code } = await runCdc(["migrations", "schema-docs", "--output-dir", "pages"], {
      cwd: folder,
      env: {},
    });
    expect(code).toBe(0);
    expect(stdout).toContain("warning: no table any more for pages/scheduling/main.platform/scheduling/Room.md");
    expect(stdout).toContain("1 file written, 8 unchanged in pages");
  });

  test("ends with 2 and the problems when the configuration is wrong", async () => {
    const { code, stderr } = await docs("--service", "nobody");
    expect(code).toBe(2);
    expect(stderr).toContain("there is no service nobody");
  });
});
