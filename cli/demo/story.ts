import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PgConfig } from "../../databases/postgres/config";
import { table } from "../print/table";
import type { DemoDatabase } from "./database";
import type { Narrator } from "./narrator";
import { addColumn } from "./workspace";

/** What the story is played with. */
export interface Stage {
  readonly narrator: Narrator;
  readonly database: DemoDatabase;
  /** The server's own database, to make ours from. */
  readonly server: PgConfig;
  /** The copy of the example. */
  readonly directory: string;
}

const PATIENTS = ["PatientNo", "Name", "Balance", "Consent", "__cdc_operation"];
const CLINICS = ["fjord", "skog", "elv"];

/** The demo up to the point where everything is deployed and loaded. Answers the objects that were there first. */
export async function build(stage: Stage): Promise<readonly string[]> {
  const { narrator, database } = stage;
  await narrator.step("A project: three clinics, a SQL Server database each, one PostgreSQL for all", async () => {
    await database.prepare(stage.server, readFileSync(join(stage.directory, "prepare.sql"), "utf8"));
    narrator.say("The reporting team's table treatment_code is there already, in each clinic's schema.");
    await narrator.cdc(["validate"]);
  });
  const before = await database.objects();
  await narrator.step("Preview: everything that would be made", async () => {
    const { stdout } = await narrator.cdc(["preview"]);
    const counts = "3 schemas, 15 tables, 15 staging tables, 15 merge procedures";
    narrator.check(`it shows ${counts}`, stdout.includes(`to create: 1 management schema, ${counts}`));
    narrator.check("and nothing was made", same(before, await database.objects()));
  });
  await narrator.step("Up: PostgreSQL gets it", async () => {
    await narrator.cdc(["up", "--yes"], { show: "end" });
    const made = await database.objects();
    narrator.check("12 tables, 15 staging tables and 15 merge procedures are there", countMade(before, made) === 42);
    const { stdout } = await narrator.cdc(["preview"], { show: "end" });
    narrator.check("a second preview has nothing to do", stdout.includes("no changes"));
  });
  await narrator.step("Load: what SQL Server captured, as change events", () => load(stage));
  return before;
}

/** A column is added; then all goes. `before`: the objects that were there first. */
export async function changeAndLeave(stage: Stage, before: readonly string[]): Promise<void> {
  await changeColumn(stage);
  const { narrator, database } = stage;
  await narrator.step("Destroy: all of it goes, the reporting team's tables stay", async () => {
    await narrator.cdc(["destroy", "--yes"], { show: "end" });
    const left = await database.objects();
    narrator.check("the catalogue is as it was before the first up", same(left, before));
  });
}

async function load({ narrator, database }: Stage): Promise<void> {
  for (const clinic of CLINICS) await narrator.cdc(["load", `changes/${clinic}.ndjson`], { show: "start" });
  const patients = await database.rows("fjord", "Patient", PATIENTS);
  narrator.say(`fjord."Patient":\n${table(PATIENTS, patients)}`);
  narrator.check(
    "patient 1003, inserted and deleted, is gone",
    patients.every(([number]) => number !== "1003"),
  );
  const { stdout } = await narrator.cdc(["dead-letters", "list"]);
  narrator.check('the visit of "twenty" minutes waits among the dead letters', stdout.includes("twenty"));
  const rows = await database.fingerprint();
  narrator.say("The same events again:");
  for (const clinic of CLINICS) await narrator.cdc(["load", `changes/${clinic}.ndjson`], { show: "start" });
  narrator.check("no row was written a second time", rows === (await database.fingerprint()));
}

async function changeColumn({ narrator, database, directory }: Stage): Promise<void> {
  await narrator.step("A column is added to dbo.Patient, in the YAML", async () => {
    const file = join("services", "_schemas", "clinic", "dbo", "Patient.yaml");
    addColumn(join(directory, file), ["- name: Phone", "  type: nvarchar(30)", "  nullable: true"]);
    narrator.say(`${file} says:   - { name: Phone, type: nvarchar(30), nullable: true }`);
    const { stdout } = await narrator.cdc(["preview"]);
    const tables = stdout.split("\n").filter((line) => /COLUMN_|TABLE_/.test(line));
    narrator.check(
      "the preview shows just that column, in each of the three tables",
      tables.length === 3 && tables.every((line) => line.includes("column Phone varchar(30) is added")),
    );
    await narrator.cdc(["up", "--yes"], { show: "end" });
    const found = await Promise.all(CLINICS.map((clinic) => database.columns(clinic, "Patient")));
    narrator.check(
      "the column is there",
      found.every((columns) => columns.includes("Phone")),
    );
    await loadPhone(directory, narrator);
    const phones = await database.rows("fjord", "Patient", ["PatientNo", "Phone"]);
    narrator.check(
      "and new events fill it",
      phones.some(([, phone]) => phone === "+47 22 00 00 00"),
    );
  });
  await narrator.step("How is it doing?", async () => {
    await narrator.cdc(["status"], { expect: 3 });
    narrator.say("Exit code 3: somebody should look at the dead letter.");
  });
}

/** Loads an update of a patient that carries the new column. */
async function loadPhone(directory: string, narrator: Narrator): Promise<void> {
  const data = { PatientNo: 1001, Phone: "+47 22 00 00 00" };
  const metadata = {
    TableName: "Patient",
    OperationType: "Update",
    LSN: "00002c00000149000001",
    Schema: "dbo",
    Tenant: "fjord",
  };
  writeFileSync(join(directory, "changes", "phone.ndjson"), `${JSON.stringify({ data, metadata })}\n`);
  await narrator.cdc(["load", "changes/phone.ndjson"], { show: "start" });
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.join("\n") === other.join("\n");
}

/** Tables and procedures of the clinics that are new. */
function countMade(before: readonly string[], after: readonly string[]): number {
  const known = new Set(before);
  return after.filter((object) => /^[rp] (fjord|skog|elv)\./.test(object) && !known.has(object)).length;
}
