import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { CdcError } from "../../../lib/errors";
import { decodeMessage } from "../protocol/codec";
import { registerResourceRequest } from "../protocol/messages";
import { decodeStruct, decodeValue, type Properties, type Value } from "../protocol/struct";

/** What a program registers: one resource as it should be. */
export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly custom: boolean;
  readonly inputs: Properties;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly provider: string;
  readonly providers: Readonly<Record<string, string>>;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, string[]>>;
  /** Undefined: the provider decides. */
  readonly deleteBeforeReplace?: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly hideDiffs: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly AliasGoal[];
  readonly importId: string;
  readonly deletedWith: string;
  readonly customTimeouts: Readonly<Record<string, number>>;
  readonly sourcePosition: string;
  readonly replacementTrigger?: Value;
}

/** Another name under which the resource may be in the state. */
export interface AliasGoal {
  readonly urn?: string;
  readonly spec?: {
    readonly name?: string;
    readonly type?: string;
    readonly stack?: string;
    readonly project?: string;
    readonly parentUrn?: string;
    readonly noParent?: boolean;
  };
}

interface Request {
  type: string;
  name: string;
  parent: string;
  custom: boolean;
  object: Buffer;
  protect: boolean;
  retainOnDelete: boolean;
  dependencies: string[];
  provider: string;
  providers: Record<string, string>;
  propertyDependencies: Record<string, { urns?: string[] }>;
  deleteBeforeReplace: boolean;
  deleteBeforeReplaceDefined: boolean;
  version: string;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  hideDiffs: string[];
  additionalSecretOutputs: string[];
  aliasUrns: string[];
  aliases: AliasGoal[];
  importId: string;
  deletedWith: string;
  customTimeouts: Record<string, string>;
  remote: boolean;
  sourcePosition: { uri?: string; line?: number; column?: number };
  transforms: unknown[];
  packageRef: string;
  hooks: { names?: string[] };
  replaceWith: string[];
  replacementTrigger: Buffer;
}

/** Reads a registration. Throws `CdcError` naming an option that the built-in engine does not have. */
export function readGoal(bytes: Buffer, projectDirectory: string): Goal {
  const request = decodeMessage<Request>(registerResourceRequest, bytes);
  const { type = "", name = "" } = request;
  refuse(request, `${name} (${type})`);
  const replaceFirst = request.deleteBeforeReplaceDefined === true || request.deleteBeforeReplace === true;
  return {
    type,
    name,
    parent: request.parent ?? "",
    custom: request.custom ?? false,
    inputs: decodeStruct(request.object),
    ...(request.protect === undefined ? {} : { protect: request.protect }),
    ...(request.retainOnDelete === undefined ? {} : { retainOnDelete: request.retainOnDelete }),
    provider: request.provider ?? "",
    providers: request.providers ?? {},
    version: request.version ?? "",
    dependencies: [...(request.dependencies ?? [])].sort(),
    propertyDependencies: readPropertyDependencies(request.propertyDependencies ?? {}),
    ...(replaceFirst ? { deleteBeforeReplace: request.deleteBeforeReplace ?? false } : {}),
    ignoreChanges: request.ignoreChanges ?? [],
    replaceOnChanges: request.replaceOnChanges ?? [],
    hideDiffs: request.hideDiffs ?? [],
    additionalSecretOutputs: request.additionalSecretOutputs ?? [],
    aliases: [...(request.aliasUrns ?? []).map((urn) => ({ urn })), ...(request.aliases ?? [])],
    importId: request.importId ?? "",
    deletedWith: request.deletedWith ?? "",
    customTimeouts: readTimeouts(request.customTimeouts ?? {}, name),
    sourcePosition: readPosition(request.sourcePosition, projectDirectory),
    ...(request.replacementTrigger === undefined
      ? {}
      : { replacementTrigger: decodeValue(request.replacementTrigger) }),
  };
}

function refuse(request: Partial<Request>, resource: string): void {
  if (request.remote) throw unsupported(`${resource} is a remote component`);
  if (request.transforms?.length) throw unsupported(`${resource} has transforms`);
  if (request.hooks?.names?.length) throw unsupported(`${resource} has resource hooks`);
  if (request.replaceWith?.length) throw unsupported(`${resource} has the option replaceWith`);
  if (request.packageRef) throw unsupported(`${resource} is of a parameterized package`);
}

/** The refusal of something that only the Pulumi CLI can do. */
export function unsupported(what: string): CdcError {
  return new CdcError("CDC_ENGINE_UNSUPPORTED", `${what}, which the built-in engine does not support`, {
    hint: "Install the Pulumi CLI: the same program runs there.",
  });
}

function readPropertyDependencies(map: Record<string, { urns?: string[] }>): Record<string, string[]> {
  const entries = Object.entries(map).filter(([, { urns }]) => urns !== undefined && urns.length > 0);
  return Object.fromEntries(entries.map(([name, { urns = [] }]) => [name, [...urns].sort()]));
}

/** `file:///…/index.ts` and a line become `project:///index.ts#12,3`. */
function readPosition(position: Request["sourcePosition"] | undefined, projectDirectory: string): string {
  if (!position?.uri?.startsWith("file:///")) return "";
  const path = relative(projectDirectory, fileURLToPath(position.uri)).split(sep).map(encodeURIComponent).join("/");
  const column = position.column ? `,${position.column}` : "";
  return `project:///${path}#${position.line ?? 0}${column}`;
}

const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** Durations such as `1h30m` in seconds. */
function readTimeouts(timeouts: Record<string, string>, resource: string): Record<string, number> {
  const entries = Object.entries(timeouts).filter(([, text]) => text !== "");
  return Object.fromEntries(entries.map(([name, text]) => [name, readDuration(text, resource)]));
}

function readDuration(text: string, resource: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g)];
  if (parts.map(([whole]) => whole).join("") !== text) {
    throw new CdcError("CDC_PROGRAM_INVALID", `${resource}: the timeout ${text} is not a duration such as 5m or 1h30m`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitSeconds[unit ?? "s"] ?? 0), 0);
}
