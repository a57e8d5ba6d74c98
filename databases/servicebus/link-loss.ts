import type { ServiceBusSender } from "@azure/service-bus";

/** What the client calls when a sender has lost its link. It isn't declared. */
interface InnerSender {
  onDetached?: () => Promise<void>;
}

/**
 * Tells at once that a sender has lost its link or connection. The client itself would wait for the answer to what it
 * sent until its time is over; where a version of it doesn't tell, that is what happens.
 */
export class LinkLoss {
  private stop: () => void = () => undefined;

  constructor(sender: ServiceBusSender) {
    const inner = (sender as unknown as { readonly _sender?: InnerSender })._sender;
    const detached = inner?.onDetached?.bind(inner);
    if (inner === undefined || detached === undefined) return;
    inner.onDetached = () => {
      this.happen();
      return detached();
    };
  }

  /** Ends what {@link during} is waiting for. */
  happen(): void {
    this.stop();
  }

  /** Does one thing; it is called off when the link is lost, or when it takes longer than the client should let it. */
  async during<T>(work: (signal: AbortSignal) => Promise<T>, timeoutMs: number): Promise<T> {
    const control = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let leaving: NodeJS.Timeout | undefined;
    const lost = new Promise<never>((_, reject) => {
      const giveUp = () => reject(new LinkLost("ECONNRESET", "the connection was lost before the answer came"));
      // Of a link that was refused the client knows why, and says so a moment later.
      this.stop = () => (leaving ??= setTimeout(giveUp, PATIENCE_MS));
      timer = setTimeout(() => reject(new LinkLost("ETIMEDOUT", "no answer in time")), timeoutMs + GRACE_MS);
    });
    const working = work(control.signal);
    try {
      return await Promise.race([working, lost]);
    } finally {
      clearTimeout(timer);
      clearTimeout(leaving);
      this.stop = () => undefined;
      control.abort();
      working.catch(() => undefined);
    }
  }
}

/** The client's own limit comes first, since it tells more. */
const GRACE_MS = 500;
const PATIENCE_MS = 50;

/** The link went before there was an answer: whether the queue has the message isn't known. */
class LinkLost extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
