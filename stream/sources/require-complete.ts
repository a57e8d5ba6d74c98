import type { CdcError } from "../../lib/errors";
import { nextLsn, type Lsn } from "../../model/lsn";
import type { CaptureInstance } from "./capture-instance";
import type { CaptureReader } from "./capture-reader";
import { gapOf } from "./gap";

/** An instance that was read behind an LSN. */
export interface Guarded {
  readonly instance: CaptureInstance;
  readonly after: Lsn;
}

/**
 * Looks whether cleanup has taken anything of what was read: it raises the lowest LSN before it deletes, so when that is
 * where it was, all that was read is all there was.
 * @returns The first that lacks something, with its error (CDC_SOURCE_GAP); undefined when all is there.
 */
export async function findGap<G extends Guarded>(
  reader: Pick<CaptureReader, "startLsns">,
  guarded: readonly G[],
  end: Lsn,
): Promise<{ readonly of: G; readonly error: CdcError } | undefined> {
  if (guarded.length === 0) return undefined;
  const starts = await reader.startLsns(guarded.map(({ instance }) => instance.name));
  for (const one of guarded) {
    // One that is gone counts as one that begins after everything.
    const startLsn = starts.get(one.instance.name) ?? nextLsn(nextLsn(end));
    const error = gapOf({ ...one.instance, startLsn }, one.after);
    if (error !== undefined) return { of: one, error };
  }
  return undefined;
}
