import { failureKind } from "../../databases/sqlserver/errors";
import { CdcError } from "../../lib/errors";
import { SourceBehind } from "../snapshot/table-copier";
import type { StreamProblem } from "../stream-events";

const LOOK_AGAIN = new Set(["CDC_SOURCE_GAP", "CDC_SOURCE_NO_INSTANCE"]);

/** Why tables can't be read on; somebody has to do something about it. */
export class FollowProblem extends CdcError {
  /** All of them in one, under the code of the first. */
  static of(problems: readonly StreamProblem[]): FollowProblem {
    const [first] = problems;
    const messages = [...new Set(problems.map(({ message }) => message))];
    const hint = first?.hint === undefined ? {} : { hint: first.hint };
    return new FollowProblem(first?.code ?? "CDC_SOURCE_DRIFT", messages.join("; "), hint);
  }
}

/** Whether the same may succeed later without anybody doing anything. */
export function mayPass(error: unknown): boolean {
  return error instanceof SourceBehind || failureKind(error) === "retry";
}

/** Something of the capture changed while it was read: what comes of it shows at the next look. */
export function isWorthAnotherLook(error: unknown): boolean {
  return error instanceof CdcError && !(error instanceof FollowProblem) && LOOK_AGAIN.has(error.code);
}
