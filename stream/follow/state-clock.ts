import type { Lsn } from "../../model/lsn";
import type { FollowTable } from "./follow-table";
import type { FollowOptions } from "./options";
import type { FollowState, FollowTableState } from "./state";

/** Least time between two states: behind lines, and of a quiet source, whose position moves, too. */
const STATE_MS = { lines: 250, quiet: 10_000 } as const;
/** Lines behind which a state is due anyway: who reads ahead gives out many at once, and they may leave slowly. */
const STATE_BYTES = 1024 * 1024;

/** Makes the states of a source that is followed, and knows when the next one is due. */
export class StateClock {
  /** Position of the last state. */
  private stated: Lsn | undefined;
  /** Of lines that were given out since the last state. */
  private bytes = 0;
  private madeAt = 0;

  constructor(
    private readonly options: FollowOptions,
    private readonly tables: readonly FollowTable[],
  ) {}

  gaveOut(lines: Buffer): void {
    this.bytes += lines.length;
  }

  /** Whether there is something that the last state doesn't tell. */
  isBehind(position: Lsn): boolean {
    return this.bytes > 0 || position !== this.stated;
  }

  isDue(after?: keyof typeof STATE_MS): boolean {
    const wait = (this.options.stateMs ?? STATE_MS)[after ?? (this.bytes > 0 ? "lines" : "quiet")];
    return this.bytes >= STATE_BYTES || performance.now() - this.madeAt >= wait;
  }

  make(position: Lsn, commitTime: Date | undefined): FollowState {
    this.madeAt = performance.now();
    this.stated = position;
    this.bytes = 0;
    const tables: Record<string, FollowTableState> = {};
    for (const table of this.tables) {
      const own = table.stateAt(position);
      if (own !== undefined) tables[table.name] = own;
    }
    const time = commitTime === undefined ? {} : { commitTime: commitTime.toISOString() };
    return { version: 1, database: this.options.config.database, position, ...time, tables };
  }
}
