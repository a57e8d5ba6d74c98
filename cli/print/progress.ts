import type { Output } from "../io";

/** Shows how far something is. On a terminal one line that is redrawn, else a plain line now and then. */
export interface Progress {
  /** Counts what was done. */
  add(count?: number): void;
  /** How many there will be, once known. */
  expect(total: number): void;
  /** Runs `write` with the line out of the way, for output that stays. */
  above(write: () => void): void;
  /** Takes the line away. */
  end(): void;
}

const REDRAW_MS = 120;
const PLAIN_LINE_MS = 5_000;
const CLEAR_LINE = "\r\u001b[2K";

/** Opens a progress display on a stream; call `end` when done. */
export function openProgress(output: Output, label: string, now: () => number = Date.now): Progress {
  const state = { label, done: 0, total: undefined as number | undefined, startedMs: now() };
  const live = output.isTTY === true;
  const draw = () => {
    const line = progressLine(state, now(), live ? output.columns : undefined);
    output.write(live ? `${CLEAR_LINE}${line}` : `${line}\n`);
  };
  const clear = () => {
    if (live) output.write(CLEAR_LINE);
  };
  const timer = setInterval(draw, live ? REDRAW_MS : PLAIN_LINE_MS);
  timer.unref();
  return {
    add: (count = 1) => void (state.done += count),
    expect: (total) => void (state.total = total),
    above: (write) => {
      clear();
      write();
    },
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}

interface ProgressState {
  readonly label: string;
  readonly done: number;
  readonly total: number | undefined;
  readonly startedMs: number;
}

/** `updating dev · 120/3100 · 210/s · 14 s`, cut to the width of the terminal. */
export function progressLine(state: ProgressState, nowMs: number, columns?: number): string {
  const seconds = Math.max(0, (nowMs - state.startedMs) / 1000);
  const { done, total = 0 } = state;
  // More than was expected, as when a stack is deployed for the first time: the total says nothing then.
  const count = total === 0 || total < done ? String(done) : `${String(done)}/${String(total)}`;
  const rate = seconds > 0 ? Math.round(state.done / seconds) : 0;
  const line = `${state.label} · ${count} · ${String(rate)}/s · ${seconds.toFixed(0)} s`;
  return columns === undefined ? line : line.slice(0, Math.max(0, columns - 1));
}
