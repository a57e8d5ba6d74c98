import type { IncomingMessage, ServerResponse } from "node:http";

/** Something that goes wrong, once or more often. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  /** How often (default once). */
  times?: number;
  /** Requests that go well first. */
  skip?: number;
  /** Answer this instead. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Hang up after so many bytes of the body, received or sent. */
  readonly cutAfter?: number;
  /** Serve other bytes of the same length. */
  readonly corrupt?: boolean;
  /** Serve the whole body whatever range was asked for. */
  readonly ignoreRange?: boolean;
  /** Do the work, and hang up before the answer. */
  readonly loseAnswer?: boolean;
}

/** Takes the fault that a request meets out of a list. */
export function takeFault(faults: Fault[], request: IncomingMessage, path: string): Fault | undefined {
  const fault = faults.find((one) => one.method === request.method && one.path.test(path) && (one.times ?? 1) > 0);
  if (fault === undefined) return undefined;
  if ((fault.skip ?? 0) > 0) {
    fault.skip = (fault.skip ?? 0) - 1;
    return undefined;
  }
  fault.times = (fault.times ?? 1) - 1;
  return fault;
}

/** Answers at once where the fault says what. True when it has. */
export function answeredByFault(fault: Fault | undefined, request: IncomingMessage, response: ServerResponse): boolean {
  if (fault?.status === undefined) return false;
  request.resume();
  response.writeHead(fault.status, { ...fault.headers }).end(fault.body ?? "");
  return true;
}
