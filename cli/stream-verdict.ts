import { CdcError } from "../lib/errors";
import type { StreamResult } from "../stream/run/options";
import type { SourceProgress, StreamEvent, StreamStatus } from "../stream/stream-events";
import { EXIT } from "./exit-code";
import { counted } from "./print/nouns";

/** Waiting mends none of these: somebody has to change a setting, a right, or the server. */
const NEEDS_A_HAND = new Set(
  [
    "PASSWORD",
    "REFUSED",
    "NO_DATABASE",
    "NOT_CONFIGURED",
    "CERTIFICATE",
    "ENCRYPTION",
    "NOT_ENABLED",
    "PERMISSION",
    "TIER",
  ].map((word) => `CDC_MSSQL_${word}`),
);

/** Whether there is no source that the stream can use, so that it has nothing to wait for. */
export function isUseless({ sources }: StreamStatus): boolean {
  return sources.length > 0 && sources.every(isUnusable);
}

/** One that was never read by this process, and can't be; or that the stream has given up. */
function isUnusable({ state, maxLsn, problem }: SourceProgress): boolean {
  return state === "stopped" || (state === "retrying" && maxLsn === undefined && NEEDS_A_HAND.has(problem?.code ?? ""));
}

/**
 * Exit code of a stream that ended.
 * @throws CdcError with the problem of a source, when there is none that it could use.
 */
export function verdictOf(
  result: StreamResult,
  wishes: { readonly once?: boolean; readonly strict?: boolean },
): number {
  const { status, healthy } = result;
  if (isUseless(status)) throw uselessness(status.sources);
  const stands = [...status.sources, ...status.tables].some(({ state }) => state === "stopped");
  const dead = status.tables.some(({ deadLetters }) => deadLetters > 0);
  const isUnfinished = wishes.once === true && !healthy;
  return stands || isUnfinished || (wishes.strict === true && dead) ? EXIT.unhealthy : EXIT.fine;
}

function uselessness(sources: readonly SourceProgress[]): CdcError {
  const [first, ...others] = sources;
  const { code, message, hint } = first?.problem ?? { code: "CDC_SOURCE_STOPPED", message: "it is stopped" };
  const name = first === undefined || message.includes(first.source) ? "" : `source ${first.source}: `;
  const more = others.length === 0 ? "" : ` (and ${counted(others.length, "more source")})`;
  return new CdcError(code, `${name}${message}${more}`, hint === undefined ? {} : { hint });
}

/** The event with what to do about it, which the status knows. */
export function withHint(event: StreamEvent, status: () => StreamStatus): StreamEvent {
  if (event.event !== "table.stopped") return event;
  const stopped = status().tables.find(
    (one) => one.source === event.source && `${one.schema}.${one.table}` === event.table,
  );
  const hint = stopped?.problem?.hint;
  return hint === undefined ? event : { ...event, details: { ...event.details, hint } };
}
