import { setTimeout as delay } from "node:timers/promises";
import type { InputContext, InputProvider } from "../../sdk/provider";
import { RawLines } from "../../sdk/raw-lines";
import type { CounterConfig } from "./config";
import { counterLine } from "./line";

const BYTES_AT_ONCE = 64 * 1024;
const USUAL_BYTES = 120;

/** Counts: one change per number, as fast as they are taken or at an interval; goes on where it was confirmed. */
export const counterInput: InputProvider<CounterConfig> = {
  async *read(config, context) {
    const last = config.max_count ?? Number.MAX_SAFE_INTEGER;
    const atOnce = Math.max(1, Math.floor(BYTES_AT_ONCE / Math.max(config.size ?? 0, USUAL_BYTES)));
    for (let value = reached(context) + 1; value <= last && !context.signal.aborted;) {
      const end = (config.interval ?? 0) > 0 ? value : Math.min(last, value + atOnce - 1);
      yield lines(value, end, config);
      context.setState({ value: end });
      value = end + 1;
      if (config.interval !== undefined && value <= last) await pause(config.interval, context.signal);
    }
  },
};

function reached({ state }: InputContext): number {
  const value = (state as { value?: unknown } | undefined)?.value;
  return typeof value === "number" ? value : 0;
}

function lines(first: number, last: number, config: CounterConfig): RawLines {
  let text = "";
  for (let value = first; value <= last; value++) text += counterLine(value, config);
  return new RawLines(Buffer.from(text), last - first + 1);
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  if (durationMs > 0) await delay(durationMs, undefined, { signal });
}
