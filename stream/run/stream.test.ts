import { column, sinkTable } from "../../test/harness/sink-model";
import { openStreamLab, type StreamLab } from "../../test/harness/stream-lab";

let lab: StreamLab;
beforeEach(async () => {
  lab = await openStreamLab();
});
afterEach(() => lab.close());

const ORDERS = sinkTable("shop", "Orders", {
  columns: [column("Id", "integer", { nullable: false }), column("Name", "text"), column("Amount", "numeric(9,2)")],
});

async function ordersAtSource(): Promise<void> {
  await lab.source.run("CREATE TABLE dbo.Orders (Id int NOT NULL PRIMARY KEY, Name nvarchar(50), Amount decimal(9,2))");
  await lab.source.capture("Orders");
  await lab.source.captured();
}

test("changes go from the source into the sink", async () => {
  await ordersAtSource();
  await lab.deploy([ORDERS]);
  await lab.source.run("INSERT dbo.Orders VALUES (1, 'before', 1.5)");
  await lab.source.captured();
  await lab.once(["Orders"]);
  await lab.source.run("INSERT dbo.Orders VALUES (2, N'zwei', 2.25); UPDATE dbo.Orders SET Name = 'eins' WHERE Id = 1");
  await lab.source.run("DELETE dbo.Orders WHERE Id = 2; INSERT dbo.Orders VALUES (3, NULL, -0.01)");
  await lab.source.captured();
  const result = await lab.once(["Orders"]);
  expect(result).toMatchObject({
    healthy: true,
    interrupted: false,
    status: { tables: [{ state: "streaming", events: 4 }] },
  });
  expect(await lab.rows('SELECT "Id", "Name", "Amount" FROM shop."Orders" ORDER BY 1')).toEqual([
    "1 eins 1.50",
    "3 null -0.01",
  ]);
});
