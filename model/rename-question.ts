/** Whether a new column is a removed one under a new name: only the user knows. */
export interface RenameQuestion {
  /** Such as `north.Actor`. */
  readonly table: string;
  readonly from: string;
  readonly to: string;
  /** The type of both. */
  readonly type: string;
}

const NAME = String.raw`("(?:[^"\\]|\\.)*"|[^,}]+)`;
const ASKED = new RegExp(
  String.raw`is new while .+?, which has the same type \((.+?)\), is no longer wanted\.` +
    String.raw` .+? manual_migration_hints of (.+?) with renames: \[\{from: ${NAME}, to: ${NAME}\}\], .+? beside it(?:; )?`,
  "gsu",
);

/** The question as the reason why a column is refused: it names both answers, as they are written in the YAML. */
export function askRename({ table, from, to, type }: RenameQuestion): string {
  const pair = answerOf({ from, to });
  return (
    `is new while ${from}, which has the same type (${type}), is no longer wanted. If it is the same column, say so in ` +
    `manual_migration_hints of ${table} with renames: ${pair}, and its values stay; ` +
    `if not, say not_renamed: ${pair}, and ${from} is kept beside it`
  );
}

/** The pair of an answer in YAML: `[{from: Navn, to: Name}]`. */
export function answerOf({ from, to }: Pick<RenameQuestion, "from" | "to">): string {
  return `[{from: ${yamlText(from)}, to: ${yamlText(to)}}]`;
}

/** Finds the questions in an engine's message, which is text however it came here; `rest` is what else it says. */
export function questionsIn(message: string): { readonly questions: readonly RenameQuestion[]; readonly rest: string } {
  const questions: RenameQuestion[] = [];
  let rest = "";
  let from = 0;
  for (const match of message.matchAll(ASKED)) {
    const [all, type = "", table = "", old = "", to = ""] = match;
    const question = { table, from: plainText(old), to: plainText(to), type };
    rest += withoutEnd(message.slice(from, match.index), `columns.${question.to}: `);
    from = match.index + all.length;
    questions.push(question);
  }
  return { questions, rest: (rest + message.slice(from)).trim() };
}

function withoutEnd(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}

function yamlText(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) ? name : JSON.stringify(name);
}

function plainText(written: string): string {
  return written.startsWith('"') ? (JSON.parse(written) as string) : written;
}
