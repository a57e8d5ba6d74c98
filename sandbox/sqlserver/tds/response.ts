import type { SqlError } from "../errors";
import type { Done, Environment, Output, ReturnValue, RowPlan } from "../session";
import type { PackedRange } from "../storage/packed-rows";
import type { Values } from "../values/value";
import { ByteWriter } from "./byte-writer";
import { PACKET, PacketCutter, HEADER_LENGTH } from "./packets";
import { RowEncoder } from "./row-encoder";
import * as tokens from "./tokens";
import type { Transport } from "./transport";

/** Bytes that are gathered before they are sent. */
const FLUSH_AT = 65_536;

/** Packed rows that are written before what has gathered is looked at. */
const PACKED_AT_ONCE = 128;

const NOTHING: Values = [];

/** Told of every row before it is written; may cut the connection or make the writer wait. */
export type RowHook = (rowsWritten: number) => "go on" | "cut" | Promise<void>;

/** Writes one response message: tokens in, packets out. */
export class Response implements Output {
  private readonly w = new ByteWriter(FLUSH_AT + 8192);
  private readonly cutter: PacketCutter;
  private encoder: RowEncoder | undefined;
  private pendingDone: Done | undefined;
  private rows = 0;
  private held: Promise<void> | undefined;
  private closed = false;
  /** Something was told since the last DONE. */
  private open = false;
  /** Asked before each row, when a fault is planned. */
  hook: RowHook | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly settings: {
      readonly packetSize: number;
      readonly spid: number;
      readonly serverName: string;
      database(): string;
    },
  ) {
    this.cutter = new PacketCutter(PACKET.response, settings.spid);
  }

  plan(plan: RowPlan): void {
    this.encoder = new RowEncoder(plan);
    tokens.writeColumns(this.token(), plan.columns, this.settings.database());
  }

  row(sources: readonly Values[], computed: Values): void {
    if (this.closed) return;
    if (this.hook && this.interfere(this.hook)) return;
    this.encoder?.write(this.token(), sources, computed);
    this.rows++;
    if (this.w.length >= FLUSH_AT) this.flush(false);
  }

  packed({ packed, from, to }: PackedRange): void {
    let at = from;
    // A planned fault strikes at some row, and looks at each.
    if (this.hook || !this.encoder?.packs(packed)) for (; at < to; at++) this.row([packed.values(at)], NOTHING);
    while (at < to && !this.closed) {
      const end = Math.min(to, at + PACKED_AT_ONCE);
      this.encoder?.writePacked(this.token(), packed, at, end);
      this.rows += end - at;
      at = end;
      if (this.w.length >= FLUSH_AT) this.flush(false);
    }
  }

  order(columns: readonly number[]): void {
    tokens.writeOrder(this.token(), columns);
  }

  done(done: Done): void {
    this.token();
    this.open = false;
    this.pendingDone = done;
  }

  message(error: SqlError): void {
    this.open = true;
    tokens.writeMessage(this.token(), error, this.settings.serverName);
  }

  environment(change: Environment): void {
    this.open = true;
    tokens.writeEnvironment(this.token(), change);
  }

  returnStatus(status: number): void {
    tokens.writeReturnStatus(this.token(), status);
  }

  returnValue(value: ReturnValue): void {
    tokens.writeReturnValue(this.token(), value);
  }

  drained(): Promise<void> | undefined {
    return this.held ?? this.transport.drained();
  }

  /** Tokens that only a login answers with. */
  raw(): ByteWriter {
    return this.token();
  }

  /** Ends the message. */
  end(): void {
    if (this.closed) return;
    // What came last wasn't the end of a statement, such as a ROLLBACK's: clients wait for an end.
    if (this.open) this.done({ kind: "batch", command: 0xfd });
    if (this.pendingDone) tokens.writeDone(this.w, this.pendingDone, false);
    this.pendingDone = undefined;
    this.flush(true);
    this.closed = true;
  }

  /** The last DONE says that more follows once something does. */
  private token(): ByteWriter {
    if (this.pendingDone) tokens.writeDone(this.w, this.pendingDone, true);
    this.pendingDone = undefined;
    return this.w;
  }

  /** Sends whole packets; with the last message, the rest too. */
  private flush(final: boolean): void {
    const room = this.settings.packetSize - HEADER_LENGTH;
    const whole = final ? this.w.length : this.w.length - (this.w.length % room);
    if (whole === 0 && !final) return;
    this.transport.write(this.cutter.cut(this.w.view().subarray(0, whole), this.settings.packetSize, final));
    this.w.shift(whole);
  }

  /** True when the connection was cut, in the middle of a row. */
  private interfere(hook: RowHook): boolean {
    const verdict = hook(this.rows);
    if (verdict === "go on") return false;
    if (verdict === "cut") {
      this.token().u8(tokens.TOKEN.row).u8(0);
      this.flush(false);
      const torn = this.cutter.cut(this.w.view(), this.settings.packetSize, false);
      this.transport.write(torn.subarray(0, Math.max(1, torn.length - 1)));
      this.closed = true;
      // The bytes before the reset should arrive, so that the client is in the middle of a row.
      setTimeout(() => this.transport.reset(), 20);
      return true;
    }
    const held = verdict.finally(() => {
      if (this.held === held) this.held = undefined;
    });
    this.held = held;
    return false;
  }
}
