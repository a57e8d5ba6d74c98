import { CdcError } from "../lib/errors";

/** A CREATE TABLE of ours, read back. Names are unquoted, with placeholders as they are in the text. */
export interface CreatedTable {
  readonly unlogged: boolean;
  readonly schema: string;
  readonly table: string;
  /** In the order of the text. */
  readonly columns: readonly CreatedColumn[];
}

interface CreatedColumn {
  readonly name: string;
  /** Everything after the name, such as `varchar(50) DEFAULT 'x' NOT NULL`. */
  readonly definition: string;
}

const BEGIN = /CREATE (UNLOGGED )?TABLE IF NOT EXISTS /g;

/** Reads the first CREATE TABLE of a generated text. Throws CdcError (CDC_MIGRATION_UNREADABLE) naming the file. */
export function createdTable(file: string, text: string): CreatedTable {
  BEGIN.lastIndex = 0;
  const found = BEGIN.exec(text);
  if (found === null) throw unreadable(file, "it has no CREATE TABLE");
  const reader = new Reader(file, text, found.index + found[0].length);
  const schema = reader.identifier();
  reader.expect(".");
  const table = reader.identifier();
  reader.expect(" (\n");
  return { unlogged: found[1] !== undefined, schema, table, columns: reader.columns() };
}

/** That a generated file doesn't have the form in which it was generated. */
export function unreadable(file: string, fault: string): CdcError {
  const hint = "Take the committed version back, or remove the file and run `cdc manage-migrations generate`.";
  return new CdcError("CDC_MIGRATION_UNREADABLE", `${file} can't be read back: ${fault}`, { hint });
}

/** Reads our own form strictly: one column after the other, quoted names, balanced expressions. */
class Reader {
  constructor(
    private readonly file: string,
    private readonly text: string,
    private at: number,
  ) {}

  identifier(): string {
    const quoted = /"((?:[^"]|"")+)"/y;
    quoted.lastIndex = this.at;
    const found = quoted.exec(this.text);
    if (found === null) throw unreadable(this.file, `a name is expected at: ${this.rest()}`);
    this.at = quoted.lastIndex;
    return (found[1] ?? "").replaceAll('""', '"');
  }

  expect(words: string): void {
    if (!this.text.startsWith(words, this.at))
      throw unreadable(this.file, `${words.trim()} is expected at: ${this.rest()}`);
    this.at += words.length;
  }

  columns(): CreatedColumn[] {
    const columns: CreatedColumn[] = [];
    for (;;) {
      this.expect("  ");
      if (this.text.startsWith("CONSTRAINT ", this.at)) return columns;
      const name = this.identifier();
      this.expect(" ");
      columns.push({ name, definition: this.definition() });
      if (this.text.startsWith("\n)", this.at)) return columns;
      this.expect(",\n");
    }
  }

  /** Up to the comma or the line of the closing parenthesis that belong to the list of columns. */
  private definition(): string {
    const from = this.at;
    const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[(),]/g;
    token.lastIndex = from;
    for (let depth = 0, found = token.exec(this.text); found !== null; found = token.exec(this.text)) {
      if (found[0] === "(") depth += 1;
      if (found[0] === "," && depth === 0) return this.upTo(found.index, from);
      if (found[0] === ")") depth -= 1;
      if (depth < 0) return this.upTo(found.index - 1, from);
    }
    throw unreadable(this.file, "its list of columns has no end");
  }

  private upTo(end: number, from: number): string {
    this.at = end;
    return this.text.slice(from, end);
  }

  private rest(): string {
    return JSON.stringify(this.text.slice(this.at, this.at + 40));
  }
}
