import type { SqlError } from "../errors";
import type { Done, Environment, ResultColumn, ReturnValue } from "../session";
import type { ByteWriter } from "./byte-writer";
import { ByteWriter as Writer } from "./byte-writer";
import { collationBytes, writeTypeInfo } from "./type-info";
import { cellWriterOf } from "./write-value";

/** First byte of each part of a response. */
export const TOKEN = {
  returnStatus: 0x79,
  columns: 0x81,
  order: 0xa9,
  error: 0xaa,
  info: 0xab,
  returnValue: 0xac,
  loginAck: 0xad,
  featureAck: 0xae,
  row: 0xd1,
  nbcRow: 0xd2,
  environment: 0xe3,
  done: 0xfd,
  doneProc: 0xfe,
  doneInProc: 0xff,
} as const;

/** TDS 7.4. */
const TDS_VERSION = Buffer.from([0x74, 0x00, 0x00, 0x04]);

/** Version that the stand-in reports: that of SQL Server 2022, whose behaviour it imitates. */
export const VERSION = { major: 16, minor: 0, build: 4135 } as const;

/** COLMETADATA. */
export function writeColumns(w: ByteWriter, columns: readonly ResultColumn[], database: string): void {
  w.u8(TOKEN.columns).u16(columns.length);
  for (const column of columns) {
    w.u32(column.type.name === "timestamp" ? 80 : 0).u16(flagsOf(column));
    writeTypeInfo(w, column.type, column.nullable, database);
    if (column.type.name === "text" || column.type.name === "ntext" || column.type.name === "image")
      w.u8(1).usVarChar("");
    w.bVarChar(column.name);
  }
}

function flagsOf(column: ResultColumn): number {
  const flags = (column.nullable ? 0x01 : 0) | (column.identity ? 0x10 : 0) | (column.computed ? 0x20 : 0);
  return flags | (column.stored && !column.identity && !column.computed ? 0x08 : 0);
}

/** ORDER. */
export function writeOrder(w: ByteWriter, columns: readonly number[]): void {
  w.u8(TOKEN.order).u16(columns.length * 2);
  for (const column of columns) w.u16(column);
}

/** ERROR or INFO. */
export function writeMessage(w: ByteWriter, error: SqlError, serverName: string): void {
  const body = new Writer();
  body.i32(error.number).u8(error.state).u8(error.severity).usVarChar(error.message.slice(0, 2047));
  body.bVarChar(serverName).bVarChar(error.procedure.slice(0, 127)).u32(error.line);
  w.u8(error.severity > 10 ? TOKEN.error : TOKEN.info)
    .u16(body.length)
    .bytes(body.view());
}

/** DONE, DONEPROC or DONEINPROC. */
export function writeDone(w: ByteWriter, done: Done, more: boolean): void {
  const token = { batch: TOKEN.done, inProc: TOKEN.doneInProc, proc: TOKEN.doneProc }[done.kind];
  const status = (more ? 0x01 : 0) | (done.failed ? 0x02 : 0) | (done.count === undefined ? 0 : 0x10);
  w.u8(token)
    .u16(status)
    .u16(done.command)
    .u64(BigInt(done.count ?? 0));
}

/** The DONE that acknowledges an attention. */
export function writeAttentionDone(w: ByteWriter): void {
  w.u8(TOKEN.done).u16(0x20).u16(0).u64(0n);
}

/** RETURNSTATUS. */
export function writeReturnStatus(w: ByteWriter, status: number): void {
  w.u8(TOKEN.returnStatus).i32(status);
}

/** RETURNVALUE of an output parameter. */
export function writeReturnValue(w: ByteWriter, { name, ordinal, type, value }: ReturnValue): void {
  w.u8(TOKEN.returnValue).u16(ordinal).bVarChar(name).u8(0x01).u32(0).u16(0x01);
  writeTypeInfo(w, type, true);
  cellWriterOf(type, true)(w, value);
}

/** LOGINACK. */
export function writeLoginAck(w: ByteWriter): void {
  const body = new Writer();
  body.u8(1).bytes(TDS_VERSION).bVarChar("Microsoft SQL Server");
  body
    .u8(VERSION.major)
    .u8(VERSION.minor)
    .u8(VERSION.build >> 8)
    .u8(VERSION.build & 0xff);
  w.u8(TOKEN.loginAck).u16(body.length).bytes(body.view());
}

/** FEATUREEXTACK: UTF-8 is supported when asked for, nothing else. */
export function writeFeatureAck(w: ByteWriter, utf8: boolean): void {
  w.u8(TOKEN.featureAck);
  if (utf8) w.u8(0x0a).u32(1).u8(1);
  w.u8(0xff);
}

const TRANSACTION_CHANGES = { begin: 8, commit: 9, rollback: 10 } as const;

/** ENVCHANGE for what happens in a session. */
export function writeEnvironment(w: ByteWriter, change: Environment): void {
  const body = new Writer();
  switch (change.kind) {
    case "database":
      body.u8(1).bVarChar(change.to).bVarChar(change.from);
      break;
    case "begin":
      body.u8(TRANSACTION_CHANGES.begin).u8(8).u64(change.transaction).u8(0);
      break;
    case "commit":
    case "rollback":
      body.u8(TRANSACTION_CHANGES[change.kind]).u8(0).u8(8).u64(change.transaction);
      break;
    case "reset":
      body.u8(18).u8(0).u8(0);
  }
  w.u8(TOKEN.environment).u16(body.length).bytes(body.view());
}

/** ENVCHANGE for what a login settles: language, collation, packet size. */
export function writeLoginEnvironment(w: ByteWriter, packetSize: number, askedSize: number): void {
  const texts: readonly (readonly [number, string, string])[] = [
    [2, "us_english", ""],
    [4, String(packetSize), String(askedSize)],
  ];
  for (const [kind, to, from] of texts) {
    const body = new Writer().u8(kind).bVarChar(to).bVarChar(from);
    w.u8(TOKEN.environment).u16(body.length).bytes(body.view());
  }
  const body = new Writer().u8(7).u8(5).bytes(collationBytes()).u8(0);
  w.u8(TOKEN.environment).u16(body.length).bytes(body.view());
}
