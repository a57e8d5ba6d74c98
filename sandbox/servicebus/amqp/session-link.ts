import type { Queue } from "../broker/queue";
import type { Session, SessionHolder } from "../broker/session";
import type { Sessions, SessionWaiter } from "../broker/sessions";
import type { Store } from "../broker/store";
import { asBrokerError, BrokerError, sessionLockLost } from "../errors";
import { ConsumerLink } from "./consumer-link";
import type { LinkContext } from "./link-context";
import { holdAttach, long, type SenderLink } from "./rhea";

export const SESSION_FILTER = "com.microsoft:session-filter";
const LOCKED_UNTIL = "com.microsoft:locked-until-utc";
const TIMEOUT = "com.microsoft:timeout";
/** How long a client that doesn't say waits for a session. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** A link on which a client receives one session. The answer to its attach waits until it has one. */
export class SessionLink extends ConsumerLink implements SessionHolder, SessionWaiter {
  readonly holder = this;
  private held: Session | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly answer: () => void;

  constructor(
    link: SenderLink,
    queue: Queue,
    store: Store,
    context: LinkContext,
    private readonly sessions: Sessions,
  ) {
    super(link, queue, store, context);
    this.answer = holdAttach(link);
  }

  /** Asks for the session that the client wants; the answer can be an error. */
  accept(): void {
    const filter = this.link.source.filter as Record<string, unknown> | undefined;
    const id = filter?.[SESSION_FILTER];
    if (typeof id === "string") this.acceptNamed(id);
    else this.acceptNext();
  }

  granted(session: Session): void {
    clearTimeout(this.timer);
    this.held = session;
    this.link.local.attach.properties = { [LOCKED_UNTIL]: long(dotNetTicks(session.lockedUntil)) };
    this.link.set_source({ address: this.link.source.address, filter: { [SESSION_FILTER]: session.id } });
    this.answer();
  }

  sessionLost(session: Session): void {
    this.held = undefined;
    this.context.detach(this.link, sessionLockLost(session.id));
  }

  override closed(): void {
    clearTimeout(this.timer);
    this.sessions.stopWaiting(this);
    super.closed();
    this.answer();
    if (this.held) this.store.releaseSession(this.held, false);
    this.held = undefined;
  }

  protected override get session(): Session | undefined {
    return this.held;
  }

  private acceptNamed(id: string): void {
    try {
      this.granted(this.sessions.accept(id, this));
    } catch (error) {
      this.context.detach(this.link, asBrokerError(error));
    }
  }

  private acceptNext(): void {
    const timeout = (this.link.properties as Record<string, number> | undefined)?.[TIMEOUT];
    this.timer = setTimeout(() => {
      this.context.detach(this.link, new BrokerError(TIMEOUT, "No session with messages became free in time."));
    }, timeout ?? DEFAULT_TIMEOUT_MS);
    this.sessions.acceptNext(this);
  }
}

/** Tenths of microseconds since the year 1, as .NET counts. */
function dotNetTicks(milliseconds: number): bigint {
  return BigInt(milliseconds) * 10_000n + 621_355_968_000_000_000n;
}
