import { SqlError, unsupported } from "../errors";
import type { BulkLoad, RpcCall, RpcParameter, TransactionRequest } from "../session";
import type { Value } from "../values/value";
import { ByteReader } from "./byte-reader";
import { readValue } from "./read-value";
import { readTypeInfo, type WireType } from "./type-info";
import { TOKEN } from "./tokens";

/** Procedures that have a number instead of a name. */
const NUMBERED: Readonly<Record<number, string>> = {
  1: "sp_cursor",
  2: "sp_cursoropen",
  3: "sp_cursorprepare",
  4: "sp_cursorexecute",
  5: "sp_cursorprepexec",
  6: "sp_cursorunprepare",
  7: "sp_cursorfetch",
  8: "sp_cursoroption",
  9: "sp_cursorclose",
  10: "sp_executesql",
  11: "sp_prepare",
  12: "sp_execute",
  13: "sp_prepexec",
  14: "sp_prepexecrpc",
  15: "sp_unprepare",
};

/** The text of a SQL batch, after its headers. */
export function readBatch(payload: Buffer): string {
  const body = afterHeaders(payload);
  return body.utf16(Math.floor(body.left / 2));
}

/** ALL_HEADERS has its whole length in front. */
function afterHeaders(payload: Buffer): ByteReader {
  const r = new ByteReader(payload);
  const length = r.u32();
  r.skip(length - 4);
  return r;
}

/** The calls of an RPC message; usually one. */
export function readCalls(payload: Buffer): RpcCall[] {
  const r = afterHeaders(payload);
  const calls: RpcCall[] = [];
  while (r.left > 0) {
    calls.push(readCall(r));
    const next = r.peek();
    if (next === 0xff || next === 0x80) r.skip(1);
  }
  return calls;
}

function readCall(r: ByteReader): RpcCall {
  const length = r.u16();
  const procedure = length === 0xffff ? (NUMBERED[r.u16()] ?? "") : r.utf16(length);
  r.skip(2);
  const parameters: RpcParameter[] = [];
  while (r.left > 0 && r.peek() !== 0xff && r.peek() !== 0x80) parameters.push(readParameter(r));
  return { procedure, parameters };
}

function readParameter(r: ByteReader): RpcParameter {
  const name = r.bVarChar();
  const status = r.u8();
  if ((status & 0x08) !== 0) throw unsupported("encrypted parameters");
  const wire = readTypeInfo(r);
  return {
    name,
    type: wire.type,
    value: readValue(r, wire),
    output: (status & 1) !== 0,
    useDefault: (status & 2) !== 0,
  };
}

/** A message of the transaction manager. Throws for distributed transactions. */
export function readTransaction(payload: Buffer): TransactionRequest {
  const r = afterHeaders(payload);
  const type = r.u16();
  const name = () => r.utf16(Math.floor(r.u8() / 2));
  switch (type) {
    case 5: {
      const isolation = r.u8();
      return { kind: "begin", isolation, name: name(), beginNext: false };
    }
    case 7:
    case 8: {
      const label = name();
      const beginNext = r.left > 0 && (r.u8() & 1) !== 0;
      const isolation = beginNext ? r.u8() : 0;
      return { kind: type === 7 ? "commit" : "rollback", name: label, isolation, beginNext };
    }
    case 9:
      return { kind: "save", name: name(), isolation: 0, beginNext: false };
    default:
      throw unsupported("distributed transactions");
  }
}

/** The columns and rows of a bulk load. */
export function readBulk(payload: Buffer): BulkLoad {
  const r = new ByteReader(payload);
  if (r.left === 0 || r.u8() !== TOKEN.columns) throw new SqlError(4804, 16, 1, "The bulk load stream has no columns.");
  const wires: WireType[] = [];
  const names: string[] = [];
  for (let count = r.u16(); count > 0; count--) {
    r.skip(6);
    const wire = readTypeInfo(r);
    if (["text", "ntext", "image"].includes(wire.type.name)) r.usVarChar();
    wires.push(wire);
    names.push(r.bVarChar());
  }
  const rows: Value[][] = [];
  while (r.left > 0 && r.peek() === TOKEN.row) {
    r.skip(1);
    rows.push(wires.map((wire) => readBulkValue(r, wire)));
  }
  return { columns: names.map((name, i) => ({ name, type: wires[i]?.type as WireType["type"] })), rows };
}

/** As in ROW: the old LOB types have a text pointer in front. */
function readBulkValue(r: ByteReader, wire: WireType): Value {
  if (["text", "ntext", "image"].includes(wire.type.name)) {
    const pointer = r.u8();
    if (pointer === 0) return null;
    r.skip(pointer + 8);
  }
  return readValue(r, wire);
}
