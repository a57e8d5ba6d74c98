import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { closePools } from "../../databases/postgres/pool";
import { packageVersion } from "../../lib/package-root";
import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { createTestDatabase } from "../../test/harness/database";
import { deployTables } from "../../test/harness/deploy-tables";
import { ServiceBusLab } from "../../test/harness/servicebus-lab";
import { sinkTable } from "../../test/harness/sink-model";
import { temporaryFolder } from "../../test/harness/temporary-folder";
import type { JsonObject } from "../protocol/json-object";
import { runConformance, type CaseResult, type ConformanceReport } from "./run-conformance";
import type { Subject } from "./subject";

jest.setTimeout(600_000);

const BIN = join(__dirname, "..", "..", "dist", "tasks", "providers", "bin");
const ROWS = 400;
const closings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** Puts a compiled provider through the kit; the limits only end what would hang. */
function taken(program: string, config: JsonObject, lines: readonly string[] = []): Promise<ConformanceReport> {
  const [name = "", role = ""] = program.split("-");
  const subject: Subject = {
    ...{ file: process.execPath, args: [join(BIN, `${program}.js`)], role: role as Subject["role"], config, lines },
    ...{ infrastructure: false, expected: { name, version: packageVersion() }, env: process.env },
    ...{ cwd: temporaryFolder("cdc-built-in-"), limitMs: 120_000, quietMs: 60_000 },
  };
  return runConformance(subject, { atOnce: 3 });
}

/** Every case that isn't passed, with its reason. */
function rest({ cases }: ConformanceReport): string[] {
  const isRest = ({ outcome }: CaseResult): boolean => outcome !== "passed";
  return cases.filter(isRest).map(({ name, outcome, reason }) => `${name} ${outcome}: ${String(reason)}`);
}

/** Some rows, and one more again and again: there is always more to come. */
async function keepInserting(lab: CaptureLab): Promise<() => Promise<void>> {
  let next = 0;
  const stop = new AbortController();
  const insert = async (count: number): Promise<void> => {
    const rows = Array.from({ length: count }, () => `(${String(next)}, N'größe ${String(next++)}')`);
    await lab.run(`INSERT dbo.Orders VALUES ${rows.join(", ")}`);
    await lab.captured();
  };
  await insert(20);
  const work = (async () => {
    while (!stop.signal.aborted) {
      await insert(1);
      await delay(100);
    }
  })();
  return async () => {
    stop.abort();
    await work;
  };
}

test("cdc-sqlserver-input", async () => {
  const lab = await openCaptureLab(10);
  closings.push(() => lab.close());
  await lab.run("CREATE TABLE dbo.Orders (Id int NOT NULL PRIMARY KEY, Note nvarchar(50))");
  await lab.capture("Orders");
  closings.push(await keepInserting(lab));
  const { trustServerCertificate: _, ...connection } = lab.config;
  const report = await taken("sqlserver-input", {
    ...connection,
    encrypt: false,
    tables: ["Orders"],
    max_poll_interval_ms: 250,
  });
  expect(rest(report)).toEqual(["input/eof-is-last not applicable: it has no end with this config"]);
  expect(report.passed).toBeGreaterThanOrEqual(50);
});

test("cdc-postgres-output", async () => {
  const database = await createTestDatabase();
  closings.push(() => database.drop(), closePools);
  await deployTables(database, [sinkTable("s", "T")]);
  const lines = Array.from({ length: ROWS }, (_, Id) => {
    const LSN = (Id + 1).toString(16).padStart(20, "0");
    const metadata = { TableName: "T", OperationType: "Insert", LSN, CommandId: 1 };
    return JSON.stringify({ data: { Id, Name: "größe" }, metadata });
  });
  const report = await taken("postgres-output", { ...database.config }, lines);
  expect(rest(report)).toEqual(["logs/lines not applicable: it logged nothing"]);
  expect(report.passed).toBeGreaterThanOrEqual(50);
  const { rows } = await database.query('SELECT count(*)::int, min("Name"), max("Name") FROM s."T"');
  expect(rows).toEqual([{ count: ROWS, min: "größe", max: "größe" }]);
});

test("cdc-servicebus-output", async () => {
  const lab = await ServiceBusLab.open("Conformance");
  closings.push(() => lab.close());
  const config = { connection_string: lab.bus.connectionString, tables: [{ name: "Conformance", key: ["Id"] }] };
  const report = await taken("servicebus-output", config);
  expect(rest(report)).toEqual(["logs/lines not applicable: it logged nothing"]);
  expect(report.passed).toBeGreaterThanOrEqual(50);
});
