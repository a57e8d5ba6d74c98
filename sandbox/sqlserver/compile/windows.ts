import { sqlError } from "../errors";
import { hashOf, sortComparerOf } from "../values/compare";
import type { Value } from "../values/value";
import type { Frame } from "./compiled";
import type { WindowCall } from "./group-scope";

/** Computes every window function over all rows; each frame then holds the results. */
export function computeWindows(frames: Frame[], calls: readonly WindowCall[]): Frame[] {
  for (const frame of frames) frame.windows = [];
  for (const [index, call] of calls.entries()) {
    for (const partition of partitions(frames, call)) fill(partition, call, index);
  }
  return frames;
}

function partitions(frames: readonly Frame[], call: WindowCall): Iterable<Frame[]> {
  if (call.partitionBy.length === 0) return [[...frames]];
  const hashes = call.partitionBy.map(({ type }) => hashOf(type));
  const found = new Map<string, Frame[]>();
  for (const frame of frames) {
    const key = JSON.stringify(call.partitionBy.map((item, i) => hashes[i]?.(item.run(frame))));
    const partition = found.get(key);
    if (partition) partition.push(frame);
    else found.set(key, [frame]);
  }
  return found.values();
}

function fill(partition: Frame[], call: WindowCall, index: number): void {
  const compare = orderOf(call);
  const rows = call.orderBy.length > 0 ? [...partition].sort(compare) : partition;
  const set = (frame: Frame, value: Value) => {
    (frame.windows ??= [])[index] = value;
  };
  if (call.aggregate) {
    aggregateOver(rows, call, compare, set);
    return;
  }
  const rank = { rank: 0, dense: 0 };
  for (const [at, frame] of rows.entries()) {
    const previous = rows[at - 1];
    if (!previous || compare(previous, frame) !== 0) {
      rank.rank = at + 1;
      rank.dense++;
    }
    set(frame, valueOf(call, rows, at, rank));
  }
}

function orderOf(call: WindowCall): (a: Frame, b: Frame) => number {
  const keys = call.orderBy.map(({ value, descending }) => ({
    value,
    descending,
    compare: sortComparerOf(value.type),
  }));
  return (a, b) => {
    for (const { value, descending, compare } of keys) {
      const difference = compare(value.run(a), value.run(b));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
}

/** With ORDER BY up to the row and its equals, without it over all. */
function aggregateOver(
  rows: readonly Frame[],
  call: WindowCall,
  compare: (a: Frame, b: Frame) => number,
  set: (frame: Frame, value: Value) => void,
): void {
  const accumulator = call.aggregate?.start();
  if (!accumulator) return;
  for (let from = 0; from < rows.length;) {
    let to = from;
    for (
      let next = rows[to];
      next && (call.orderBy.length === 0 || compare(rows[from] ?? next, next) === 0);
      next = rows[++to]
    )
      accumulator.add(next);
    for (const frame of rows.slice(from, to)) set(frame, accumulator.result());
    from = to;
  }
}

function valueOf(call: WindowCall, rows: readonly Frame[], at: number, rank: { rank: number; dense: number }): Value {
  const [argument, distance, fallback] = call.arguments;
  const frame = rows[at];
  switch (call.name) {
    case "ROW_NUMBER":
      return BigInt(at + 1);
    case "RANK":
      return BigInt(rank.rank);
    case "DENSE_RANK":
      return BigInt(rank.dense);
    case "NTILE":
      return tile(Number(argument && frame ? argument.run(frame) : 1), rows.length, at);
    case "FIRST_VALUE":
      return (rows[0] && argument?.run(rows[0])) ?? null;
    case "LAG":
    case "LEAD": {
      const by = distance && frame ? Number(distance.run(frame)) : 1;
      const other = rows[call.name === "LAG" ? at - by : at + by];
      return other ? (argument?.run(other) ?? null) : frame && fallback ? fallback.run(frame) : null;
    }
    default:
      throw sqlError(195, call.name);
  }
}

/** The first tiles have one row more when the rows don't divide evenly. */
function tile(count: number, rows: number, at: number): bigint {
  const size = Math.floor(rows / count);
  const larger = rows % count;
  const inLarger = larger * (size + 1);
  return BigInt(
    at < inLarger ? Math.floor(at / (size + 1)) + 1 : larger + Math.floor((at - inLarger) / Math.max(1, size)) + 1,
  );
}
