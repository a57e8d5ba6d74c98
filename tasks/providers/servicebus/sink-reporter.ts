import type { SinkEvent } from "../../../stream/sinks/servicebus/sink-events";
import type { Log } from "../../sdk/log";

/** Tells what happens while events are sent: what happens often is told the first, 10th, 100th time and so on. */
export class SinkReporter {
  private readonly counts = new Map<string, number>();

  constructor(private readonly log: Log) {}

  report(event: SinkEvent): void {
    switch (event.kind) {
      case "retry":
        if (isTold(event.attempt))
          this.log.warn(`${event.failure}; attempt ${event.attempt}, again in ${Math.round(event.pauseMs)} ms`);
        return;
      case "recovered":
        this.log.info(`queue ${event.queue} takes messages again`);
        return;
      case "queue-created":
        this.log.info(`queue ${event.queue} was made`);
        return;
      case "dead-letter":
        this.often(`${event.reason} ${event.queue ?? ""}`, (times) => `dead letter${times}: ${event.description}`);
        return;
      case "claim-check":
        this.often(
          `claim ${event.queue}`,
          (times) => `${event.bytes} bytes for ${event.queue} lie in ${event.url}${times}`,
        );
    }
  }

  private often(what: string, text: (times: string) => string): void {
    const count = (this.counts.get(what) ?? 0) + 1;
    this.counts.set(what, count);
    if (isTold(count)) this.log.warn(text(count === 1 ? "" : ` (${count} of this kind by now)`));
  }
}

function isTold(count: number): boolean {
  return Number.isInteger(Math.log10(count));
}
