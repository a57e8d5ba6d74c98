import { isUtf8 } from "node:buffer";
import { decodeControl } from "../protocol/decode";
import { decodeHandshake, type HandshakeLine } from "../protocol/handshake";
import { parseObject } from "../protocol/json-object";
import { LineBlocks } from "../protocol/line-blocks";
import { lineKind } from "../protocol/line-kind";
import type { ControlMessage, State } from "../protocol/messages";

/** A control line, and how many data lines came before it. */
export interface Control {
  readonly message: ControlMessage;
  readonly after: number;
}

/** Data lines that are kept; of the others only their number. */
const KEPT = 20_000;
const SHOWN = 200;
const KEPT_BYTES = 64 * 1024 * 1024;

/** What a provider has written to stdout, in order. */
export class Transcript {
  /** The handshake, in either form; undefined until it has come. */
  handshake: HandshakeLine | undefined;
  /** Handshakes that came in all. */
  handshakes = 0;
  readonly data: Buffer[] = [];
  dataCount = 0;
  readonly controls: Control[] = [];
  /** Called at each state. */
  onState: ((state: State) => void) | undefined;
  /** Lines that are neither data nor control, with what is wrong. */
  readonly stray: string[] = [];
  /** All lines, for commands that answer with a result. */
  readonly texts: string[] = [];
  /** What came after the last line end. */
  torn: Buffer | undefined;
  private last: Buffer = Buffer.alloc(0);
  private readonly blocks = new LineBlocks();
  private keptBytes = 0;

  push(chunk: Buffer): void {
    for (const block of this.blocks.push(chunk)) this.addBlock(block);
  }

  end(): void {
    this.torn = this.blocks.end();
  }

  /** The newest count of an ack. */
  get acked(): number {
    const acks = this.controls.flatMap(({ message }) => (message.type === "ack" ? [message.count] : []));
    return acks.at(-1) ?? 0;
  }

  /** States behind no more than so many lines. */
  statesUpTo(count: number): number {
    return this.controls.filter(({ message }) => message.type === "state" && message.count <= count).length;
  }

  /** Lines that came instead of heartbeats and the like. */
  get lineCount(): number {
    return this.dataCount + this.stray.length;
  }

  /** Whether it said that nothing follows. */
  get isEnded(): boolean {
    return this.controls.some(({ message }) => message.type === "eof");
  }

  /** What is no whole line: the rest after the last line end, a stray line, or a data line that another was joined to. */
  get cut(): string | undefined {
    if (this.torn !== undefined) return JSON.stringify(this.torn.toString("utf8", 0, SHOWN));
    const cut = [...this.data, this.last].find((line) => line.length > 0 && parseObject(line.toString()) === undefined);
    return cut === undefined ? this.stray[0] : JSON.stringify(cut.toString("utf8", 0, SHOWN));
  }

  private addBlock(block: Buffer): void {
    for (let start = 0; start < block.length;) {
      const end = block.indexOf("\n", start);
      this.addLine(block.subarray(start, end));
      start = end + 1;
    }
  }

  private addLine(line: Buffer): void {
    const number = this.dataCount + this.controls.length + this.stray.length + 1;
    try {
      if (!isUtf8(line)) throw new Error("it is no UTF-8");
      this.keepText(line);
      if (lineKind(line, 0, line.length) === "data") this.addData(line);
      else this.addOther(line);
    } catch (error) {
      const shown = line.toString("utf8", 0, SHOWN);
      this.stray.push(`line ${String(number)}: ${(error as Error).message}: ${JSON.stringify(shown)}`);
    }
  }

  private addData(line: Buffer): void {
    this.handshake ??= { type: "data" };
    this.dataCount++;
    this.last = line;
    if (this.data.length >= KEPT || this.keptBytes > KEPT_BYTES) return;
    this.data.push(Buffer.from(line));
    this.keptBytes += line.length;
  }

  private addOther(line: Buffer): void {
    const isControl = lineKind(line, 0, line.length) === "control";
    if (!isControl || this.handshake === undefined) {
      const found = decodeHandshake(line);
      if (found.type === "ready" || found.type === "legacy" || found.type === "error") this.shakeHands(found);
      if (!isControl) return;
    }
    const message = decodeControl(line.toString());
    if (message.type === "ready" && this.controls.some((one) => one.message.type === "ready")) this.handshakes++;
    this.controls.push({ message, after: this.dataCount });
    if (message.type === "state") this.onState?.(message);
  }

  private shakeHands(found: HandshakeLine): void {
    this.handshake ??= found;
    this.handshakes++;
  }

  private keepText(line: Buffer): void {
    if (this.texts.length < KEPT && line.length < 1024 * 1024) this.texts.push(line.toString());
  }
}
