import { NO_LSN, previousLsn, type Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { openCaptureLab, type CaptureLab } from "../../test/harness/capture-lab";
import { sourceShape } from "../../test/harness/source-shape";
import { CaptureReader } from "./capture-reader";
import { driftOf, type Drift } from "./drift";
import { instanceFor } from "./instance-for";
import { readChangeEnvelopes } from "./read-change-envelopes";

let lab: CaptureLab;
beforeAll(async () => {
  lab = await openCaptureLab();
});
afterAll(() => lab.close());

const TYPES = { id: "integer", name: "varchar(20)", amount: "numeric(8,2)", note: "text" };

/** A captured table, and its shape with those types or others. */
async function table(name: string, types: Readonly<Record<string, string>> = {}): Promise<TableShape> {
  await lab.run(
    `CREATE TABLE dbo.${name} (id int NOT NULL PRIMARY KEY, name nvarchar(20), amount decimal(8,2), note nvarchar(max), twice AS id * 2)`,
  );
  await lab.capture(name);
  return sourceShape(name, { ...TYPES, ...types });
}

async function look(shape: TableShape) {
  await lab.captured();
  const { instances, ddl, maxLsn } = await new CaptureReader(lab.config, lab).poll(undefined, undefined, 1);
  const [instance, second] = instances.filter(({ table: name }) => name === shape.source.table);
  if (instance === undefined) throw new Error("not captured");
  const lsn = ddl.filter(({ table: name }) => name === shape.source.table).at(-1)?.lsn;
  return { instances, instance, second, ddl, lsn, maxLsn: maxLsn ?? NO_LSN };
}

/** What changed after the beginning of the log, and up to the last change of the definition. */
async function drift(shape: TableShape): Promise<Drift & { readonly lsn: Lsn | undefined }> {
  const { instance, ddl, lsn } = await look(shape);
  return { ...driftOf(shape, instance, ddl, NO_LSN), lsn };
}

const warning = (message: string): object => expect.objectContaining({ code: "CDC_SOURCE_DRIFT", message }) as object;
const stopped = (text: string): object => ({
  code: "CDC_SOURCE_DRIFT",
  message: expect.stringContaining(text) as string,
  hint: expect.stringContaining("--inspect --save") as string,
});

test("a table that is as it was deployed has not drifted", async () => {
  expect(await drift(await table("calm", { twice: "integer" }))).toEqual({ warnings: [] });
});

test("an added column is told and stops nothing", async () => {
  const shape = await table("grown");
  await lab.run("ALTER TABLE dbo.grown ADD extra int, more AS id + 1");
  const { stop, warnings } = await drift(shape);
  expect(stop).toBeUndefined();
  expect(warnings).toEqual([warning("dbo.grown: column extra is new, and isn't read yet")]);
  const taken = sourceShape("grown", { ...TYPES, extra: "integer" });
  const { instances, instance, ddl, maxLsn } = await look(taken);
  expect(driftOf(taken, instance, ddl, NO_LSN)).toEqual({ warnings: [] });
  expect(instanceFor(taken, instances, maxLsn)).toMatchObject({ code: "CDC_SOURCE_NO_INSTANCE" });
});

test("a dropped column stops the table right before the drop, and no table that doesn't take it", async () => {
  const shape = await table("cut");
  await lab.run("INSERT dbo.cut VALUES (1, N'a', 1, N'n')");
  await lab.run("ALTER TABLE dbo.cut DROP COLUMN amount");
  await lab.run("INSERT dbo.cut VALUES (2, N'b', N'n')");
  const { stop, lsn } = await drift(shape);
  expect(stop).toMatchObject({ at: lsn, problem: stopped("column amount was dropped") });
  const { instance, maxLsn } = await look(shape);
  const range = { shape, instance, after: NO_LSN, upTo: previousLsn(lsn ?? NO_LSN) };
  for await (const batch of readChangeEnvelopes(lab.config, range))
    expect(batch.map(({ envelope }) => envelope.data["amount"])).toEqual(["1.00"]);
  const { amount: _gone, ...types } = TYPES;
  expect((await drift(sourceShape("cut", types))).stop).toBeUndefined();
  const { ddl } = await look(shape);
  expect(driftOf(shape, instance, ddl, maxLsn).stop).toMatchObject({ problem: stopped("amount was dropped") });
  expect(driftOf(shape, instance, ddl, maxLsn).stop?.at).toBeUndefined();
});

test("a column that was renamed before it was dropped stops the table where it is", async () => {
  const shape = await table("cut_later");
  await lab.run("EXEC sp_rename 'dbo.cut_later.amount', 'sum', 'COLUMN'");
  await lab.run("ALTER TABLE dbo.cut_later DROP COLUMN [sum]");
  await lab.run("ALTER TABLE dbo.cut_later DROP COLUMN note");
  const { stop } = await drift(shape);
  expect(stop?.problem).toMatchObject(stopped("column note was dropped"));
  expect(stop?.problem).toMatchObject(stopped("column amount was dropped"));
  expect(stop?.at).toBeUndefined();
});

test("a column that was dropped and made anew goes on with a second instance", async () => {
  const shape = await table("anew");
  await lab.run("ALTER TABLE dbo.anew DROP COLUMN amount");
  await lab.run("ALTER TABLE dbo.anew ADD amount decimal(8,2)");
  expect((await drift(shape)).stop?.problem).toMatchObject(stopped("column amount was dropped"));
  await lab.capture("anew", "anew_2");
  const { instances, instance, second, ddl } = await look(shape);
  expect(instanceFor(shape, instances, instance.startLsn, { instance: "dbo_anew" })).toEqual({
    use: instance,
    next: second,
  });
  expect(driftOf(shape, instance, ddl, NO_LSN, second).stop).toBeUndefined();
});

test.each([
  ["wider", "amount decimal(8,2) NOT NULL", {}, undefined],
  ["name_wider", "name nvarchar(40)", {}, "column name became nvarchar(40), and name is varchar(20) in the sink"],
  ["name_narrower", "name nvarchar(10)", {}, undefined],
  ["name_text", "name nvarchar(max)", { name: "text" }, undefined],
  ["more_digits", "amount decimal(12,2)", {}, "amount became decimal(12,2), and amount is numeric(8,2) in the sink"],
  ["roomy", "amount decimal(12,2)", { amount: "numeric(20,4)" }, undefined],
  ["other_kind", "amount nvarchar(20)", {}, "amount became nvarchar(20), and amount is numeric(8,2)"],
])("an altered column of %s: %s", async (name, definition, types, expected) => {
  const shape = await table(name, types);
  await lab.run(`ALTER TABLE dbo.${name} ALTER COLUMN ${definition}`);
  const { stop, lsn } = await drift(shape);
  if (expected === undefined) expect(stop).toBeUndefined();
  else expect(stop).toMatchObject({ at: lsn, problem: stopped(expected) });
  const { instance, ddl } = await look(shape);
  expect(driftOf(shape, instance, ddl, lsn ?? NO_LSN).stop).toBeUndefined();
});

test("a renamed column is read on under its old name, with a warning until it is taken over", async () => {
  const shape = await table("renamed");
  await lab.run("EXEC sp_rename 'dbo.renamed.name', 'title', 'COLUMN'");
  await lab.run("INSERT dbo.renamed (id, title) VALUES (1, N'a')");
  const { stop, warnings } = await drift(shape);
  expect({ stop, warnings }).toEqual({
    stop: undefined,
    warnings: [warning("dbo.renamed: column name is title now, and is read on under its old name")],
  });
  const { name: type, ...types } = TYPES;
  const taken = sourceShape("renamed", { ...types, title: type });
  const { instance, ddl, maxLsn: upTo } = await look(taken);
  expect(driftOf(taken, instance, ddl, NO_LSN)).toEqual({ warnings: [] });
  for await (const batch of readChangeEnvelopes(lab.config, { shape: taken, instance, after: NO_LSN, upTo }))
    expect(batch.map(({ envelope }) => envelope.data)).toMatchObject([{ id: "1", title: "a" }]);
});

test("names that were swapped can't be told apart", async () => {
  const shape = await table("swapped");
  for (const [from, to] of [
    ["name", "x"],
    ["note", "name"],
    ["x", "note"],
  ])
    await lab.run(`EXEC sp_rename 'dbo.swapped.${String(from)}', '${String(to)}', 'COLUMN'`);
  expect((await drift(shape)).stop?.problem).toMatchObject(stopped("column name was renamed, and another column has"));
});

test("a renamed table is read on through the instance by which it was read", async () => {
  const shape = await table("before");
  await lab.run("EXEC sp_rename 'dbo.before', 'after'");
  const { instances, ddl } = await new CaptureReader(lab.config, lab).poll(undefined, undefined, 1);
  const chosen = instanceFor(shape, instances, "ff".repeat(10) as Lsn, { instance: "dbo_before" });
  if (!("use" in chosen)) throw new Error(chosen.message);
  expect(driftOf(shape, chosen.use, ddl, NO_LSN)).toEqual({
    warnings: [warning("dbo.before: the table is dbo.after now, and is read on under its old name")],
  });
});

test("a table that was dropped, and one whose capture was turned off, have no instance; the others go on", async () => {
  const [dropped, off, stays] = [await table("dropped"), await table("turned_off"), await table("stays")];
  await lab.run("DROP TABLE dbo.dropped");
  await lab.run("EXEC sys.sp_cdc_disable_table N'dbo', N'turned_off', N'dbo_turned_off'");
  const { instances, maxLsn } = await look(stays);
  const codes = [dropped, off, stays].map((shape) => {
    const chosen = instanceFor(shape, instances, maxLsn, { instance: `dbo_${shape.table}` });
    return "use" in chosen ? chosen.use.name : chosen.code;
  });
  expect(codes).toEqual(["CDC_SOURCE_NO_INSTANCE", "CDC_SOURCE_NO_INSTANCE", "dbo_stays"]);
});

test("a column that may be NULL from now on stops the table when the sink's must not be, before a row is refused", async () => {
  await lab.run("CREATE TABLE dbo.relaxed (id int NOT NULL PRIMARY KEY, name varchar(20) NOT NULL, n int NOT NULL)");
  await lab.capture("relaxed");
  const nullable = sourceShape("relaxed", { id: "integer", name: "varchar(20)", n: "integer" });
  const shape = { ...nullable, columns: nullable.columns.map((column) => ({ ...column, nullable: false })) };
  await lab.run("ALTER TABLE dbo.relaxed ALTER COLUMN n int NOT NULL");
  expect((await drift(shape)).stop).toBeUndefined();
  await lab.run("ALTER TABLE dbo.relaxed ALTER COLUMN name varchar(20) NULL");
  const { stop, lsn } = await drift(shape);
  expect(stop).toMatchObject({
    at: lsn,
    problem: stopped("column name may be NULL now, and name is NOT NULL in the sink"),
  });
  expect((await drift(nullable)).stop).toBeUndefined();
  // How it is now says what a command leaves open.
  await lab.run("ALTER TABLE dbo.relaxed ALTER COLUMN n bigint");
  expect((await drift(shape)).stop?.problem).toMatchObject(stopped("column n may be NULL now"));
});
