import { hashOf } from "../values/compare";
import type { Values } from "../values/value";
import type { Accumulator, Aggregate } from "./aggregates";
import type { Compiled, Frame } from "./compiled";

interface Group {
  /** Rows of its first member: what a subquery sees of the columns that are grouped by. */
  readonly rows: Frame["rows"];
  readonly keys: Values;
  readonly accumulators: readonly Accumulator[];
}

/** One frame per group. Without GROUP BY there is one group, even of no rows. */
export function* groupRows(
  frames: Iterable<Frame>,
  keys: readonly Compiled[],
  aggregates: readonly Aggregate[],
  parent: Frame | undefined,
  hasKeys: boolean,
): Generator<Frame> {
  const hashes = keys.map(({ type }) => hashOf(type));
  const groups = new Map<string, Group>();
  const start = () => aggregates.map((aggregate) => aggregate.start());
  if (!hasKeys) groups.set("[]", { rows: [], keys: [], accumulators: start() });
  for (const frame of frames) {
    const values = keys.map((key) => key.run(frame));
    const hash = JSON.stringify(values.map((value, i) => hashes[i]?.(value)));
    let group = groups.get(hash);
    if (!group) {
      group = { rows: frame.rows, keys: values, accumulators: start() };
      groups.set(hash, group);
    }
    for (const accumulator of group.accumulators) accumulator.add(frame);
  }
  for (const group of groups.values()) {
    yield { rows: group.rows, parent, groups: group.keys, aggregates: group.accumulators.map((one) => one.result()) };
  }
}
