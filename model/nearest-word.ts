/** Longest word that is compared; a longer one is no typing error. */
const LONGEST = 64;

/**
 * Number of single-letter slips between two words: insert, delete, replace, or swap of two neighbours
 * (optimal string alignment).
 */
export function editDistance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = cell(last, column - 1) + (one[row - 1] === other[column - 1] ? 0 : 1);
      let best = Math.min(replaced, cell(last, column) + 1, cell(current, column - 1) + 1);
      if (swapped(one, other, row, column)) best = Math.min(best, cell(beforeLast, column - 2) + 1);
      current.push(best);
    }
    [beforeLast, last] = [last, current];
  }
  return cell(last, other.length);
}

/** The candidate nearest to a mistyped word, when it is near enough to be what was meant. */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const most = Math.max(1, Math.floor(word.length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > most) continue;
    const distance = slips(word, candidate);
    if (distance <= most && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** A word that differs in case alone is nearer than any slip. */
function slips(word: string, candidate: string): number {
  const [one, other] = [word.toLowerCase(), candidate.toLowerCase()];
  return one === other ? 0 : editDistance(one, other);
}

function swapped(one: string, other: string, row: number, column: number): boolean {
  return row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
}

function cell(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
