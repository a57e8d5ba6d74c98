import { asBrokerError, type BrokerError } from "./errors";

/** What clients do, and what a fault can strike. */
export type Operation = "send" | "settle" | "manage" | "attach" | "administer";

/** Which operations a fault strikes. */
export interface Strike {
  /** Sends when absent. */
  readonly on?: Operation;
  /** Of this queue only. */
  readonly queue?: string;
  /** How many of them; 1 when absent. */
  readonly times?: number;
}

/** What happens instead of a proper answer, and whether the operation is done first. */
export type Fault =
  | { readonly kind: "refuse"; readonly error: BrokerError }
  | { readonly kind: "cut" | "silence"; readonly done: boolean };

interface Planned {
  readonly fault: Fault;
  readonly on: Operation;
  readonly queue: string | undefined;
  left: number;
}

/** Where an operation runs. */
export interface Site {
  readonly operation: Operation;
  readonly queue: string;
  /** Cuts the connection. */
  readonly cut: () => void;
  /** Answers: done, or refused. */
  readonly answer: (error?: BrokerError) => void;
}

/** Faults that are planned, and the delay of all answers. */
export class Faults {
  /** Milliseconds that every answer and every delivery comes later. */
  delayMs = 0;
  private readonly planned: Planned[] = [];

  plan(fault: Fault, { on = "send", queue, times = 1 }: Strike): void {
    this.planned.push({ fault, on, queue: queue?.toLowerCase(), left: times });
  }

  /** Forgets all that is planned. */
  clear(): void {
    this.planned.length = 0;
    this.delayMs = 0;
  }

  /** Runs an operation and answers it, or does what a planned fault says. Gives whether there is an answer. */
  run({ operation, queue, cut, answer }: Site, work: () => void): boolean {
    const fault = this.take(operation, queue);
    const error = fault?.kind === "refuse" ? fault.error : undefined;
    const broken = fault && fault.kind !== "refuse" ? fault : undefined;
    const outcome = broken?.done === false ? undefined : (error ?? attempt(work));
    if (broken?.kind === "cut") cut();
    else if (!broken) this.later(() => answer(outcome));
    return !broken;
  }

  /** Does it now, or after the delay of a slow server. */
  later(act: () => void): void {
    if (this.delayMs === 0) act();
    else setTimeout(act, this.delayMs);
  }

  private take(operation: Operation, queue: string): Fault | undefined {
    const name = queue.toLowerCase();
    const found = this.planned.find(({ on, queue: of }) => on === operation && (of === undefined || of === name));
    if (found && --found.left <= 0) this.planned.splice(this.planned.indexOf(found), 1);
    return found?.fault;
  }
}

function attempt(work: () => void): BrokerError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return asBrokerError(error);
  }
}
