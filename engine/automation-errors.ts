import { CdcError } from "../lib/errors";

/** What the error is about, for its message. */
export interface FailedCommand {
  readonly stack: string;
  readonly backend: string;
  /** Error diagnostics seen during the run, in order. */
  readonly diagnostics: readonly string[];
  readonly aborted?: boolean;
}

interface Known {
  readonly pattern: RegExp;
  readonly error: (failed: FailedCommand) => readonly [code: string, message: string, hint: string];
}

const KNOWN: readonly Known[] = [
  {
    pattern: /currently locked by|\[409\] Conflict/i,
    error: ({ stack }) => [
      "CDC_STACK_LOCKED",
      `stack ${stack} is locked by another run`,
      `Wait for it to end; when no other run is alive, release the lock with \`cdc stack cancel -s ${stack}\`.`,
    ],
  },
  {
    pattern: /no stack named .* found/i,
    error: ({ stack, backend }) => [
      "CDC_STACK_NOT_FOUND",
      `stack ${stack} does not exist in ${backend}`,
      `Deploy it first with \`cdc up -s ${stack}\`, or check PULUMI_BACKEND_URL.`,
    ],
  },
  {
    pattern: /incorrect passphrase/i,
    error: ({ stack }) => [
      "CDC_PASSPHRASE_WRONG",
      `the passphrase does not open the secrets of stack ${stack}`,
      "Set PULUMI_CONFIG_PASSPHRASE to the passphrase that the stack was made with.",
    ],
  },
  {
    pattern: /passphrase must be set|PULUMI_CONFIG_PASSPHRASE/,
    error: ({ stack }) => [
      "CDC_PASSPHRASE_MISSING",
      `stack ${stack} keeps its secrets under a passphrase, and none is set`,
      "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE.",
    ],
  },
  {
    pattern: /no space left on device/i,
    error: ({ backend }) => [
      "CDC_STATE_DISK_FULL",
      `the disk that holds the state ${backend} is full`,
      "Free some space and run the command again; what was made is found again.",
    ],
  },
  {
    pattern: /read-only file system|permission denied/i,
    error: ({ backend }) => [
      "CDC_STATE_NOT_WRITABLE",
      `the state ${backend} cannot be written`,
      "Give this user the right to write there, or choose another place with PULUMI_BACKEND_URL.",
    ],
  },
  {
    pattern: /cannot be deleted\s+because it is protected|is protected|marked for deletion but is protected/i,
    error: ({ stack }) => [
      "CDC_PROTECTED",
      `stack ${stack} holds protected resources, and this run would delete them`,
      "Unprotect them in the program (prod protects its tables), or leave them out with --target.",
    ],
  },
];

/** Turns whatever driving the Pulumi CLI threw into an error for the user, in one or two sentences. */
export function automationError(error: unknown, failed: FailedCommand): CdcError {
  if (error instanceof CdcError) return error;
  const cause = { cause: error };
  if (failed.aborted === true)
    return new CdcError("CDC_CANCELLED", `the run of stack ${failed.stack} was cancelled`, cause);
  const output = outputOf(error);
  const text = [...failed.diagnostics, output].join("\n");
  const known = KNOWN.find(({ pattern }) => pattern.test(text));
  if (known === undefined) return unknownFailure(failed, output, cause);
  const [code, message, hint] = known.error(failed);
  return new CdcError(code, message, { hint, ...cause });
}

function unknownFailure(failed: FailedCommand, output: string, cause: { cause: unknown }): CdcError {
  const reason = failed.diagnostics.at(0) ?? errorLines(output);
  const more = failed.diagnostics.length - 1;
  const count = more > 0 ? ` (and ${String(more)} more)` : "";
  const message = `pulumi failed on stack ${failed.stack}: ${reason}${count}`;
  return new CdcError("CDC_RUN_FAILED", message, {
    hint: "Mend what the message names and run the command again.",
    ...cause,
  });
}

/** The CLI's stderr; the Automation API keeps it in a member that its types hide. */
function outputOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { commandResult } = error as Error & { commandResult?: { stdout?: string; stderr?: string } };
  return commandResult === undefined ? error.message : `${commandResult.stderr ?? ""}\n${commandResult.stdout ?? ""}`;
}

function errorLines(output: string): string {
  const lines = output.split("\n").map((line) => line.trim());
  const found = lines.filter((line) => /^error: /i.test(line)).map((line) => line.slice("error: ".length));
  return found.at(0) ?? lines.find((line) => line !== "") ?? "no reason was given";
}
