import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 50_000;
const PAUSE_MS = 20;

/** Tries a check until it passes; its last failure when it never does. */
export async function eventually(check: () => unknown): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
