import type { ColumnSet } from "./column-set";
import { editDistance } from "./nearest-word";

/**
 * Pairs of a removed and an added column that may be one renamed column: the same type, and a name that
 * differs little, or no other column of that type on either side. Each column is in one pair at most.
 */
export function renameCandidates(
  removed: readonly string[],
  added: readonly string[],
  olds: ColumnSet,
  news: ColumnSet,
): [from: string, to: string][] {
  const left = new Set(added);
  const pairs: [string, string][] = [];
  for (const from of removed) {
    const type = olds[from]?.type;
    const sameType = [...left].filter((name) => news[name]?.type === type);
    const alone = sameType.length === 1 && removed.filter((name) => olds[name]?.type === type).length === 1;
    const to = alone ? sameType[0] : mostAlike(from, sameType);
    if (to === undefined) continue;
    left.delete(to);
    pairs.push([from, to]);
  }
  return pairs;
}

function mostAlike(from: string, names: readonly string[]): string | undefined {
  const plain = normalised(from);
  const near = names
    .map((name) => ({ name, distance: editDistance(plain, normalised(name)) }))
    .filter(({ distance }) => distance <= plain.length / 3)
    .sort((one, other) => one.distance - other.distance);
  return near[0]?.name;
}

/** `Full_Name` and `fullName` are the same word. */
function normalised(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
}
