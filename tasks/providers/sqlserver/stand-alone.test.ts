import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Envelope } from "../../../model/envelope";
import { openCaptureLab, type CaptureLab } from "../../../test/harness/capture-lab";
import { eventually } from "../../../test/harness/eventually";
import { startProvider, type ShellProvider } from "../../../test/harness/input-process";

const KILLS = 20;
const ROWS = 4_000;

let lab: CaptureLab;
let directory: string;
beforeAll(async () => {
  lab = await openCaptureLab(10);
  directory = mkdtempSync(join(tmpdir(), "cdc-input-"));
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await lab.close();
});

function configOf(tables: readonly unknown[], more: object = {}): object {
  const { host, port, user, password = "", database } = lab.config;
  const connection_string = `Server=${host},${String(port)};Database=${database};User ID=${user};Password=${password};Encrypt=False`;
  return { connection_string, tables, ...more };
}

async function stop({ child, ended }: ShellProvider): Promise<number | null> {
  child.kill("SIGTERM");
  return (await ended).code;
}

describe("cdc-sqlserver-input from a shell", () => {
  test("echo a config into it, and its stdout is envelopes and nothing else", async () => {
    await lab.run("CREATE TABLE dbo.Orders (Id int NOT NULL PRIMARY KEY, Total decimal(38, 10), At datetimeoffset(7))");
    await lab.capture("Orders");
    await lab.run("INSERT dbo.Orders VALUES (7, 12345678901234567890.0123456789, '2026-11-30T01:02:03.1234567+05:30')");
    const input = startProvider("sqlserver-input", configOf(["Orders"]));
    await eventually(() => expect(input.envelopes()).toHaveLength(1));
    expect(input.envelopes()).toMatchObject([
      {
        data: { Id: "7", Total: "12345678901234567890.0123456789", At: "2026-11-30 01:02:03.1234567 +05:30" },
        metadata: { TableName: "Orders", Schema: "dbo", OperationType: "Insert", Key: ["Id"], Version: 1 },
      },
    ]);
    expect(await stop(input)).toBe(0);
  });

  test.each([
    ["a table that isn't there", { tables: ["nowhere"] }, 1, "CDC_SOURCE_TABLE: there is no table dbo.nowhere"],
    ["no tables", { tables: [] }, 2, "CDC_PROVIDER_CONFIG: tables must name at least one table"],
    ["a setting nobody knows", { table: "x" }, 2, "CDC_PROVIDER_CONFIG: table is no setting of the input sqlserver"],
    ["a wrong password", { password: "wrong" }, 1, "CDC_MSSQL_PASSWORD"],
    ["a server that isn't there", { port: 1 }, 1, "CDC_MSSQL_UNREACHABLE"],
  ])("%s is told on stderr, without the password", async (_title, config, code, text) => {
    const input = startProvider("sqlserver-input", { ...configOf(["Orders"]), ...config });
    expect((await input.ended).code).toBe(code);
    expect([input.stderr().includes(text), input.lines()]).toEqual([true, []]);
    expect(input.stderr()).not.toContain(lab.config.password);
  });

  test("killed at any moment and started again with its checkpoint, it loses nothing, and keeps the order", async () => {
    await lab.run(
      "CREATE TABLE dbo.k1 (id int NOT NULL PRIMARY KEY, n int); CREATE TABLE dbo.k2 (id int NOT NULL PRIMARY KEY, n int)",
    );
    await lab.capture("k1");
    await lab.capture("k2");
    const file = join(directory, "k.checkpoint");
    const config = configOf(["k1", "dbo.k2"], { checkpoint: { file } });
    const runs: Envelope[][] = [];
    let written = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const input = startProvider("sqlserver-input", config);
      const until = ((kill + 1) * ROWS) / KILLS;
      for (; written < until; written += 20) await lab.run(transaction(written, 20));
      // One in four while it begins, the others while it reads.
      if (kill % 4 > 0) await eventually(() => expect(input.lines().length).toBeGreaterThan(0));
      await sleep(Math.random() * 300);
      input.child.kill("SIGKILL");
      await input.ended;
      runs.push(input.envelopes());
    }
    const last = startProvider("sqlserver-input", config);
    await lab.run(transaction(written, 1));
    written += 1;
    await eventually(() => expect(last.lines().at(-1)).toContain(`"id":"${String(written - 1)}"`));
    expect(await stop(last)).toBe(0);
    runs.push(last.envelopes());
    const ids = runs.flat().map(({ data, metadata }) => `${metadata.TableName} ${String(data["id"])}`);
    expect(new Set(ids).size).toBe(written);
    for (const run of runs) {
      const places = run.map(placeOf);
      expect(places).toEqual([...places].sort());
    }
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ version: 1, database: lab.database });
    const repeated = startProvider("sqlserver-input", config);
    await lab.run("INSERT dbo.k1 VALUES (-1, 0)");
    await eventually(() => expect(repeated.envelopes()).toHaveLength(1));
    await stop(repeated);
  });
});

function placeOf({ metadata }: Envelope): string {
  return metadata.Position ?? "";
}

/** One transaction over both tables: so many rows, by turns. */
function transaction(first: number, count: number): string {
  const rows = Array.from(
    { length: count },
    (_, index) => `INSERT dbo.k${String((index % 2) + 1)} VALUES (${String(first + index)}, ${String(index)})`,
  );
  return `BEGIN TRAN; ${rows.join("; ")}; COMMIT`;
}
