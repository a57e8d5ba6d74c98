import { openCaptureLab, type CaptureLab } from "../../../test/harness/capture-lab";
import { openLog } from "../../sdk/log";
import { RawLines } from "../../sdk/raw-lines";
import { sqlServerInput } from "./input";

let lab: CaptureLab;
beforeAll(async () => {
  lab = await openCaptureLab(10);
});
afterAll(() => lab.close());

test("where a copy begins is stored before its first row is given out", async () => {
  await lab.run("CREATE TABLE dbo.Copied (Id int NOT NULL PRIMARY KEY); INSERT dbo.Copied VALUES (1), (2)");
  await lab.capture("Copied");
  await lab.captured();
  const { host, port, user, password = "", database } = lab.config;
  const tables = [{ name: "Copied", snapshot: "initial" as const }];
  const config = { host, port, user, password, database, encrypt: false, tables };
  const happened: string[] = [];
  const control = new AbortController();
  const context = {
    signal: control.signal,
    log: openLog({ write: () => undefined }, true),
    state: undefined,
    setState: (state: unknown) => void happened.push(JSON.stringify(state).includes('"snapshot"') ? "begins" : "state"),
    stored: () => Promise.resolve(void happened.push("stored")),
    onAck: () => undefined,
  };
  const input = sqlServerInput();
  await input.open?.(config, context);
  for await (const item of input.read(config, context)) {
    happened.push(item instanceof RawLines ? `${String(item.count)} rows` : "other");
    control.abort();
  }
  expect(happened.slice(0, 3)).toEqual(["begins", "stored", "2 rows"]);
});
