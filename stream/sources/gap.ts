import { CdcError } from "../../lib/errors";
import { nextLsn, type Lsn } from "../../model/lsn";
import type { CaptureInstance } from "./capture-instance";

/**
 * The error (CDC_SOURCE_GAP) of a table whose changes right behind the position aren't there any more; undefined when
 * they are complete. To be asked of the instance through which the table was read up to the position, before a read and
 * once more after it.
 */
export function gapOf(instance: CaptureInstance, position: Lsn): CdcError | undefined {
  return instance.startLsn > nextLsn(position) ? gapError(instance, position) : undefined;
}

/** The error of changes between the position and the beginning of the instance, which nobody can read. */
export function gapError({ schema, table, name, startLsn }: CaptureInstance, position: Lsn): CdcError {
  return new CdcError(
    "CDC_SOURCE_GAP",
    `changes of ${schema}.${table} were lost: it was read up to LSN 0x${position}, and capture instance ${name} begins at 0x${startLsn}`,
    {
      hint: "Set `snapshot: when_needed` for the table, and its rows are copied anew; a longer retention of the cleanup job, or a stream that isn't down so long, prevents it.",
    },
  );
}
