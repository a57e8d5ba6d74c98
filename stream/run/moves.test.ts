import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type StreamLab } from "../../test/harness/stream-lab";

let lab: StreamLab;
beforeEach(async () => {
  lab = await openStreamLab();
});
afterEach(() => lab.close());

test("changes that are captured while a table moves to its second instance are read", async () => {
  await lab.source.run("CREATE TABLE dbo.A (Id int NOT NULL PRIMARY KEY); INSERT dbo.A VALUES (1)");
  await lab.source.capture("A");
  await lab.source.captured();
  await lab.deploy([sinkTable("s", "A", { columns: [column("Id", "integer", { nullable: false })] })]);
  await lab.once(["A"]);
  await lab.source.capture("A", "dbo_A_2");
  await lab.source.run("INSERT dbo.A VALUES (2)");
  await lab.source.captured();
  let windows = 0;
  const onStep = async (step: string): Promise<void> => {
    if (step !== "committed" || (windows += 1) > 1) return;
    await lab.source.run("INSERT dbo.A VALUES (3); DELETE dbo.A WHERE Id = 1");
    await lab.source.captured();
  };
  await lab.once(["A"], { onStep });
  expect(await lab.rows('SELECT "Id" FROM s."A" ORDER BY 1')).toEqual(["2", "3"]);
  expect(lab.events.map(({ event }) => event)).toContain("instance.switched");
});
