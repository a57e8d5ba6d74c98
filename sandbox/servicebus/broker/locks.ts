import { randomUUID } from "node:crypto";
import { messageLockLost, sessionLockLost } from "../errors";
import type { Lock, Message } from "./message";
import type { Session } from "./session";

/** Who may settle which message. */
export class Locks {
  private readonly byToken = new Map<string, Lock>();

  /** Locks a message; in a session, for as long as the session is locked. */
  take(message: Message, until: number, session: Session | undefined): Lock {
    const lock: Lock = { token: randomUUID(), message, until, session };
    message.place = "locked";
    message.lock = lock;
    this.byToken.set(lock.token, lock);
    session?.locks.add(lock);
    return lock;
  }

  /**
   * The lock of that token. Throws BrokerError when it is lost.
   * @param session of whoever asks, to tell what was lost
   */
  held(token: string, now: number, session?: string): Lock {
    const lock = this.byToken.get(token);
    if (lock && endOf(lock) > now) return lock;
    const id = session ?? lock?.session?.id;
    throw id === undefined ? messageLockLost() : sessionLockLost(id);
  }

  end(lock: Lock): void {
    this.byToken.delete(lock.token);
    lock.session?.locks.delete(lock);
    lock.message.lock = undefined;
  }

  /** Locks of messages that ran out; those of sessions end with their session. */
  lost(now: number): Lock[] {
    return [...this.byToken.values()].filter(({ session, until }) => !session && until <= now);
  }

  /** When the next one runs out. */
  nextEnd(): number {
    let next = Infinity;
    for (const { session, until } of this.byToken.values()) if (!session) next = Math.min(next, until);
    return next;
  }
}

/** When a lock ends: with the session's own, in a session. */
export function endOf({ session, until }: Lock): number {
  return session ? session.lockedUntil : until;
}
