import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { column, sinkTable } from "../../test/harness/sink-model";
import { NO_LSN, type Lsn } from "../../model/lsn";
import { shapeOf, type TableShape } from "../../model/table-shape";
import type { CaptureInstance } from "../sources/capture-instance";
import { copyChanges, stagingColumnsOf, type ChangeCopy, type CopiedChanges } from "./change-copier";
import { CarefulNeeded } from "./careful-needed";

const END = "f".repeat(20) as Lsn;

let lab: CaptureLab;
beforeAll(async () => {
  lab = await openCaptureLab();
});
afterAll(() => lab.close());

const SHAPE: TableShape = shapeOf(
  sinkTable("cust01", "Visit", {
    source: { database: "Clinic", schema: "dbo", table: "Visit" },
    columns: [
      column("Id", "integer", { nullable: false }),
      column("name", "varchar(10)", { source: "Name" }),
      column("note", "text", { source: "Note" }),
      column("added", "text", { source: "Added" }),
      column("_customer_id", "text", { origin: "template", constant: "c\\1", source: undefined as never }),
    ],
  }),
);

function instance(table: string): CaptureInstance {
  const types = { Id: "int", Name: "nvarchar(20)", Note: "nvarchar(max)" };
  const columns = Object.entries(types).map(([name, type], index) => ({
    name,
    sourceName: name,
    ordinal: index + 1,
    type,
  }));
  return { name: `dbo_${table}`, schema: "dbo", table, startLsn: NO_LSN, columns };
}

async function table(name: string): Promise<void> {
  await lab.run(`CREATE TABLE dbo.${name} (Id int NOT NULL PRIMARY KEY, Name nvarchar(20), Note nvarchar(max))`);
  await lab.capture(name);
}

/** Lines as records, without what differs from run to run. */
async function copied(
  name: string,
  shape = SHAPE,
  how: Partial<ChangeCopy> & { readonly write?: () => Promise<void> } = {},
): Promise<{ lines: Record<string, string>[]; found: CopiedChanges; text: string }> {
  const chunks: Buffer[] = [];
  const copy = { shape, origin: "nightly", instance: instance(name), after: NO_LSN, upTo: END, ...how };
  const found = await copyChanges(lab.config, copy, (chunk) => {
    chunks.push(chunk);
    return how.write?.();
  });
  const text = Buffer.concat(chunks).toString();
  const names = stagingColumnsOf(shape);
  const lines = text
    .split("\n")
    .slice(0, -1)
    .map((line) => Object.fromEntries(line.split("\t").map((value, index) => [names[index] ?? "?", value])));
  return { lines, found, text };
}

function values(lines: readonly Record<string, string>[], ...names: string[]): string[] {
  return lines.map((line) => names.map((name) => line[name] ?? "?").join("|"));
}

const DATA = ["__cdc_operation", "Id", "name", "note", "added", "__cdc_unchanged"] as const;

test("inserts, updates and deletes become lines in the order of the log", async () => {
  await table("plain");
  await lab.run("INSERT dbo.plain VALUES (1, N'a\tb', N'long'), (2, NULL, NULL)");
  await lab.run("UPDATE dbo.plain SET Name = N'c' WHERE Id = 1");
  await lab.run("UPDATE dbo.plain SET Note = N'other' WHERE Id = 1");
  await lab.run("DELETE dbo.plain WHERE Id = 2");
  await lab.captured();
  const { lines, found, text } = await copied("plain");
  expect(values(lines, ...DATA)).toEqual([
    "Insert|1|a\\tb|long|\\N|\\N",
    "Insert|2|\\N|\\N|\\N|\\N",
    'Update|1|c|\\N|\\N|{"note","added"}',
    'Update|1|c|other|\\N|{"added"}',
    "Delete|2|\\N|\\N|\\N|\\N",
  ]);
  expect(found).toMatchObject({ rows: 5, events: 5, transactions: 4, bytes: Buffer.byteLength(text) });
  const positions = lines.map((line) => line["__cdc_position"] ?? "");
  expect(positions.toSorted()).toEqual(positions);
  expect(positions.at(-1)?.slice(3, 23)).toBe(found.lastLsn);
});

test("metadata says where a row comes from, and when it was committed", async () => {
  await table("meta");
  const before = Date.now();
  await lab.run("INSERT dbo.meta VALUES (1, N'a', NULL)");
  await lab.captured();
  const { lines } = await copied("meta");
  expect(values(lines, "_customer_id", "__source", "__source_db", "__source_table")).toEqual([
    "c\\\\1|nightly|Clinic|dbo.Visit",
  ]);
  const ms = Number(lines[0]?.["__source_ts_ms"]);
  expect(Math.abs(ms - before)).toBeLessThan(60_000);
});

test("an update of the key is a delete of the old one and the whole row under the new one", async () => {
  await table("moved");
  await lab.run("INSERT dbo.moved VALUES (1, N'a', N'kept')");
  await lab.run("UPDATE dbo.moved SET Id = 7, Name = N'b' WHERE Id = 1");
  await lab.captured();
  const { lines } = await copied("moved");
  const last = lines.slice(1).map((line) => values([line], ...DATA)[0]);
  expect(last).toHaveLength(2);
  expect(last[0]).toBe("Delete|1|\\N|\\N|\\N|\\N");
  expect(last[1]).toMatch(/\|7\|b\|/);
});

test("rows that cannot be staged ask for careful mode", async () => {
  await table("long");
  await lab.run("INSERT dbo.long VALUES (1, N'eleven char', NULL)");
  await lab.captured();
  await expect(copied("long")).rejects.toThrow(CarefulNeeded);
});

test("a capture instance that is gone is told by its name", async () => {
  await expect(copied("nowhere")).rejects.toMatchObject({ code: "CDC_SOURCE_NO_INSTANCE" });
});

test("the driver's own parser gives the same lines, saying why it is asked", async () => {
  await table("slow");
  await lab.run("INSERT dbo.slow VALUES (1, N'a', N'long'), (2, NULL, NULL)");
  await lab.run("UPDATE dbo.slow SET Name = N'b' WHERE Id = 1");
  await lab.run("DELETE dbo.slow WHERE Id = 2");
  await lab.captured();
  const reasons: string[] = [];
  const options = { plain: true, onPlain: (reason: string) => reasons.push(reason) };
  const [fast, slow] = [await copied("slow"), await copied("slow", SHAPE, options)];
  expect(slow).toEqual(fast);
  expect(fast.lines).toHaveLength(4);
  expect(reasons).toEqual(["asked for"]);
});

test("what the writer throws ends the reading, and the connection is of use again", async () => {
  await table("filled");
  await lab.run("INSERT dbo.filled VALUES (1, N'a', NULL)");
  await lab.captured();
  const failing = { write: () => Promise.reject(new Error("no room")) };
  await expect(copied("filled", SHAPE, failing)).rejects.toThrow("no room");
  expect((await copied("filled")).lines).toHaveLength(1);
});

test("an update with one image is an error, never a guess", async () => {
  await table("torn");
  await lab.run("INSERT dbo.torn VALUES (1, N'a', NULL)");
  await lab.run("UPDATE dbo.torn SET Name = N'b'");
  await lab.run("UPDATE dbo.torn SET Name = N'c'");
  await lab.captured();
  await lab.run("DELETE cdc.dbo_torn_CT WHERE __$operation = 4 AND Name = N'c'");
  await expect(copied("torn")).rejects.toMatchObject({ code: "CDC_SOURCE_CHANGES_BROKEN" });
  await lab.run("DELETE cdc.dbo_torn_CT WHERE __$operation = 3 AND Name = N'a'");
  await expect(copied("torn")).rejects.toMatchObject({ code: "CDC_SOURCE_CHANGES_BROKEN" });
});
