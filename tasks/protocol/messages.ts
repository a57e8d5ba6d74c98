/** What a provider is started for. */
export type Command = "run" | LifecycleCommand;

/** Commands that answer with a {@link LifecycleResult}. */
export type LifecycleCommand = "init" | "plan" | "status" | "destroy";

/** The end of a task that a provider stands at. */
export type Role = "input" | "output";

/** What a provider can do beyond reading and writing lines; unknown words are ignored. */
export type Capability = "ack" | "state" | "heartbeat";

/** First line on the stdin of every provider. */
export interface StartMessage {
  readonly command: Command;
  readonly config: Readonly<Record<string, unknown>>;
  readonly protocol?: number;
  readonly task?: string;
  readonly role?: Role;
  /** What an input had stored with its last confirmed line; absent at the first run. */
  readonly state?: unknown;
  /** The lease that the run holds: an output that can check its token lets no older run write. */
  readonly lease?: LeaseToken;
}

/** A lease, told to those who work under it. */
export interface LeaseToken {
  readonly name: string;
  /** Higher than that of every holder before. */
  readonly token: string;
}

/** The provider has its config and will answer, however long it takes: the limit of the handshake ends. */
export interface Starting {
  readonly type: "starting";
}

/** End of the handshake: lines may flow. */
export interface Ready {
  readonly type: "ready";
  readonly protocol: number;
  readonly name: string;
  readonly version: string;
  readonly capabilities: readonly string[];
}

/** The provider gives up; it exits afterwards. */
export interface Failure {
  readonly type: "error";
  /** Stable code, such as `CDC_CAPTURE_DISABLED`. */
  readonly code: string;
  readonly message: string;
  /** Whether the same may succeed when it is tried again. */
  readonly retryable: boolean;
  /** What to do about it. */
  readonly hint?: string;
}

/** So many data lines of this run are durable at the output; cumulative. */
export interface Ack {
  readonly type: "ack";
  readonly count: number;
  /** From the relay: so many states of this run are stored; a newer one stands for those before it. */
  readonly states?: number;
}

/** What an input wants back at its next start, once its first `count` data lines of this run are confirmed. */
export interface State {
  readonly type: "state";
  readonly count: number;
  readonly state: unknown;
}

/** The provider is alive. */
export interface Heartbeat {
  readonly type: "heartbeat";
}

/** The input has no more lines, ever. */
export interface Eof {
  readonly type: "eof";
}

/** A line for whoever reads the stdout of the task. */
export interface Text {
  readonly type: "text";
  readonly text: string;
}

/** Every line whose first key is `type`. */
export type ControlMessage = Starting | Ready | Failure | Ack | State | Heartbeat | Eof | Text;

/** What a lifecycle command did, or would do, to one resource. */
export interface ResourceChange {
  readonly action: "create" | "update" | "delete" | "none";
  readonly kind: string;
  readonly name: string;
  readonly detail?: string;
}

/** A resource as it is. */
export interface ResourceState {
  readonly kind: string;
  readonly name: string;
  /** One word, such as `present`, `absent`, `drifted`. */
  readonly state: string;
  readonly detail?: string;
}

/** What {@link InfrastructureProvider} methods answer. */
export interface InfrastructureResult {
  readonly status: "succeeded" | "failed";
  readonly changes?: readonly ResourceChange[];
  readonly resources?: readonly ResourceState[];
  readonly message?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Last stdout line of a lifecycle command. */
export interface LifecycleResult extends InfrastructureResult {
  readonly type: "result";
  readonly command: LifecycleCommand;
  readonly changes: readonly ResourceChange[];
  readonly resources: readonly ResourceState[];
}
