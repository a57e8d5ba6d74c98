import fc from "fast-check";
import { memoryOf } from "../../databases/sqlserver/rows/memory";
import { cellOf } from "../../databases/sqlserver/rows/column";
import { rawColumn, type RawColumn } from "../../databases/sqlserver/rows/result-column";
import { textOf, type LocatedRow } from "../../databases/sqlserver/rows/row-reader";
import { CdcError } from "../../lib/errors";
import type { ShapeColumn, TableShape } from "../../model/table-shape";
import { WIRE_TYPES } from "../../test/arbitraries/wire-values";
import type { CapturedSource } from "./captured-sources";
import { CarefulNeeded } from "./careful-needed";
import { ChangeTaker } from "./change-taker";
import { CommitTimes } from "./commit-times";
import { CopyOutput } from "./copy-output";
import { TextCopier } from "./text-copier";

/** Types of captured columns, and where they land. */
const KINDS = [
  ["Int", "integer"],
  ["NVarChar(80)", "varchar(40)"],
  ["NVarChar(65535)", "text"],
  ["VarBinary(65535)", "bytea"],
  ["DecimalN(18,4,9)", "numeric(18,4)"],
  ["DateTime2(7)", "timestamp(6)"],
] as const;

const LOG = ["Binary(10)", "Int", "Binary(10)", "Int", "VarBinary(40)"] as const;

function columnOf(name: string): RawColumn {
  const type = WIRE_TYPES.find((one) => one.name === name);
  const metadata = type?.metadata ?? { colName: "c", type: { name: "Binary" }, dataLength: 10 };
  const cell = cellOf(metadata as Parameters<typeof cellOf>[0]);
  if (cell === undefined) throw new Error(`no cell for ${name}`);
  return rawColumn(metadata as Parameters<typeof rawColumn>[0], cell.read);
}

function valuesOf(kind: number): fc.Arbitrary<Buffer | null> {
  const bytes = WIRE_TYPES.find(({ name }) => name === KINDS[kind]?.[0])?.bytes ?? fc.constant(Buffer.alloc(4));
  // Few different ones, so that images are alike in much.
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: bytes },
    { weight: 20, arbitrary: fc.constantFrom(...fc.sample(bytes, { numRuns: 2, seed: 5 + kind })) },
  );
}

const tableColumn = fc.record({
  kind: fc.nat({ max: KINDS.length - 1 }),
  nullable: fc.integer({ min: 0, max: 4 }).map((one) => one > 0),
  state: fc.constantFrom("plain", "plain", "plain", "large", "was large", "absent", "constant"),
});
type TableColumn = typeof tableColumn extends fc.Arbitrary<infer T> ? T : never;

/** A table with one or two columns in its key. */
const tables = fc.record({
  columns: fc.array(tableColumn, { minLength: 1, maxLength: 10 }),
  keys: fc.integer({ min: 1, max: 2 }),
});

interface Change {
  readonly operation: "insert" | "delete" | "update" | "half";
  readonly lsn: number;
  readonly command: number | null;
  readonly mask: Buffer | null;
  readonly before: readonly (Buffer | null)[];
  readonly after: readonly (Buffer | null)[];
}

function changes(kinds: readonly number[]): fc.Arbitrary<Change[]> {
  const image = fc.tuple(...kinds.map(valuesOf));
  const change = fc
    .record({
      operation: fc.constantFrom<Change["operation"]>(...(["insert", "delete", "update", "update", "update"] as const)),
      isHalf: fc.nat({ max: 60 }),
      lsn: fc.integer({ min: 0, max: 2 }),
      command: fc.oneof(fc.constant(null), fc.nat({ max: 300 })),
      mask: fc.oneof(
        fc.constant(null),
        fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
      ),
      before: image,
      after: image,
      kept: fc.array(fc.nat({ max: 3 }), { minLength: kinds.length, maxLength: kinds.length }),
    })
    .map(({ isHalf, kept, before, ...rest }) => ({
      ...rest,
      operation: isHalf === 0 ? ("half" as const) : rest.operation,
      before: before.map((value, index) => (kept[index] === 0 ? value : (rest.after[index] ?? null))),
    }));
  return fc.array(change, { minLength: 1, maxLength: 8 });
}

/** A row whose values lie behind each other; long ones in chunks now and then. */
function located(values: readonly (Buffer | null)[], columns: readonly RawColumn[]): LocatedRow {
  const starts = new Int32Array(values.length);
  const ends = new Int32Array(values.length);
  const parts: Buffer[] = [Buffer.of(0xd1)];
  let at = 1;
  values.forEach((value, index) => {
    const isLong = value !== null && columns[index]?.bytes === 0xffff && value.length > 4;
    const bytes = isLong ? chunked(value) : (value ?? Buffer.alloc(0));
    starts[index] = value === null ? -1 : at;
    ends[index] = isLong ? -2 : at + bytes.length;
    parts.push(bytes);
    at += bytes.length;
  });
  return { ...memoryOf(Buffer.concat(parts)), size: at, starts, ends };
}

function chunked(value: Buffer): Buffer {
  const middle = 2 * (value.length >> 2);
  const chunk = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(Uint32Array.of(bytes.length).buffer), bytes]);
  const whole = Buffer.alloc(8);
  whole.writeUInt32LE(value.length);
  return Buffer.concat([whole, chunk(value.subarray(0, middle)), chunk(value.subarray(middle)), Buffer.alloc(4)]);
}

function lsnOf(number: number): Buffer {
  return Buffer.from(number.toString(16).padStart(20, "0"), "hex");
}

function rowsOf(all: readonly Change[]): (Buffer | null)[][] {
  let lsn = 1;
  return all.flatMap(({ operation, lsn: step, command, mask, before, after }, index) => {
    lsn += step;
    const row = (code: number, image: readonly (Buffer | null)[]): (Buffer | null)[] => {
      const commandBytes = command === null ? null : Buffer.from(Int32Array.of(command).buffer);
      return [lsnOf(lsn), commandBytes, lsnOf(index + 1), Buffer.from(Int32Array.of(code).buffer), mask, ...image];
    };
    if (operation === "insert") return [row(2, after)];
    if (operation === "delete") return [row(1, before)];
    return operation === "half" ? [row(3, before)] : [row(3, before), row(4, after)];
  });
}

function shapeOfColumns({ columns, keys }: { columns: readonly TableColumn[]; keys: number }): TableShape {
  const shaped = columns.map(({ kind, nullable, state }, index): ShapeColumn => ({
    name: `c ${String(index)}"`,
    type: KINDS[kind]?.[1] ?? "text",
    nullable,
    ...(state === "constant" ? { constant: nullable ? null : "1" } : { source: `s${String(index)}` }),
  }));
  const table = { schema: "s", table: "t", staging: "stg_t", procedure: "p", source: { schema: "dbo", table: "T" } };
  const key = shaped.slice(0, keys).map(({ name }) => name);
  return { version: 1, ...table, key, columns: shaped, onDelete: "hard", transforms: [] };
}

function sourcesOf(columns: readonly TableColumn[]): CapturedSource[] {
  return columns.flatMap(({ state }, index) => {
    if (state === "absent" || state === "constant") return [];
    const source = `s${String(index)}`;
    const wasLarge = state === "was large";
    const captured = {
      name: source,
      sourceName: source,
      ordinal: index + 1,
      type: "int",
      ...(wasLarge ? { wasLarge } : {}),
    };
    return [{ source, captured, large: state === "large" }];
  });
}

interface Outcome {
  readonly text?: string;
  readonly counts?: unknown;
  readonly error?: string;
}

function outcomeOf(output: { text: string }, run: () => TextCopier | ChangeTaker): Outcome {
  try {
    const { rows, events, transactions, lastLsn } = run();
    return { text: output.text, counts: { rows, events, transactions, lastLsn } };
  } catch (error) {
    if (error instanceof CarefulNeeded) return { error: "careful" };
    if (error instanceof CdcError) return { error: error.code };
    throw error;
  }
}

function collected(): { text: string; output: CopyOutput; end(): void } {
  const chunks: Buffer[] = [];
  const output = new CopyOutput((chunk) => {
    chunks.push(chunk);
    return undefined;
  });
  const found = { text: "", output, end: (): void => undefined };
  found.end = () => {
    found.text = Buffer.concat([...chunks, output.buffer.subarray(0, output.at)]).toString();
  };
  return found;
}

test("lines made of bytes are those made of envelopes, and what stops the one stops the other", () => {
  const seen = { lines: 0, careful: 0, broken: 0 };
  const drawn = tables.chain((table) => {
    const given = table.columns.filter(({ state }) => state !== "absent" && state !== "constant");
    return fc.record({ table: fc.constant(table), all: changes(given.map(({ kind }) => kind)), known: fc.nat() });
  });
  const property = fc.property(drawn, ({ table, all, known }) => {
    const shape = shapeOfColumns(table);
    const sources = sourcesOf(table.columns);
    const given = table.columns.filter(({ state }) => state !== "absent" && state !== "constant");
    const columns = [...LOG, ...given.map(({ kind }) => KINDS[kind]?.[0] ?? "")].map(columnOf);
    const times = new CommitTimes();
    for (let lsn = 1; lsn < 20; lsn += 1) if (lsn !== known % 20) times.add(lsnOf(lsn), 1_700_000_000_000 + lsn * 997);
    const rows = rowsOf(all).map((values) => located(values, columns));
    const [bytes, text] = [collected(), collected()];
    const parts = { shape, sources, origin: "o\tp", times };
    const fast = outcomeOf(bytes, () => {
      const taker = new ChangeTaker({ ...parts, output: bytes.output });
      taker.begin(columns);
      for (const row of rows) taker.row(row);
      taker.end();
      bytes.end();
      return taker;
    });
    const slow = outcomeOf(text, () => {
      const copier = new TextCopier({ ...parts, output: text.output });
      for (const row of rows) copier.row(columns.map(({ read }, index) => textOf(read, row, index)));
      copier.end();
      text.end();
      return copier;
    });
    expect(fast).toEqual(slow);
    if (fast.error === undefined) seen.lines += (fast.text ?? "").split("\n").length - 1;
    else if (fast.error === "careful") seen.careful += 1;
    else seen.broken += 1;
  });
  fc.assert(property, { numRuns: 2000 });
  // What was compared was not all of one kind.
  expect(seen.lines).toBeGreaterThan(500);
  expect(Math.min(seen.careful, seen.broken)).toBeGreaterThan(20);
});
