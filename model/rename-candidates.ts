import type { ColumnSet } from "./column-set";
import { editDistance } from "./nearest-word";
import type { ColumnRename } from "./table-hints";

/**
 * Pairs of a removed and an added column that may be one renamed column, since they have the same type: the most
 * alike names first, each column in one pair at most. A column of which an answer says that it was not renamed is in none.
 */
export function renameCandidates(
  removed: readonly string[],
  added: readonly string[],
  olds: ColumnSet,
  news: ColumnSet,
  notRenamed: readonly ColumnRename[] = [],
): [from: string, to: string][] {
  const settled = notRenamed.filter(({ from, to }) => removed.includes(from) && added.includes(to));
  const gone = removed.filter((name) => !settled.some(({ from }) => from === name));
  const left = added.filter((name) => !settled.some(({ to }) => to === name));
  const pairs = gone
    .flatMap((from) => left.filter((to) => news[to]?.type === olds[from]?.type).map((to) => ({ from, to })))
    .map((pair) => ({ ...pair, distance: editDistance(normalised(pair.from), normalised(pair.to)) }))
    .sort((one, other) => one.distance - other.distance);
  const taken = new Set<string>();
  const chosen: [string, string][] = [];
  for (const { from, to } of pairs) {
    if (taken.has(`-${from}`) || taken.has(`+${to}`)) continue;
    taken.add(`-${from}`).add(`+${to}`);
    chosen.push([from, to]);
  }
  return chosen;
}

/** `Full_Name` and `fullName` are the same word. */
function normalised(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
}
