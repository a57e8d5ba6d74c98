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

  /** Does one thing; it is called off when the link is lost. */
  async during(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const control = new AbortController();
    const lost = new Promise<never>((_, reject) => {
      this.stop = () => reject(new LinkLost());
    });
    const working = work(control.signal);
    try {
      await Promise.race([working, lost]);
    } finally {
      this.stop = () => undefined;
      control.abort();
      working.catch(() => undefined);
    }
  }
}

/** The link went before there was an answer: whether the queue has the message isn't known. */
class LinkLost extends Error {
  readonly code = "ECONNRESET";

  constructor() {
    super("the connection was lost before the answer came");
  }
}
