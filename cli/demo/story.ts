import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DemoRunner } from "./runner";
import type { Stage } from "./stage";
import { addColumn, compare, crash } from "./streaming";

/** The demo up to the point where everything is deployed. Answers the objects that were there first. */
export async function build(stage: Stage): Promise<readonly string[]> {
  const { narrator, database, source, directory } = stage;
  await narrator.step("A project: three clinics, a SQL Server database each, one PostgreSQL for all", async () => {
    await source.run(directory, "source.sql");
    await database.prepare(stage.server, readFileSync(join(directory, "prepare.sql"), "utf8"));
    narrator.say("The reporting team's table treatment_code is there already, in each clinic's schema.");
    await narrator.cdc(["manage-services", "resources", "--inspect", "--save"]);
    await narrator.cdc(["validate"]);
    const { stdout } = await narrator.cdc(["manage-services", "resources", "--inspect"], { show: "end" });
    narrator.check("the schema YAML is what SQL Server has", stdout.includes("5 tables unchanged"));
  });
  const before = await database.objects();
  await narrator.step("Preview: everything that would be made", async () => {
    const { stdout } = await narrator.cdc(["preview"], { show: "end" });
    const counts = "15 captured tables, 3 schemas, 15 tables, 15 staging tables, 15 merge procedures";
    narrator.check(`it shows ${counts}`, stdout.includes(counts));
    const nothing = same(before, await database.objects()) && (await source.captured()) === 0;
    narrator.check("and nothing was made, on either side", nothing);
  });
  await narrator.step("Up: PostgreSQL gets it, and SQL Server's change data capture goes on", async () => {
    await narrator.cdc(["up", "--yes"], { show: "end" });
    const made = await database.objects();
    narrator.check("12 tables, 15 staging tables and 15 merge procedures are there", countMade(before, made) === 42);
    narrator.check("the three databases are captured", (await source.captured()) === 3);
    const { stdout } = await narrator.cdc(["preview"], { show: "end" });
    narrator.check("a second preview has nothing to do", stdout.includes("no changes"));
  });
  return before;
}

/** A crash, a new column, a comparison; then all goes. `before`: the objects that were there first. */
export async function changeAndLeave(stage: Stage, runner: DemoRunner, before: readonly string[]): Promise<void> {
  const { narrator, database, source } = stage;
  const second = await crash(stage, runner);
  try {
    await addColumn(stage);
    await compare(stage);
  } finally {
    const code = await second.stop();
    narrator.check("the stream ends well when it is told to", code === 0);
  }
  await narrator.step("Destroy: all of it goes, the reporting team's tables stay", async () => {
    await narrator.cdc(["destroy", "--yes"], { show: "end" });
    narrator.check("the catalogue is as it was before the first up", same(await database.objects(), before));
    narrator.check("nothing is captured any more", (await source.captured()) === 0);
  });
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.join("\n") === other.join("\n");
}

/** Tables and procedures of the clinics that are new. */
function countMade(before: readonly string[], after: readonly string[]): number {
  const known = new Set(before);
  return after.filter((object) => /^[rp] (fjord|skog|elv)\./.test(object) && !known.has(object)).length;
}
