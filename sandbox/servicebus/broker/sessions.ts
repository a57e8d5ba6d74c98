import { BrokerError, sessionLockLost } from "../errors";
import type { Message } from "./message";
import { Session, type SessionHolder } from "./session";

/** Somebody who waits for any session. */
export interface SessionWaiter {
  readonly holder: SessionHolder;
  granted(session: Session): void;
}

/** The sessions of a queue: who holds them, which are free, who waits. */
export class Sessions {
  private readonly all = new Map<string, Session>();
  /** Free sessions with messages, the longest waiting first. */
  private readonly free = new Set<Session>();
  private readonly waiting = new Set<SessionWaiter>();

  /** @param lockEnd when a session is free again that is locked now */
  constructor(private readonly lockEnd: () => number) {}

  /** Those that are known, held or not. */
  list(): Iterable<Session> {
    return this.all.values();
  }

  /** The session of a message. */
  of(message: Message): Session {
    return this.known(message.content.sessionId ?? "");
  }

  find(id: string): Session | undefined {
    return this.all.get(id);
  }

  /**
   * The session, which somebody holds. Throws BrokerError when its lock is lost.
   * @param by name of the link that should hold it
   */
  held(id: string, now: number, by: string | undefined): Session {
    const session = this.all.get(id);
    const { holder, lockedUntil } = session ?? { lockedUntil: 0 };
    if (session && holder && lockedUntil > now && (by === undefined || holder.name === by)) return session;
    throw sessionLockLost(id);
  }

  /** Gives a session to whoever asked for it by name. Throws BrokerError when another one holds it. */
  accept(id: string, holder: SessionHolder): Session {
    const session = this.known(id);
    if (session.holder) {
      throw new BrokerError(
        "com.microsoft:session-cannot-be-locked",
        `The requested session '${id}' cannot be accepted. It may be locked by another receiver.`,
      );
    }
    this.hold(session, holder);
    return session;
  }

  /** Gives the next free session to the waiter, now or when there is one. */
  acceptNext(waiter: SessionWaiter): void {
    this.waiting.add(waiter);
    this.grant();
  }

  stopWaiting(waiter: SessionWaiter): void {
    this.waiting.delete(waiter);
  }

  /** Lets others have a session that nobody holds, if there is something in it; else forgets it. */
  offer(session: Session): void {
    if (session.holder) return;
    if (session.first()) {
      this.free.add(session);
      this.grant();
    } else this.forgetEmpty(session);
  }

  /** Forgets the session of a message that is gone, when it was the last. */
  tidy(message: Message): void {
    const session = this.all.get(message.content.sessionId ?? "");
    if (session && !session.holder && !session.first()) this.forgetEmpty(session);
  }

  private forgetEmpty(session: Session): void {
    this.free.delete(session);
    if (session.state === undefined) this.all.delete(session.id);
  }

  private known(id: string): Session {
    let session = this.all.get(id);
    if (!session) this.all.set(id, (session = new Session(id)));
    return session;
  }

  private grant(): void {
    for (const waiter of this.waiting) {
      const [session] = this.free;
      if (!session) return;
      this.waiting.delete(waiter);
      this.hold(session, waiter.holder);
      waiter.granted(session);
    }
  }

  private hold(session: Session, holder: SessionHolder): void {
    this.free.delete(session);
    session.holder = holder;
    session.lockedUntil = this.lockEnd();
    session.consumers.push(holder);
  }
}
