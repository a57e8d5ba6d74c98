import { CdcError } from "../lib/errors";
import { DEFAULT_ENVIRONMENT } from "./load-config";
import type { Environment } from "./variables";

/** What a stack decides, from Pulumi.<stack>.yaml (namespace `cdc`) and the environment. Holds no secret: connections are read by the providers. */
export interface StackSettings {
  /** Folder of the YAML, as written; default `.`. */
  readonly directory: string;
  /** Service to deploy; all when absent. */
  readonly service?: string;
  /** Environment whose databases are meant; default the stack's name. */
  readonly environment: string;
  /** Warnings of the pattern's rules count as errors. */
  readonly strict: boolean;
  /** `destroy` may drop tables that hold rows. */
  readonly allowDrop: boolean;
  /** Tables and the management schema are protected from deletion. */
  readonly protect: boolean;
  /** Change data capture is deployed at the sources. */
  readonly capture: boolean;
  /** Application role that loads and merges, for sinks that name none. */
  readonly applicationRole: string;
}

/**
 * Reads a stack's settings. `get` gives the text of a key of namespace `cdc`; `stack` is the stack's name.
 * Throws CdcError (CDC_STACK_CONFIG) naming the key that can't be read, or contradicts another.
 */
export function stackSettings(
  get: (key: string) => string | undefined,
  env: Environment,
  stack?: string,
): StackSettings {
  const text = (key: string, variable: string) => filled(get(key)) ?? filled(env[variable]);
  const flag = (key: string, variable?: string) =>
    truth(key, filled(get(key)) ?? (variable === undefined ? undefined : filled(env[variable])));
  const service = text("service", "CDC_SERVICE");
  const allowDrop = flag("allowDrop") ?? false;
  const protect = flag("protect") ?? false;
  if (allowDrop && protect) throw contradiction();
  return {
    directory: text("directory", "CDC_DIRECTORY") ?? ".",
    ...(service === undefined ? {} : { service }),
    environment: text("environment", "CDC_ENVIRONMENT") ?? filled(stack) ?? DEFAULT_ENVIRONMENT,
    strict: flag("strict") ?? false,
    allowDrop,
    protect,
    capture: flag("capture", "CDC_CAPTURE") ?? true,
    applicationRole: text("applicationRole", "CDC_DB_USER") ?? "postgres",
  };
}

// An empty variable counts as absent: CI systems set unknown variables to "".
function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value;
}

function truth(key: string, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  const word = value.trim().toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  throw new CdcError("CDC_STACK_CONFIG", `cdc:${key} must be true or false`, {
    hint: `Set it with \`pulumi config set cdc:${key} true\`.`,
  });
}

function contradiction(): CdcError {
  return new CdcError("CDC_STACK_CONFIG", "cdc:allowDrop and cdc:protect are both true", {
    hint: "Protected tables cannot be dropped: set one of the two to false.",
  });
}
