import { BrokerError } from "../errors";
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

  /** Those that are known, held or not. */
  list(): Iterable<Session> {
    return this.all.values();
  }

  find(id: string): Session | undefined {
    return this.all.get(id);
  }

  /** The session of a message. */
  of(message: Message): Session {
    return this.known(message.content.sessionId ?? "");
  }

  known(id: string): Session {
    let session = this.all.get(id);
    if (!session) this.all.set(id, (session = new Session(id)));
    return session;
  }

  /** Gives a session to whoever asked for it by name. Throws BrokerError when another one holds it. */
  accept(id: string, holder: SessionHolder, until: number): Session {
    const session = this.known(id);
    if (session.holder) {
      throw new BrokerError(
        "com.microsoft:session-cannot-be-locked",
        `The requested session '${id}' cannot be accepted. It may be locked by another receiver.`,
      );
    }
    hold(session, holder, until);
    this.free.delete(session);
    return session;
  }

  /** Gives the next free session to the waiter, now or when there is one. */
  acceptNext(waiter: SessionWaiter, until: () => number): void {
    this.waiting.add(waiter);
    this.grant(until);
  }

  stopWaiting(waiter: SessionWaiter): void {
    this.waiting.delete(waiter);
  }

  /** Notes that a session has messages, or is free again. */
  offer(session: Session, until: () => number): void {
    if (session.holder || session.first() === undefined) return;
    this.free.add(session);
    this.grant(until);
  }

  /** Forgets a session that has nothing left. */
  tidy(session: Session): void {
    if (session.holder || session.state || session.locks.size > 0 || session.first()) return;
    this.free.delete(session);
    this.all.delete(session.id);
  }

  private grant(until: () => number): void {
    for (const waiter of this.waiting) {
      const [session] = this.free;
      if (!session) return;
      this.free.delete(session);
      this.waiting.delete(waiter);
      hold(session, waiter.holder, until());
      waiter.granted(session);
    }
  }
}

function hold(session: Session, holder: SessionHolder, until: number): void {
  session.holder = holder;
  session.lockedUntil = until;
  session.consumers.push(holder);
}
