import { NO_LSN, type Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { ReplayedTable } from "../../test/harness/replayed-table";
import { sourceShape } from "../../test/harness/source-shape";
import type { ChangeEvent } from "../copy/text-changes";
import { CaptureReader } from "./capture-reader";
import { mergeOrdered } from "./merge-ordered";
import { readChangeEnvelopes, readChangePages } from "./read-change-envelopes";

let lab: CaptureLab;
beforeAll(async () => {
  lab = await openCaptureLab();
});
afterAll(() => lab.close());

const TYPES = { id: "integer", name: "text", note: "text" };

/** A captured table with a key, a name and a note. */
async function table(name: string): Promise<TableShape> {
  await lab.run(`CREATE TABLE dbo.${name} (id int NOT NULL PRIMARY KEY, name nvarchar(20), note nvarchar(max))`);
  await lab.capture(name);
  return sourceShape(name, TYPES);
}

/** All that was captured of tables, in the order of the log. */
async function changesOf(...shapes: readonly TableShape[]): Promise<ChangeEvent[]> {
  await lab.captured();
  const { instances, maxLsn: upTo = NO_LSN } = await new CaptureReader(lab.config, lab).poll(undefined, undefined, 1);
  const inputs = shapes.map((shape) => {
    const instance = instances.find((one) => one.table === shape.source.table);
    if (instance === undefined) throw new Error(`${shape.source.table} isn't captured`);
    return shapes.length > 1
      ? readChangePages(lab.config, { shape, instance, after: NO_LSN, upTo })
      : readChangeEnvelopes(lab.config, { shape, instance, after: NO_LSN, upTo });
  });
  const events: ChangeEvent[] = [];
  for await (const batch of mergeOrdered(inputs)) events.push(...batch.events);
  return events;
}

/** An event in short: `Update t 1:b`, with `|` in front of the first one of a transaction. */
function told(events: readonly ChangeEvent[]): string {
  let last = "";
  const parts = events.map(({ envelope: { data, metadata } }) => {
    const isNext = metadata.LSN !== last;
    last = metadata.LSN;
    const row = `${String(data["id"])}:${String(data["name"])}`;
    return `${isNext ? "| " : ""}${metadata.OperationType} ${metadata.TableName} ${row}`;
  });
  return parts.join(" ").replace(/^\| /, "");
}

function replayed(events: readonly ChangeEvent[]): Record<string, string> {
  const rows = new ReplayedTable();
  for (const { envelope } of events) rows.apply(envelope);
  return Object.fromEntries(Array.from(rows.rows.values(), ({ id, name }) => [String(id), String(name)]));
}

describe("what an envelope says", () => {
  test("an insert has the row, a delete the row that was, an update both", async () => {
    const shape = await table("plain");
    await lab.run("INSERT dbo.plain VALUES (1, N'a', N'n')");
    await lab.run("UPDATE dbo.plain SET name = N'b'");
    await lab.run("DELETE dbo.plain");
    const events = await changesOf({ ...shape, source: { ...shape.source, database: "Clinic" }, tenant: "avansas" });
    const metadata = { TableName: "plain", Schema: "dbo", Database: "Clinic", Tenant: "avansas" };
    expect(events.map(({ envelope }) => envelope)).toMatchObject([
      { data: { id: "1", name: "a", note: "n" }, metadata: { ...metadata, OperationType: "Insert" } },
      {
        data: { id: "1", name: "b" },
        metadata: { ...metadata, OperationType: "Update", Before: { id: "1", name: "a" } },
      },
      { data: { id: "1", name: "b", note: "n" }, metadata: { ...metadata, OperationType: "Delete" } },
    ]);
    for (const { envelope, position } of events) {
      expect(envelope.metadata).toMatchObject({ Position: position, LSN: position.slice(0, 20) });
      expect(Date.now() - Date.parse(envelope.metadata.CommitTime ?? "")).toBeLessThan(60_000);
    }
  });

  test("the mask tells a large value that is unchanged from one that became NULL", async () => {
    const shape = await table("large");
    await lab.run("INSERT dbo.large VALUES (1, N'a', N'long')");
    await lab.run("UPDATE dbo.large SET name = N'b'");
    await lab.run("UPDATE dbo.large SET note = NULL");
    const [, unchanged, cleared] = (await changesOf(shape)).map(({ envelope }) => envelope);
    expect(unchanged?.data).toEqual({ id: "1", name: "b" });
    expect(unchanged?.metadata.Before).toEqual({ id: "1", name: "a" });
    expect(cleared?.data).toEqual({ id: "1", name: "b", note: null });
    expect(cleared?.metadata.Before).toEqual({ id: "1", name: "b", note: "long" });
  });

  test("text, ntext and image, which deletes and images before don't have, are left out of them", async () => {
    await lab.run("CREATE TABLE dbo.old_lobs (id int PRIMARY KEY, name nvarchar(20), t text, n ntext, i image)");
    await lab.capture("old_lobs");
    const shape = sourceShape("old_lobs", { id: "integer", name: "text", t: "text", n: "text", i: "bytea" });
    await lab.run("INSERT dbo.old_lobs VALUES (1, N'a', 't', N'n', 0x01)");
    await lab.run("UPDATE dbo.old_lobs SET name = N'b'");
    await lab.run("UPDATE dbo.old_lobs SET t = 'u'");
    await lab.run("DELETE dbo.old_lobs");
    const events = (await changesOf(shape)).map(({ envelope }) => envelope);
    expect(events.map(({ data }) => data)).toEqual([
      { id: "1", name: "a", t: "t", n: "n", i: "0x01" },
      { id: "1", name: "b" },
      { id: "1", name: "b", t: "u" },
      { id: "1", name: "b" },
    ]);
    expect(events[2]?.metadata.Before).toEqual({ id: "1", name: "b" });
  });

  test("with more than eight columns the mask is read from its end", async () => {
    const names = Array.from({ length: 19 }, (_, index) => `c${String(index)}`);
    await lab.run(
      `CREATE TABLE dbo.wide (id int PRIMARY KEY, ${names.map((name) => `${name} varchar(max)`).join(", ")})`,
    );
    await lab.capture("wide");
    const types = Object.fromEntries(names.map((name) => [name, "text"]));
    await lab.run(`INSERT dbo.wide VALUES (1, ${names.map(() => "'x'").join(", ")})`);
    for (const name of names) await lab.run(`UPDATE dbo.wide SET ${name} = NULL`);
    const [, ...updates] = await changesOf(sourceShape("wide", { id: "integer", ...types }));
    expect(updates.map(({ envelope }) => envelope.data)).toEqual(names.map((name) => ({ id: "1", [name]: null })));
  });
});

describe("the order of the log", () => {
  test("one key that is updated is a delete and an insert: equal LSN and seqval, told apart by the command", async () => {
    const shape = await table("single_key");
    await lab.run("INSERT dbo.single_key (id, name) VALUES (1, N'a')");
    await lab.run("UPDATE dbo.single_key SET id = 2");
    const events = await changesOf(shape);
    expect(told(events)).toBe("Insert single_key 1:a | Delete single_key 1:a Insert single_key 2:a");
    const [gone, come] = events.slice(1).map(({ position }) => position);
    expect(gone?.slice(28, 48)).toBe(come?.slice(28, 48));
    expect(gone?.slice(20, 28)).not.toBe(come?.slice(20, 28));
  });

  test("many keys that are updated in one statement: every delete comes before the inserts", async () => {
    const shape = await table("bulk_key");
    await lab.run("INSERT dbo.bulk_key (id, name) VALUES (1, N'a'), (2, N'b'), (3, N'c')");
    await lab.run("UPDATE dbo.bulk_key SET id = id + 1");
    const events = await changesOf(shape);
    expect(replayed(events)).toEqual({ 2: "a", 3: "b", 4: "c" });
    expect(
      told(events.slice(3))
        .match(/Delete|Insert/g)
        ?.join(" "),
    ).toBe("Delete Delete Delete Insert Insert Insert");
  });

  test("unique keys that swap their values in one statement", async () => {
    await lab.run("CREATE TABLE dbo.swap (id int PRIMARY KEY, name nvarchar(20) NOT NULL UNIQUE)");
    await lab.capture("swap");
    await lab.run("INSERT dbo.swap VALUES (1, N'a'), (2, N'b')");
    await lab.run("UPDATE dbo.swap SET name = CASE name WHEN N'a' THEN N'b' ELSE N'a' END");
    await lab.run("UPDATE dbo.swap SET id = 3 - id");
    expect(replayed(await changesOf(sourceShape("swap", { id: "integer", name: "text" })))).toEqual({ 1: "a", 2: "b" });
  });

  test("the same key many times in one transaction", async () => {
    const shape = await table("again");
    await lab.run(
      "BEGIN TRAN; INSERT dbo.again (id, name) VALUES (1, N'a'); UPDATE dbo.again SET name = N'b'; DELETE dbo.again; INSERT dbo.again (id, name) VALUES (1, N'c'); UPDATE dbo.again SET name = N'd'; COMMIT",
    );
    const events = await changesOf(shape);
    expect(told(events)).toBe("Insert again 1:a Update again 1:b Delete again 1:b Insert again 1:c Update again 1:d");
    expect(replayed(events)).toEqual({ 1: "d" });
  });

  test("one transaction over many tables stays whole, in its own order, between its neighbours", async () => {
    const shapes = [await table("over_a"), await table("over_b"), await table("over_c")];
    await lab.run("INSERT dbo.over_c (id) VALUES (0)");
    await lab.run(
      "BEGIN TRAN; INSERT dbo.over_b (id) VALUES (1); INSERT dbo.over_a (id) VALUES (1); INSERT dbo.over_c (id) VALUES (1); DELETE dbo.over_a; INSERT dbo.over_b (id) VALUES (2); COMMIT",
    );
    await lab.run("INSERT dbo.over_a (id) VALUES (3)");
    expect(told(await changesOf(...shapes)).replace(/:null/g, "")).toBe(
      "Insert over_c 0 | Insert over_b 1 Insert over_a 1 Insert over_c 1 Delete over_a 1 Insert over_b 2 | Insert over_a 3",
    );
  });

  test("rows of one statement with one seqval each keep the order of their commands", async () => {
    const shape = await table("many_rows");
    await lab.run(
      `INSERT dbo.many_rows (id, name) VALUES ${Array.from({ length: 300 }, (_, id) => `(${String(id)}, N'${String(id)}')`).join(", ")}`,
    );
    await lab.run("UPDATE dbo.many_rows SET id = 299 - id");
    const positions = (await changesOf(shape)).map(({ position }) => position);
    expect(positions).toEqual([...positions].sort());
    expect(new Set(positions).size).toBe(positions.length);
    const rows = replayed(await changesOf(shape));
    expect(Object.entries(rows).every(([id, name]) => Number(id) === 299 - Number(name))).toBe(true);
  });
});

describe("reading in pages", () => {
  test.each([1, 2, 3, 7, 1_000])("pages of %d rows give the same events as one statement", async (rows) => {
    const shape = await table(`pages_${String(rows)}`);
    const name = `dbo.${shape.source.table}`;
    await lab.run(`INSERT ${name} (id, name) VALUES (1, N'a'), (2, N'b'), (3, N'c')`);
    await lab.run(`BEGIN TRAN; UPDATE ${name} SET id = 4 - id; UPDATE ${name} SET name = N'd'; COMMIT`);
    await lab.run(`DELETE ${name} WHERE id > 1`);
    const wanted = await changesOf(shape);
    const { instances, maxLsn: upTo = NO_LSN } = await new CaptureReader(lab.config, lab).poll(undefined, undefined, 1);
    const instance = instances.find((one) => one.table === shape.source.table);
    if (instance === undefined) throw new Error("not captured");
    const events: ChangeEvent[] = [];
    for await (const page of readChangePages(lab.config, { shape, instance, after: NO_LSN, upTo }, rows))
      events.push(...page);
    expect(events).toEqual(wanted);
    expect(events).toHaveLength(12);
  });

  test("more tables than a database has connections are merged", async () => {
    const shapes = [];
    for (let number = 0; number < 9; number += 1) shapes.push(await table(`side_${String(number)}`));
    for (const shape of [...shapes].reverse()) await lab.run(`INSERT dbo.${shape.source.table} (id) VALUES (1)`);
    const names = (await changesOf(...shapes)).map(({ envelope }) => envelope.metadata.TableName);
    expect(names).toEqual(shapes.map(({ source }) => source.table).reverse());
  });
});

describe("instances that go or are closed", () => {
  test("one that was dropped is named, and what brings it back", async () => {
    const shape = await table("gone");
    const { instances } = await new CaptureReader(lab.config, lab).poll(undefined, undefined, 1);
    const instance = instances.find(({ name }) => name === "dbo_gone");
    if (instance === undefined) throw new Error("not captured");
    await lab.run("EXEC sys.sp_cdc_disable_table N'dbo', N'gone', N'dbo_gone'");
    const range = { shape, instance, after: NO_LSN, upTo: "ff".repeat(10) as Lsn };
    await expect(readChangeEnvelopes(lab.config, range).next()).rejects.toMatchObject({
      code: "CDC_SOURCE_NO_INSTANCE",
      message: `capture instance dbo_gone is not in database ${lab.database}`,
      hint: expect.stringContaining("cdc manage-migrations enable-cdc") as string,
    });
  });

  test("one that the login may not read is named with what to grant", async () => {
    const { standIn } = lab.server;
    if (standIn === undefined) return;
    const shape = await table("closed");
    await lab.run("INSERT dbo.closed (id) VALUES (1)");
    standIn.control.denySelect(lab.database, "cdc", "dbo_closed_CT");
    await expect(changesOf(shape)).rejects.toMatchObject({
      code: "CDC_MSSQL_PERMISSION",
      message: expect.stringContaining("may not read change table cdc.dbo_closed_CT") as string,
      hint: expect.stringContaining("GRANT SELECT ON SCHEMA::cdc") as string,
    });
  });
});
