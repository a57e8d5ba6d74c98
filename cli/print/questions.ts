import { answerOf, questionsIn, type RenameQuestion } from "../../model/rename-question";
import type { Paint } from "./paint";

/** Tables that are named; of more only the number is told. */
const NAMED = 3;

/** The rename questions of a run, each once however many customers' tables it is about. */
export class Questions {
  private readonly asked = new Map<string, { readonly question: RenameQuestion; readonly tables: Set<string> }>();

  /** Takes the questions out of an error's message; what is left of it, if anything, is for the caller to print. */
  take(message: string): string | undefined {
    const { questions, rest } = questionsIn(message);
    for (const question of questions) this.add(question);
    if (questions.length === 0) return message;
    // What is left is the name of the resource: it is in the question.
    return /^$|\):$|has a problem:$/.test(rest) ? undefined : rest;
  }

  get count(): number {
    return this.asked.size;
  }

  /** The questions with both answers, ready to be copied into the YAML. */
  lines(paint: Paint): string[] {
    const lines = [...this.asked.values()].flatMap(({ question, tables }) => {
      const { from, to, type } = question;
      const pair = answerOf(question);
      return [
        `${paint.yellow("question:")} is ${to} in ${listed([...tables])} the column ${from} under a new name? Both are ${type}.`,
        `    yes  renames: ${pair}${paint.dim("  its values stay")}`,
        `    no   not_renamed: ${pair}${paint.dim(`  ${from} is kept beside it`)}`,
      ];
    });
    const where = "Answer under manual_migration_hints: of the table in services/<service>.yaml, then run again.";
    return lines.length === 0 ? [] : [...lines, where];
  }

  private add(question: RenameQuestion): void {
    const { table, from, to, type } = question;
    const name = table.slice(table.indexOf(".") + 1);
    const key = JSON.stringify([name, from, to, type]);
    const known = this.asked.get(key) ?? { question, tables: new Set() };
    known.tables.add(table);
    this.asked.set(key, known);
  }
}

function listed(tables: readonly string[]): string {
  const more = tables.length - NAMED;
  return more <= 0 ? tables.join(", ") : `${tables.slice(0, NAMED).join(", ")} and ${String(more)} more`;
}
