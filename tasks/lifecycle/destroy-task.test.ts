import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SourceLab } from "../../test/harness/source-lab";
import { infrastructure } from "../providers/sqlserver/infrastructure";
import type { Holding } from "./contribution";
import { prepareDestroy } from "./destroy-task";
import { initTask } from "./init-task";
import type { LifecycleTask } from "./task-side";

jest.setTimeout(200_000);

const SILENT = { onEngineEvent: () => undefined, onLog: () => undefined };

let lab: SourceLab;
let folder: string;

beforeAll(async () => {
  lab = await SourceLab.open();
  folder = mkdtempSync(join(tmpdir(), "cdc-destroy-"));
});
afterAll(async () => {
  await lab.close();
  rmSync(folder, { recursive: true });
});

test("what holds messages is refused before anything goes, unless it is forced", async () => {
  const database = await lab.database("CREATE TABLE dbo.T (Id int NOT NULL PRIMARY KEY)");
  const { host, port, user, password } = lab.config(database);
  const config = { host, port, user, password, database, encrypt: false, tables: ["T"] };
  const held: Holding = { name: "T_cdc_events", count: 12, noun: "messages" };
  const side = { config, secrets: [], infrastructure: { ...infrastructure, holdings: () => Promise.resolve([held]) } };
  const task: LifecycleTask = {
    name: "t",
    directory: join(folder, ".cdc/tasks/t"),
    input: { role: "input", name: "sqlserver", ...side },
    output: { role: "output", name: "console", config: {}, secrets: [] },
    engine: "built-in",
    signal: new AbortController().signal,
    env: { PULUMI_CONFIG_PASSPHRASE: "" },
  };
  expect((await initTask(task, SILENT)).status).toBe("succeeded");
  await expect(prepareDestroy(task)).rejects.toMatchObject({
    code: "CDC_TASK_NOT_EMPTY",
    message: expect.stringContaining("T_cdc_events holds 12 messages"),
    hint: expect.stringContaining("--force"),
  });
  const { resources, perform } = await prepareDestroy(task, { force: true });
  expect(resources).toEqual([expect.stringContaining("captured database"), expect.stringContaining("captured table")]);
  expect((await perform(SILENT)).status).toBe("succeeded");
});
