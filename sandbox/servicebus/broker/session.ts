import { Lane, type Consumer } from "./lane";
import type { Lock } from "./message";

/** Who holds a session. */
export interface SessionHolder extends Consumer {
  /** Of the link. */
  readonly name: string;
  /** The lock ran out: the session is another's from now on. */
  sessionLost(session: Session): void;
}

/** Messages of one session id, in order, for one receiver at a time. */
export class Session extends Lane {
  holder: SessionHolder | undefined;
  /** Milliseconds since 1970. */
  lockedUntil = 0;
  /** What receivers keep here. */
  state: Buffer | undefined;
  private locksOrNone: Set<Lock> | undefined;

  constructor(readonly id: string) {
    super();
  }

  /** Locks on its messages. */
  get locks(): Set<Lock> {
    return (this.locksOrNone ??= new Set());
  }
}
