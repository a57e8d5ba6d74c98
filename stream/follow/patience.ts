import { agentStopped } from "../sources/source-problems";
import type { FollowOptions } from "./options";
import type { Teller } from "./teller";

const BEHIND_MS = 60_000;
/** Nothing was ever captured for so long: somebody is told. */
const EMPTY_MS = 10_000;

/** How long a source has been as it should not stay. */
export class Patience {
  private behindSince: number | undefined;
  private emptySince: number | undefined;

  constructor(
    private readonly options: FollowOptions,
    private readonly tell: Teller,
  ) {}

  /** Whether anything was ever captured. */
  sawEmpty(isEmpty: boolean): void {
    if (!isEmpty) {
      this.emptySince = undefined;
      return;
    }
    this.emptySince ??= performance.now();
    if (performance.now() - this.emptySince >= EMPTY_MS) this.tell.warnOnce(agentStopped(this.options.source).message);
  }

  /** Whether the source has been behind what was read of it for longer than a failover takes. */
  isBehindForLong(behind: boolean): boolean {
    if (!behind) {
      this.behindSince = undefined;
      return false;
    }
    this.behindSince ??= performance.now();
    return performance.now() - this.behindSince >= (this.options.behindMs ?? BEHIND_MS);
  }
}
