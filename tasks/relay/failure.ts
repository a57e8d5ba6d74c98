import { CdcError } from "../../lib/errors";
import type { Failure, Role } from "../protocol/messages";
import type { TaskFailure } from "./events";

/** Where in the life of a provider it failed; decides the exit code. */
export type FailureStage = "handshake" | "protocol" | "run" | "relay";

/** Options of a {@link RelayError}. */
export interface RelayErrorOptions {
  readonly stage: FailureStage;
  readonly role?: Role;
  readonly name?: string;
  readonly retryable?: boolean;
  readonly hint?: string;
  readonly stderr?: readonly string[];
  readonly cause?: unknown;
}

/** Why an attempt to run a task failed. */
export class RelayError extends CdcError {
  override readonly name = "RelayError";
  readonly stage: FailureStage;
  readonly role: Role | undefined;
  readonly provider: string | undefined;
  readonly retryable: boolean;
  readonly stderr: readonly string[];

  constructor(code: string, message: string, { stage, role, name, retryable, stderr, ...rest }: RelayErrorOptions) {
    super(code, message, rest);
    this.stage = stage;
    this.role = role;
    this.provider = name;
    this.retryable = retryable ?? false;
    this.stderr = stderr ?? [];
  }

  /** The same failure, to be tried again. */
  asRetryable(): RelayError {
    const { stage, role, provider: name, stderr, hint } = this;
    return new RelayError(this.code, this.message, {
      stage,
      stderr,
      retryable: true,
      cause: this.cause,
      ...(role === undefined ? {} : { role }),
      ...(name === undefined ? {} : { name }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** Anything that was thrown while a task ran; what nobody foresaw is a bug, and goes on as it is. */
export function relayErrorOf(error: unknown): RelayError {
  if (error instanceof RelayError) return error;
  if (!(error instanceof CdcError)) throw error;
  const { code, message, hint } = error;
  return new RelayError(code, message, { stage: "relay", cause: error, ...(hint === undefined ? {} : { hint }) });
}

/** The failure that a provider told. */
export function toldFailure({ code, message, retryable, hint }: Failure, options: RelayErrorOptions): RelayError {
  const about = `${options.role ?? ""} ${options.name ?? ""}: ${message}`;
  return new RelayError(code, about, { ...options, retryable, ...(hint === undefined ? {} : { hint }) });
}

/** The failure for events, logs and results. */
export function taskFailure(error: RelayError, redact: (text: string) => string): TaskFailure {
  const { role, provider, code, message, hint, retryable, stderr } = error;
  return {
    ...(role === undefined ? {} : { role }),
    ...(provider === undefined ? {} : { name: provider }),
    code,
    message: redact(message),
    ...(hint === undefined ? {} : { hint: redact(hint) }),
    retryable,
    stderr,
  };
}
