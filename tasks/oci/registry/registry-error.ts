import { types } from "node:util";
import { CdcError } from "../../../lib/errors";
import { readWhole, type Answer } from "./exchange";

const LASTING = /^ENOTFOUND$|CERT|^ERR_(?:TLS|SSL)/;

/** A registry that refused, failed, or could not be reached. */
export class RegistryError extends CdcError {
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** How long the registry wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; cause?: unknown; status?: number; retryAfterMs?: number | undefined },
  ) {
    super(code, message, options);
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const LONGEST_REASON = 300;
const LONGEST_PAUSE_MS = 60_000;
const NETWORK =
  /^(?:ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|HPE_|ERR_STREAM_PREMATURE_CLOSE|EPROTO)/;

/** The error that an answer stands for. `what` is what was asked, such as `pull of ghcr.io/a/x:v1`. */
export async function refusal(answer: Answer, registry: string, what: string): Promise<RegistryError> {
  const { status } = answer;
  const reason = reasonOf((await readWhole(answer).catch(() => Buffer.alloc(0))).toString());
  const [code, hint] = meaning(status, registry);
  const message = `${what}: ${registry} answered ${String(status)}${reason === "" ? "" : ` (${reason})`}`;
  return new RegistryError(code, message, { hint, status, retryAfterMs: pauseOf(answer.headers["retry-after"]) });
}

/** The error for a request that got no answer; what isn't the network's fault comes back as it is. */
export function unreachable(error: unknown, registry: string, what: string): unknown {
  if (!isNetworkError(error)) return error;
  return new RegistryError("CDC_REGISTRY_UNREACHABLE", `${what}: ${registry} can't be reached: ${wordsOf(error)}`, {
    hint: "Check the name and the network; a registry without TLS that isn't on this machine needs --insecure.",
    cause: error,
  });
}

/** Whether asking again can help: not when there is no such host, or its certificate is wrong. */
export function isPassing(error: unknown): error is RegistryError {
  if (!(error instanceof RegistryError)) return false;
  if (error.status !== undefined) return isPassingStatus(error.status);
  const { code = "" } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return error.code === "CDC_REGISTRY_UNREACHABLE" && !LASTING.test(code);
}

function isPassingStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function isNetworkError(error: unknown): error is NodeJS.ErrnoException {
  if (!types.isNativeError(error)) return false;
  const { code = "" } = error as NodeJS.ErrnoException;
  return NETWORK.test(code) || /CERT|^ERR_(?:TLS|SSL)/.test(code) || error.message === "aborted";
}

/** Several addresses that all failed make an error without a message of its own. */
function wordsOf(error: NodeJS.ErrnoException): string {
  if (error.message !== "") return error.message;
  return error.code ?? "no answer";
}

function meaning(status: number, registry: string): [code: string, hint: string] {
  if (status === 401 || status === 403)
    return ["CDC_REGISTRY_DENIED", `Log in with \`docker login ${registry}\`, or ask for access to it.`];
  if (status === 404)
    return ["CDC_REGISTRY_NOT_FOUND", "Check the name and the tag; `cdc providers search` lists them."];
  if (status === 429)
    return ["CDC_REGISTRY_BUSY", "Wait a while, or log in: registries let known users ask more often."];
  return ["CDC_REGISTRY_FAILED", "Run the command again; if it goes on, ask who runs the registry."];
}

/** The registry's own words: `{"errors":[{"code","message"}]}`. */
function reasonOf(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors: readonly { code?: string; message?: string }[] };
    return errors
      .map(({ code, message }) => [code, message].filter(Boolean).join(": "))
      .join("; ")
      .slice(0, LONGEST_REASON);
  } catch {
    return "";
  }
}

/** `Retry-After`: seconds, or a date. */
function pauseOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const wanted = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(wanted) ? undefined : Math.min(Math.max(wanted, 0), LONGEST_PAUSE_MS);
}
