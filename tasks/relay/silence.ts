import type { Ready } from "./await-ready";
import { RelayError } from "./failure";

/** A watch over a provider that has promised heartbeats. */
export interface SilenceWatch {
  /** Rejects when nothing was heard for too long; never resolves. */
  readonly silent: Promise<never>;
  stop(): void;
}

/** Watches a provider; one whose lines nobody takes at the moment can't be heard, and is not judged. */
export function watchSilence({ process, capabilities }: Ready, timeoutMs: number): SilenceWatch {
  let fail: (error: unknown) => void = () => undefined;
  const silent = new Promise<never>((_resolve, reject) => (fail = reject));
  silent.catch(() => undefined);
  if (timeoutMs <= 0 || !capabilities.has("heartbeat")) return { silent, stop: () => undefined };
  const timer = setInterval(() => {
    if (process.ended !== undefined || process.feed.isPaused) return;
    if (performance.now() - process.feed.lastSeen < timeoutMs) return;
    const message = `${process.title} has sent nothing for ${timeoutMs / 1000} s, not even a heartbeat`;
    fail(new RelayError("CDC_PROVIDER_SILENT", message, { stage: "run", retryable: true, ...process.about() }));
  }, timeoutMs / 4);
  return { silent, stop: () => clearInterval(timer) };
}
