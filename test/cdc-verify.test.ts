import type { VerifyResult } from "../stream/verify/differences";
import { openStreamProject, type StreamProject } from "./harness/stream-project";

jest.setTimeout(120_000);

const VISIT = [
  { name: "Id", type: "int", nullable: false, primary_key: true },
  { name: "Name", type: "nvarchar(50)" },
  { name: "At", type: "datetime2(7)" },
];
const QUICK = ["--grace", "0.1", "--wait", "1"];

let project: StreamProject;

beforeAll(async () => {
  project = await openStreamProject({ customers: ["north", "south"], tables: { Visit: VISIT } });
  for (const customer of ["north", "south"])
    await project.source(
      customer,
      "INSERT dbo.Visit VALUES (1, N'one', '2026-01-02 03:04:05.1234567'), (2, NULL, NULL)",
    );
  expect(await project.cdc(["up", "--yes"])).toMatchObject({ code: 0 });
  expect(await project.cdc(["run", "--once"])).toMatchObject({ code: 0 });
});

afterAll(() => project.close());

async function verify(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return project.cdc(["verify", ...QUICK, ...args]);
}

test("equal tables end with 0, a line each", async () => {
  const { code, stdout } = await verify();
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^north\.Visit +\S+ dbo\.Visit +2 +0 +0 +0 +0 +0 +equal$/);
});

test("differences end with 1 and are named", async () => {
  await project.sink.query(
    `DELETE FROM north."Visit" WHERE "Id" = 2; UPDATE south."Visit" SET "Name" = 'x' WHERE "Id" = 1`,
  );
  const { code, stdout } = await verify();
  expect(code).toBe(1);
  expect(stdout).toContain("  missing    Id = 2\n");
  expect(stdout).toContain("  different  Id = 1: Name\n");
  const only = await verify("--tenant", "south", "--table", "dbo.Visit", "--json");
  expect(only.code).toBe(1);
  const result = JSON.parse(only.stdout) as VerifyResult;
  expect(result.tables.map(({ tenant, counts }) => [tenant, counts.different])).toEqual([["south", 1]]);
});

test("a name that is no table or customer ends with 2", async () => {
  expect(await verify("--table", "Nowhere")).toMatchObject({
    code: 2,
    stdout: "",
    stderr: "error: stack dev has no such table or customer: Nowhere\nhint: `cdc status` shows the tables.\n",
  });
  const unknown = await verify("--tenant", "west");
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain("captures no source west");
});

test("a table that cannot be read ends with 2, and the others are compared", async () => {
  await project.source("north", "EXEC sys.sp_cdc_disable_table N'dbo', N'Visit', N'all'; DROP TABLE dbo.Visit");
  const { code, stdout } = await verify();
  expect(code).toBe(2);
  expect(stdout).toMatch(/^north\.Visit .* failed$/m);
  expect(stdout).toMatch(/^south\.Visit .* differs$/m);
  expect(stdout).toMatch(/table dbo\.Visit is not in database/);
});
