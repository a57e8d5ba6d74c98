import { column, pipelineModel, sinkTable } from "../test/harness/sink-model";
import { everyNote, toldNotes } from "./notes";

const lossy = column("At", "timestamp(6)", { lossy: "datetime2(7) keeps 6 of 7 fraction digits" });
const table = (schema: string, notes: { severity: "info" | "warning"; object: string; text: string }[]) =>
  sinkTable(schema, "Actor", { columns: [lossy], notes });

test("what customers have in common is told once, warnings before the rest", () => {
  const notes = [
    { severity: "info" as const, object: "Actor", text: "shortened" },
    { severity: "warning" as const, object: "Actor", text: "has no customer_id" },
  ];
  const model = pipelineModel([table("north", notes), table("south", notes)]);
  expect(everyNote(model)).toHaveLength(3);
  expect(toldNotes([model, model])).toEqual({
    told: [notes[1], notes[0], { severity: "info", object: "dbo.Actor.At", text: lossy.lossy }],
    left: 0,
  });
});

test("more than the limit is counted, and warnings stay", () => {
  const infos = Array.from({ length: 100 }, (_, index) => ({
    severity: "info" as const,
    object: `T${String(index)}`,
    text: "shortened",
  }));
  const warning = { severity: "warning" as const, object: "T", text: "bad" };
  const { told, left } = toldNotes([pipelineModel([sinkTable("north", "Actor", { notes: [...infos, warning] })])]);
  expect([told.length, left, told[0]]).toEqual([50, 51, warning]);
});
