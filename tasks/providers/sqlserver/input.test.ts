import { openCaptureLab, type CaptureLab } from "../../../test/harness/capture-lab";
import { openLog } from "../../sdk/log";
import { RawLines } from "../../sdk/raw-lines";
import { sqlServerInput } from "./input";

let lab: CaptureLab;
beforeAll(async () => {
  lab = await openCaptureLab(10);
});
afterAll(() => lab.close());

/** What an input needs to know, and what it told. */
function contextOf(told: { state(state: unknown): void; stored(): void }) {
  const control = new AbortController();
  const context = {
    signal: control.signal,
    log: openLog({ write: () => undefined }, true),
    state: undefined,
    setState: (state: unknown) => told.state(state),
    stored: () => Promise.resolve(told.stored()),
    onAck: () => undefined,
  };
  return { control, context };
}

function configOf(tables: readonly { name: string; snapshot?: "initial" }[]) {
  const { host, port, user, password = "", database } = lab.config;
  return { host, port, user, password, database, encrypt: false, tables };
}

test("where a copy begins is stored before its first row is given out", async () => {
  await lab.run("CREATE TABLE dbo.Copied (Id int NOT NULL PRIMARY KEY); INSERT dbo.Copied VALUES (1), (2)");
  await lab.capture("Copied");
  await lab.captured();
  const config = configOf([{ name: "Copied", snapshot: "initial" }]);
  const happened: string[] = [];
  const { control, context } = contextOf({
    state: (state) => happened.push(JSON.stringify(state).includes('"snapshot"') ? "begins" : "state"),
    stored: () => happened.push("stored"),
  });
  const input = sqlServerInput();
  await input.open?.(config, context);
  for await (const item of input.read(config, context)) {
    happened.push(item instanceof RawLines ? `${String(item.count)} rows` : "other");
    control.abort();
  }
  expect(happened.slice(0, 3)).toEqual(["begins", "stored", "2 rows"]);
});

test("one that is told to stop ends with a state, and doesn't give out what it has read ahead", async () => {
  await lab.run("CREATE TABLE dbo.Many (Id int NOT NULL PRIMARY KEY, Text char(200) NOT NULL)");
  await lab.capture("Many");
  for (let first = 0; first < 20_000; first += 500) {
    const rows = Array.from({ length: 500 }, (_, n) => `(${String(first + n)}, 'text')`);
    await lab.run(`INSERT dbo.Many VALUES ${rows.join(", ")}`);
  }
  await lab.captured();
  const config = configOf([{ name: "Many" }]);
  let [lines, stated] = [0, 0];
  const { control, context } = contextOf({ state: () => (stated = lines), stored: () => undefined });
  const input = sqlServerInput();
  await input.open?.(config, context);
  for await (const item of input.read(config, context)) {
    lines += item instanceof RawLines ? item.count : 0;
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (lines > 0) control.abort();
  }
  expect(stated).toBe(lines);
  expect(lines).toBeGreaterThan(0);
  expect(lines).toBeLessThan(10_000);
});
