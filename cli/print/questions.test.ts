import picocolors from "picocolors";
import { askRename, questionsIn } from "../../model/rename-question";
import { Questions } from "./questions";

const question = { table: "north.Actor", from: "Navn", to: "Name", type: "varchar(50)" };

describe("rename questions", () => {
  test.each([
    question,
    { table: "it's. odd", from: 'a "b" \\ c', to: "x, to: {y}]", type: "numeric(8,2)" },
    { table: "north.Actor", from: "is new while", to: "columns.A: b; c", type: "timestamptz(6)" },
  ])("are found in a message again (%j)", (asked) => {
    const message = `main.shop/north/Actor (pulumi-nodejs:dynamic/cdc:SinkTable): columns.${asked.to}: ${askRename(asked)}`;
    expect(questionsIn(message)).toEqual({
      questions: [asked],
      rest: "main.shop/north/Actor (pulumi-nodejs:dynamic/cdc:SinkTable):",
    });
  });

  test("are told once for all customers, with both answers", () => {
    const questions = new Questions();
    for (const customer of ["north", "south", "east", "west"]) {
      const asked = askRename({ ...question, table: `${customer}.Actor` });
      const message = `pulumi-nodejs:dynamic/cdc:SinkTable resource '${customer}' has a problem: ${asked}`;
      expect(questions.take(message)).toBeUndefined();
    }
    expect(questions.count).toBe(1);
    expect(questions.lines(picocolors.createColors(false))).toEqual([
      "question: is Name in north.Actor, south.Actor, east.Actor and 1 more the column Navn under a new name? Both are varchar(50).",
      "    yes  renames: [{from: Navn, to: Name}]  its values stay",
      "    no   not_renamed: [{from: Navn, to: Name}]  Navn is kept beside it",
      "Answer under manual_migration_hints: of the table in services/<service>.yaml, then run again.",
    ]);
  });

  test.each(["columns.Code: no conversion from uuid to varchar(20)", "key: is empty; choose one"])(
    "leave what else is wrong with a table to be told: %s",
    (other) => {
      const asked = `columns.Name: ${askRename(question)}`;
      for (const reasons of [`${asked}; ${other}`, `${other}; ${asked}`, `${asked}; ${other}; ${asked}`]) {
        const questions = new Questions();
        expect(questions.take(`x (SinkTable): ${reasons}`)).toContain(other);
        expect(questions.count).toBe(1);
      }
      expect(new Questions().take("a plain error")).toBe("a plain error");
    },
  );
});
