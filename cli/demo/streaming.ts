import { table } from "../print/table";
import type { Stage } from "./stage";
import { DemoRunner, until } from "./runner";

const PATIENTS = ["PatientNo", "Name", "Email", "Balance", "Consent", "Journal"];
const DATABASES = ["Clinic_Fjord_Dev", "Clinic_Skog_Dev", "Clinic_Elv_Dev"];
const CLINICS = ["fjord", "skog", "elv"];

/** The stream starts, and rows change while it runs. */
export async function stream({ narrator, database, source, directory }: Stage): Promise<DemoRunner> {
  const runner = await narrator.step("Run: a process that copies what is there, and streams every change", async () => {
    narrator.say("$ cdc run -s dev &");
    const started = DemoRunner.start(directory);
    const copied = await until(async () => {
      const patients = await Promise.all(CLINICS.map((clinic) => database.count(clinic, "Patient")));
      return patients.join() === "3,1,1" && (await database.count("fjord", "VisitLine")) === 3;
    });
    narrator.check("the patients of all three clinics are there, and the visits of fjord", copied);
    return started;
  });
  await narrator.step("A morning at the clinics: rows change in SQL Server", async () => {
    await source.run(directory, "changes.sql");
    const patients = () => database.rows("fjord", "Patient", PATIENTS);
    const arrived = async () =>
      (await patients()).length === 2 && (await database.count("elv", "Patient", NEW_NAME)) === 1;
    const isThere = await until(arrived);
    const rows = await patients();
    narrator.say(`fjord."Patient":\n${table(PATIENTS, rows)}`);
    narrator.check("they arrive: patient 1003 is gone, 1001 has another address", isThere && rows.some(hasNewAddress));
    narrator.check("what the update didn't touch is still there", rows.some(hasJournal));
    const marked = await until(async () => (await database.count("fjord", "VisitLine", DELETED)) === 1);
    narrator.check("the deleted visit line stays, marked", marked);
  });
  return runner;
}

const NEW_NAME = { column: "Name", value: "Kari Nordmann-Lien" };
const DELETED = { column: "__cdc_operation", value: "delete" };
const hasNewAddress = (row: readonly string[]) => row[2] === "ase.brekke@mail.example";
const hasJournal = (row: readonly string[]) => row[0] === "1001" && row[5] === "Known since 2012.";

const CHANGES_PER_SECOND = 10_000;
const KILLED_AFTER_ROWS = 2000;

/** The process is killed in the middle of many changes; another one goes on. */
export async function crash({ narrator, database, source, directory }: Stage, runner: DemoRunner): Promise<DemoRunner> {
  return narrator.step("kill -9, in the middle of many changes", async () => {
    const feed = source.server.control.feed("Clinic_Fjord_Dev", {
      tables: ["dbo.Patient"],
      mix: { insert: 6, update: 4, delete: 0 },
    });
    feed.start(CHANGES_PER_SECOND);
    const some = await until(async () => (await database.count("fjord", "Patient")) > KILLED_AFTER_ROWS);
    await runner.kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    feed.stop();
    const rows = await database.count("fjord", "Patient");
    narrator.say(`${String(feed.changes)} changes were made; ${String(rows)} patients had arrived when it died.`);
    narrator.check("it died half way", some && rows < feed.changes);
    narrator.say("$ cdc run -s dev &        # waits for the dead one's lease to run out, while we go on");
    return DemoRunner.start(directory);
  });
}

/** A column is added at the source, and gets to the sink while the stream runs. */
export async function addColumn({ narrator, database, source }: Stage): Promise<void> {
  await narrator.step("A column is added to dbo.Patient, in SQL Server", async () => {
    await source.inEach(DATABASES, "ALTER TABLE dbo.Patient ADD Phone nvarchar(30) NULL");
    await narrator.cdc(["manage-services", "resources", "--inspect", "--save"]);
    const { stdout } = await narrator.cdc(["preview"]);
    const lines = stdout.split("\n").filter((line) => /^\s*(COLUMN|TABLE)_/.test(line));
    const isAdded = (line: string) => line.includes("column Phone varchar(30) is added");
    narrator.check("the preview shows just that column, in three tables", lines.length === 3 && lines.every(isAdded));
    await narrator.cdc(["up", "--yes"], { show: "end" });
    await source.inEach(DATABASES, "UPDATE TOP (1) dbo.Patient SET Phone = N'+47 22 00 00 00'");
    const phone = { column: "Phone", value: "+47 22 00 00 00" };
    const arrived = (clinic: string) => until(async () => (await database.count(clinic, "Patient", phone)) === 1);
    const all = await Promise.all(CLINICS.map(arrived));
    narrator.check("what is written into it arrives, and nobody restarted anything", !all.includes(false));
  });
}

/** Both sides are compared, and a row that PostgreSQL can't take is set aside. */
export async function compare({ narrator, source, database }: Stage): Promise<void> {
  await narrator.step("Verify: every row on both sides, each value exact", async () => {
    const { stdout } = await narrator.cdc(["verify", "--grace", "1"]);
    const equal = stdout.split("\n").filter((line) => line.trimEnd().endsWith(" equal"));
    narrator.check("all 15 tables are equal: the crash lost nothing", equal.length === 15);
  });
  await narrator.step("A row that PostgreSQL can't take", async () => {
    await source.inEach(["Clinic_Elv_Dev"], "UPDATE dbo.Staff SET FullName = N'Bo' + NCHAR(0) WHERE StaffNo = 1");
    narrator.say("A clerk's name has a NUL character now.");
    narrator.check("it waits among the dead letters; all others go on", await until(() => database.hasDeadLetters()));
    await narrator.cdc(["dead-letters", "list"]);
    await narrator.cdc(["status"], { expect: 3 });
    narrator.say("Exit code 3: somebody should look at the dead letter.");
  });
}
