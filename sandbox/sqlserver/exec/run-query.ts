import { sqlError, SqlError, unsupported } from "../errors";
import { assignable, binary } from "../compile/operators";
import { countOf, type StoredPiece } from "../compile/access";
import { EMPTY_FRAME } from "../compile/compiled";
import type { CompiledQuery, Context, ResultRow } from "../compile/context";
import type { Query, Select } from "../parse/ast";
import type { Output } from "../session";
import { insertRow } from "../storage/write";
import type { Values } from "../values/value";
import type { Batch } from "./batch";
import { placeOf, lockShape } from "./ddl";

/** Rows that are encoded before the client's pace is looked at. */
const ROWS_AT_ONCE = 512;

/** SELECT: to the client, into variables, or into a new table. */
export async function runQuery(query: Query, batch: Batch): Promise<void> {
  const { body } = query;
  const assigns = body.kind === "select" && body.items.some(({ kind }) => kind === "assign");
  if (assigns) {
    await assign(query, body, batch);
  } else if (body.kind === "select" && body.into) {
    await selectInto(query, body, batch);
  } else {
    await send(query, batch);
  }
}

async function send(query: Query, batch: Batch): Promise<void> {
  const { output, session } = batch;
  const { compiled, count, parts, error } = await read(batch, (context) => {
    const found = context.compile.query(query, undefined, context);
    // All rows are found before the first is sent, so they are those of one moment.
    return { compiled: found, ...attempt(() => answerOf(found, session.options.rowLimit, output)) };
  });
  output.plan(compiled.plan);
  if (error) {
    // CATCH goes on, so the result that was begun has to end.
    if (batch.protectedBy) batch.done(0xc1, 0);
    throw error;
  }
  if (compiled.order.length > 0) output.order(compiled.order);
  for (const part of parts) {
    part();
    const behind = output.drained();
    if (behind) await patiently(batch, behind);
    session.requireActive();
  }
  const held = output.drained();
  if (held) await patiently(batch, held);
  batch.done(0xc1, count);
}

/** The rows of an answer: how many, and what sends them, {@link ROWS_AT_ONCE} at most in a part. */
interface Answer {
  readonly count: number;
  readonly parts: Iterable<() => void>;
  readonly error?: SqlError;
}

function answerOf(query: CompiledQuery, limit: number, output: Output): Answer {
  if (query.stored && limit === 0) {
    const pieces = query.stored(EMPTY_FRAME);
    return { count: pieces.reduce((sum, piece) => sum + countOf(piece), 0), parts: storedParts(pieces, output) };
  }
  const rows = limited(query, limit);
  const write = ({ sources, computed }: ResultRow): void => {
    output.row(sources, computed);
  };
  return { count: rows.length, parts: partsOf(rows, write) };
}

function* storedParts(pieces: readonly StoredPiece[], output: Output): Generator<() => void> {
  const write = (values: Values): void => {
    output.row([values], NOTHING);
  };
  for (const piece of pieces) {
    if ("packed" in piece)
      yield () => {
        output.packed(piece);
      };
    else yield* partsOf(piece, write);
  }
}

function* partsOf<T>(rows: readonly T[], write: (row: T) => void): Generator<() => void> {
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
    yield () => {
      for (const row of rows.slice(at, at + ROWS_AT_ONCE)) write(row);
    };
}

const NOTHING: Values = [];

/** An error among the rows comes after the columns were told. */
function attempt(read: () => Answer): Answer {
  try {
    return read();
  } catch (error) {
    if (error instanceof SqlError) return { count: 0, parts: [], error };
    throw error;
  }
}

/** Waits for the client, or for its giving up. */
async function patiently(batch: Batch, behind: Promise<void>): Promise<void> {
  await batch.session.interruptible((done) => {
    void behind.then(done);
    return () => undefined;
  });
}

/** Reads that hold locks need a transaction; others only wait for those who change shapes. */
function read<T>(batch: Batch, work: (context: Context) => T): Promise<T> {
  return batch.evaluate(work);
}

function limited(query: CompiledQuery, limit: number): ResultRow[] {
  const rows: ResultRow[] = [];
  for (const row of query.rows(EMPTY_FRAME)) {
    rows.push(row);
    if (limit > 0 && rows.length >= limit) break;
  }
  return rows;
}

/** Each row assigns in turn, so the last one stays. */
async function assign(query: Query, select: Select, batch: Batch): Promise<void> {
  if (select.items.some(({ kind }) => kind !== "assign")) throw sqlError(141);
  const count = await read(batch, (context) => {
    const compiled = context.compile.query(query, undefined, context);
    let rows = 0;
    const targets = select.items.map((item, i) => {
      if (item.kind !== "assign") throw sqlError(141);
      const variable = context.variables.get(item.variable.toLowerCase());
      if (!variable) throw sqlError(137, item.variable);
      const column = compiled.columns[i];
      if (!column) throw new Error("no column");
      let current: ReturnType<CompiledQuery["flatten"]> = [];
      const given = { type: column.type, nullable: true, run: () => current[i] ?? null };
      const own = { type: variable.type, nullable: true, run: () => variable.value };
      const result = item.operator === "=" ? given : binary(item.operator.slice(0, 1) as "+", own, given);
      const convert = assignable(result, variable.type);
      return (values: typeof current) => {
        current = values;
        const value = result.run(EMPTY_FRAME);
        variable.value = value === null ? null : convert(value);
      };
    });
    for (const row of compiled.rows(EMPTY_FRAME)) {
      rows++;
      const values = compiled.flatten(row);
      for (const target of targets) target(values);
    }
    return rows;
  });
  batch.session.rowCount = BigInt(count);
}

async function selectInto(query: Query, select: Select, batch: Batch): Promise<void> {
  const { into } = select;
  if (!into) return;
  if (into.at(-1)?.startsWith("#")) throw unsupported("SELECT INTO a temporary table");
  const count = await batch.transact((transaction, context) => {
    const compiled = context.compile.query(query, undefined, context);
    const { database, schema, name } = placeOf(into, context);
    if (schema.tables.has(name.toLowerCase())) throw sqlError(2714, name);
    const rows = [...compiled.rows(EMPTY_FRAME)].map((row) => compiled.flatten(row));
    const table = database.addTable(schema, name);
    transaction.onUndo(() => schema.tables.delete(name.toLowerCase()));
    table.columns = compiled.columns.map((column) => {
      if (column.name === "") throw sqlError(1038);
      return {
        id: table.nextColumnId(),
        name: column.name,
        type: column.type,
        nullable: column.nullable,
        identity: false,
      };
    });
    lockShape(table, transaction);
    for (const values of rows) insertRow(table, [...values], transaction);
    return rows.length;
  });
  batch.done(0xc1, count);
}
