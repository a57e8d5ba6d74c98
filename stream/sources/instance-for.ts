import { CdcError } from "../../lib/errors";
import { nextLsn, type Lsn } from "../../model/lsn";
import type { TableShape } from "../../model/table-shape";
import { bracketedName } from "../../sql/sqlserver/quote";
import type { StreamProblem } from "../stream-events";
import type { CaptureInstance } from "./capture-instance";
import { gapError } from "./gap";
import { matchColumns } from "./match-columns";

/** What is known of a table from before. */
export interface ReadBefore {
  /** Name of the instance through which the table was read up to the position; absent when it wasn't read yet. */
  readonly instance?: string;
}

/** Which instance to read a table through. */
export interface ChosenInstance {
  readonly use: CaptureInstance;
  /** The newer one, to be used once all before its `startLsn` was read through the other: stop the window at the LSN before. */
  readonly next?: CaptureInstance;
}

/**
 * Chooses the capture instance of a table for reading on behind a position.
 * @param instances All of the database, the older one of a table first.
 * @returns a problem when no instance has the table (CDC_SOURCE_NO_INSTANCE) or a column of it
 *   (CDC_SOURCE_NO_INSTANCE), or when changes behind the position are lost (CDC_SOURCE_GAP).
 */
export function instanceFor(
  shape: TableShape,
  instances: readonly CaptureInstance[],
  position: Lsn,
  before: ReadBefore = {},
): ChosenInstance | StreamProblem {
  const own = candidates(shape, instances, before);
  const best = bestOf(shape, own);
  if (best === undefined) return noInstance(shape);
  const { missing } = matchColumns(shape, best);
  if (missing.length > 0) return notCaptured(shape, missing);
  const isComplete = (instance: CaptureInstance): boolean => instance.startLsn <= nextLsn(position);
  if (isComplete(best)) return { use: best };
  const older = own.find((instance) => instance !== best && isComplete(instance));
  if (older !== undefined) return { use: older, next: best };
  // A table that was not read yet gets everything before the instance from its snapshot.
  return before.instance === undefined ? { use: best } : gapError(lastRead(own, before) ?? best, position);
}

/** Those of the table by its name, else the one that it was read through: the table was renamed. */
function candidates(shape: TableShape, instances: readonly CaptureInstance[], before: ReadBefore): CaptureInstance[] {
  const { schema, table } = shape.source;
  const own = instances.filter((instance) => instance.schema === schema && instance.table === table);
  return own.length > 0 ? own : instances.filter(({ name }) => name === before.instance);
}

/** The one that captures most of what is wanted; the newer one when they are alike. */
function bestOf(shape: TableShape, own: readonly CaptureInstance[]): CaptureInstance | undefined {
  const lacks = (instance: CaptureInstance): number => matchColumns(shape, instance).missing.length;
  return own.reduce<CaptureInstance | undefined>(
    (best, instance) => (best === undefined || lacks(instance) <= lacks(best) ? instance : best),
    undefined,
  );
}

function lastRead(own: readonly CaptureInstance[], before: ReadBefore): CaptureInstance | undefined {
  return own.find(({ name }) => name === before.instance);
}

function noInstance({ source: { database = "", schema, table } }: TableShape): CdcError {
  return new CdcError(
    "CDC_SOURCE_NO_INSTANCE",
    `no capture instance of ${schema}.${table} is in database ${database}`,
    {
      hint: `The table was dropped, or its capture was turned off: turn it on with \`cdc manage-migrations enable-cdc\` or \`cdc up\`, and its rows are copied anew with \`snapshot: when_needed\`. Missing rights look the same: GRANT SELECT ON ${bracketedName(schema, table)} and ON SCHEMA::cdc to the login's user.`,
    },
  );
}

function notCaptured({ source: { database = "", schema, table } }: TableShape, missing: readonly string[]): CdcError {
  const names = missing.join(", ");
  return new CdcError(
    "CDC_SOURCE_NO_INSTANCE",
    `no capture instance of ${schema}.${table} in database ${database} captures ${names}`,
    {
      hint: "Run `cdc up`: it makes a second capture instance with them. Where others manage the capture, let them make one with these columns.",
    },
  );
}
