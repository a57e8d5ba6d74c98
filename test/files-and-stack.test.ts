import { closePools } from "../databases/postgres/pool";
import { catalogDump } from "./harness/catalog-dump";
import { runCdc, type CapturedRun } from "./harness/captured-io";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { Deployment, lines } from "./harness/deployment";
import { usualColumns } from "./harness/yaml-project";

// Files and stack are two ways to the same database, made from one model: what one made, the other finds.

const TABLES = { Actor: usualColumns(4), Film: usualColumns(3) };
const NEWER = { ...TABLES, Actor: [...TABLES.Actor, { name: "New", type: "int" }] };
const PROJECT = { customers: ["north", "south"], tables: TABLES };

jest.setTimeout(120_000);

let db: TestDatabase;
let deployment: Deployment;
beforeEach(async () => {
  db = await createTestDatabase();
  deployment = Deployment.make(db.config, PROJECT);
});
afterEach(async () => {
  deployment.remove();
  await closePools();
  await db.drop();
});

const verb = (...argv: readonly string[]): Promise<CapturedRun> =>
  runCdc(["manage-migrations", ...argv, "-C", deployment.directory]);

async function applyFiles(): Promise<Record<string, unknown>> {
  expect(await verb("generate")).toMatchObject({ code: 0 });
  const { code, stdout, stderr } = await verb("apply", "--env", "dev", "--json");
  expect([code, stderr]).toEqual([0, ""]);
  return (JSON.parse(stdout) as Record<string, unknown>[])[0] ?? {};
}

const history = async (where = "true") =>
  (
    await db.query(`SELECT file_name, schema_name, checksum, category, outcome, applied_at FROM cdc_management.migration_history
    WHERE ${where} ORDER BY 1, 2`)
  ).rows;

test("files first, then `cdc up`: no DDL is sent, catalogue and history stay, and the next preview has no change", async () => {
  expect(await applyFiles()).toMatchObject({ complete: true, applied: 4 });
  const [catalog, recorded] = [await catalogDump(db.config), await history()];
  await db.query(`CREATE TABLE public.seen (tag text); CREATE FUNCTION public.see() RETURNS event_trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO public.seen SELECT command_tag FROM pg_event_trigger_ddl_commands() WHERE schema_name IS DISTINCT FROM ''pg_temp''; END';
    CREATE EVENT TRIGGER see ON ddl_command_end EXECUTE FUNCTION public.see()`);
  await deployment.run("up");
  expect((await db.query("SELECT * FROM public.seen")).rows).toEqual([]);
  await db.query("DROP EVENT TRIGGER see; DROP FUNCTION public.see(); DROP TABLE public.seen");
  expect(await catalogDump(db.config)).toBe(catalog);
  expect(await history()).toEqual(recorded);
  expect((await deployment.run("preview", { refresh: true })).result.changed).toBe(false);
});

test("`cdc up` first, then files: nothing is run, and what is there is recorded as adopted", async () => {
  await deployment.run("up");
  const catalog = await catalogDump(db.config);
  const pulumi = await history("category = 'pulumi'");
  expect(pulumi.map((row) => `${String(row["file_name"])} ${String(row["schema_name"])}`)).toEqual(
    ["Actor", "Film"].flatMap((table) => ["north", "south"].map((schema) => `pulumi/${table} ${schema}`)),
  );
  expect(await applyFiles()).toMatchObject({ complete: true, applied: 0, infrastructure: false, adopted: 10 });
  expect(await catalogDump(db.config)).toBe(catalog);
  expect(await history("category = 'pulumi'")).toEqual(pulumi);
  expect((await history("category <> 'pulumi'")).every((row) => row["outcome"] === "adopted")).toBe(true);
  expect(await verb("status", "--env", "dev")).toMatchObject({ code: 0 });
});

test("a change by files, then refresh: preview expects no changes", async () => {
  await applyFiles();
  await deployment.run("up");
  deployment.rewrite({ tables: NEWER });
  expect(await applyFiles()).toMatchObject({ complete: true, applied: 2 });
  await deployment.run("refresh");
  const next = await deployment.run("preview");
  expect([lines(next.steps), next.result.changed]).toEqual([[], false]);
});

test("a change by `cdc up`, then files: nothing is run, its steps are included", async () => {
  await applyFiles();
  await deployment.run("up");
  deployment.rewrite({ tables: NEWER });
  await deployment.run("up");
  const catalog = await catalogDump(db.config);
  expect(await applyFiles()).toMatchObject({ complete: true, applied: 0 });
  expect(await catalogDump(db.config)).toBe(catalog);
  expect((await history("category = 'change'")).map((row) => row["outcome"] as string)).toEqual([
    "included",
    "included",
  ]);
});
