import { blockedBy } from "../../model/hazard";
import { CORPUS } from "./corpus";
import { LOCKS, type Observation } from "./observe";

/**
 * What was said, compared with what was seen: `exact`, `cautious` (more was said than seen), `missed` (nothing was said
 * of somebody who waits) or `falsely safe` (a weaker lock, no rewrite, or a moment that lasts as long as the rows are many).
 */
export type Verdict = "exact" | "cautious" | "missed" | "falsely safe";

export function judge({ said, lock, rewrite, reads }: Observation): Verdict {
  const [told, seen] = [LOCKS.indexOf(said.lock), LOCKS.indexOf(lock)];
  const waits = blockedBy(lock) !== "nobody";
  if (waits && blockedBy(said.lock) === "nobody") return "missed";
  const long = waits && (reads || rewrite);
  if (told < seen || (rewrite && !said.rewrite) || (long && said.work === undefined)) return "falsely safe";
  const heavy = waits && said.work !== undefined;
  return told > seen || said.rewrite !== rewrite || heavy !== long ? "cautious" : "exact";
}

/** Cases of which less can be known than is: the plan may say more than happens. */
export function mayBeCautious({ title }: Observation, version: number): boolean {
  const one = CORPUS.find((found) => found.title === title);
  return one?.unknown === true || (version === 15 && one?.on15 !== undefined);
}
