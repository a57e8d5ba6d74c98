import { viewOf, type Memory } from "../../databases/sqlserver/rows/memory";
import { LSN_BYTES, POSITION_BYTES } from "../copy/position-bytes";

const FIRST_BYTES = 32 * 1024;
const FIRST_LINES = 64;
const GROWTH = 2;

/** Lines of changes of one table in the order of the log, and the place of each. */
export class LinePage implements Memory {
  /** Where the next line goes, from {@link at} on. */
  buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  view = viewOf(this.buffer);
  at = 0;
  count = 0;
  private ends = new Int32Array(FIRST_LINES);
  private places = Buffer.allocUnsafeSlow(FIRST_LINES * POSITION_BYTES);

  /** Makes sure that so many bytes can be written. */
  reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const room = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * GROWTH, this.at + bytes));
    this.buffer.copy(room, 0, 0, this.at);
    this.buffer = room;
    this.view = viewOf(room);
  }

  append(text: string): void {
    this.reserve(Buffer.byteLength(text));
    this.at += this.buffer.write(text, this.at);
  }

  /** What was written since the last line is one, at that position. */
  finishLine(position: Buffer): void {
    if (this.count === this.ends.length) this.grow();
    this.ends[this.count] = this.at;
    position.copy(this.places, this.count * POSITION_BYTES, 0, POSITION_BYTES);
    this.count += 1;
  }

  /** Bytes of the lines from `first` to before `last`. */
  lines(first: number, last: number): Buffer {
    return this.buffer.subarray(this.startOf(first), this.startOf(last));
  }

  startOf(line: number): number {
    return line === 0 ? 0 : (this.ends[line - 1] as number);
  }

  position(line: number): Buffer {
    return this.places.subarray(line * POSITION_BYTES, (line + 1) * POSITION_BYTES);
  }

  /** Order of a line's place and another. */
  compare(line: number, place: Buffer): number {
    const start = line * POSITION_BYTES;
    return this.places.compare(place, 0, POSITION_BYTES, start, start + POSITION_BYTES);
  }

  /** Whether two lines are of one transaction. */
  isSameTransaction(line: number, place: Buffer): boolean {
    const start = line * POSITION_BYTES;
    return this.places.compare(place, 0, LSN_BYTES, start, start + LSN_BYTES) === 0;
  }

  private grow(): void {
    const ends = new Int32Array(this.ends.length * GROWTH);
    ends.set(this.ends);
    this.ends = ends;
    const places = Buffer.allocUnsafeSlow(ends.length * POSITION_BYTES);
    this.places.copy(places);
    this.places = places;
  }
}
