import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closePools } from "../databases/postgres/pool";
import { startCdc, type RunningCdc } from "./harness/cdc-process";
import { createTestDatabase, type TestDatabase } from "./harness/database";
import { deployTables } from "./harness/deploy-tables";
import { column, sinkTable } from "./harness/sink-model";
import { temporaryFolder } from "./harness/task-lab";

jest.setTimeout(200_000);

let sink: TestDatabase;
let folder: ReturnType<typeof temporaryFolder>;
const running: RunningCdc[] = [];

beforeAll(async () => {
  folder = temporaryFolder();
  sink = await createTestDatabase();
  const columns = [column("value", "bigint", { nullable: false })];
  await deployTables(
    sink,
    ["First", "Second"].map((name) => sinkTable("s", name, { columns, key: ["value"] })),
  );
  await sink.query(`CREATE TABLE written (id bigserial PRIMARY KEY, name text NOT NULL);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO public.written (name) VALUES (tg_table_name); RETURN NULL; END $$;
    CREATE TRIGGER note AFTER INSERT ON s."First" FOR EACH STATEMENT EXECUTE FUNCTION public.note();
    CREATE TRIGGER note AFTER INSERT ON s."Second" FOR EACH STATEMENT EXECUTE FUNCTION public.note()`);
});
afterAll(async () => {
  for (const { child } of running) child.kill("SIGKILL");
  await Promise.all(running.map(({ ended }) => ended));
  await closePools();
  await sink.drop();
  folder.remove();
});

/** The same task on another machine; each writes into a table of its own, so that their writes can be told apart. */
function start(table: string): RunningCdc {
  const directory = join(folder.path, table);
  const { host, port, user, password, database } = sink.config;
  const place = `host: ${host}, port: ${String(port)}, user: ${user}, password: "${password}", database: ${database}`;
  mkdirSync(directory);
  writeFileSync(
    join(directory, "tasks.yaml"),
    `tasks:
  t:
    input: { provider: counter, config: { interval: 5, table: ${table} } }
    output: { provider: postgres, config: { ${place} } }
    lease: { type: postgres, ttl_s: 30, ${place} }
`,
  );
  const started = startCdc(["run", "t", "-C", directory]);
  running.push(started);
  return started;
}

async function writes(table: string): Promise<void> {
  const found = () => sink.query("SELECT FROM written WHERE name = $1 LIMIT 1", [table]);
  while ((await found()).rows.length === 0) await sleep(20);
}

function says({ child }: RunningCdc, text: string): Promise<void> {
  let said = "";
  return new Promise((done) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(text)) done();
    });
  });
}

test("a task that loses its lease while it runs ends, and writes nothing once another has begun", async () => {
  const first = start("First");
  await writes("First");
  const second = start("Second");
  await says(second, "waiting for it");
  // As when the first one was stopped for longer than its time.
  await sink.query("UPDATE cdc_management.leases SET expires_at = clock_timestamp() WHERE name = 'task-t'");
  await writes("Second");

  const { code, stderr } = await first.ended;
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/CDC_LEASE_LOST|the lease was lost/);
  const { rows } = await sink.query<{ name: string }>("SELECT name FROM written ORDER BY id");
  const turns = rows.filter(({ name }, index) => name !== rows[index - 1]?.name).map(({ name }) => name);
  expect(turns).toEqual(["First", "Second"]);

  second.child.kill("SIGTERM");
  expect((await second.ended).code).toBe(0);
});
