import { CdcError } from "../../../lib/errors";
import type { PassphraseVault } from "../passphrase";
import type { Properties, Value } from "../protocol/struct";
import { asSecret, equal, isSecret, secretSignature, signatureKey, unknownValue } from "../values";

/** One resource of a stack, as a checkpoint (version 3) has it, secrets decrypted. */
export interface ResourceState {
  urn: string;
  custom: boolean;
  /** Replaced: to be deleted at the end. */
  delete?: boolean;
  id?: string;
  type: string;
  inputs: Properties;
  outputs: Properties;
  parent?: string;
  protect?: boolean;
  external?: boolean;
  dependencies?: string[];
  initErrors?: string[];
  /** `<urn of the provider>::<its id>`. */
  provider?: string;
  propertyDependencies?: Record<string, string[] | null>;
  /** Deleted before its replacement exists. */
  pendingReplacement?: boolean;
  additionalSecretOutputs?: string[];
  /** Seconds per operation. */
  customTimeouts?: Record<string, number>;
  importID?: string;
  retainOnDelete?: boolean;
  deletedWith?: string;
  created?: string;
  modified?: string;
  sourcePosition?: string;
  ignoreChanges?: string[];
  hideDiff?: Value[];
  replaceOnChanges?: string[];
  replacementTrigger?: Value;
}

/** The members of a checkpoint's resource, in the order the Pulumi CLI writes them. */
const members = [
  "urn",
  "custom",
  "delete",
  "id",
  "type",
  "inputs",
  "outputs",
  "parent",
  "protect",
  "external",
  "dependencies",
  "initErrors",
  "provider",
  "propertyDependencies",
  "pendingReplacement",
  "additionalSecretOutputs",
  "customTimeouts",
  "importID",
  "retainOnDelete",
  "deletedWith",
  "created",
  "modified",
  "sourcePosition",
  "ignoreChanges",
  "hideDiff",
  "replaceOnChanges",
  "replacementTrigger",
] as const satisfies readonly (keyof ResourceState)[];

/** Members that change no resource: when only they differ, nothing is written. */
const incidental = new Set<string>(["created", "modified"]);
/** What newer checkpoints may hold and this engine cannot honour. */
const unsupported = [
  "taint",
  "viewOf",
  "resourceHooks",
  "replaceWith",
  "refreshBeforeUpdate",
  "extensionRef",
  "snippetID",
];

/** One resource as a line of JSON, secrets encrypted, empty members left out. */
export function serializeResource(state: ResourceState, vault: PassphraseVault): string {
  const json: Record<string, unknown> = {};
  for (const member of members) {
    const value = state[member];
    if (isEmpty(value) && member !== "custom") continue;
    json[member] = member === "inputs" || member === "outputs" ? seal(value as Properties, state.urn, vault) : value;
  }
  return JSON.stringify(json);
}

/** Reads one resource of a checkpoint. Throws `CdcError` naming what is malformed or not supported. */
export function deserializeResource(json: unknown, vault: PassphraseVault): ResourceState {
  const raw = json as Partial<ResourceState> & Record<string, unknown>;
  if (typeof raw.urn !== "string" || raw.urn === "" || typeof raw.type !== "string" || raw.type === "") {
    throw new CdcError("CDC_STATE_INVALID", "the state has a resource without urn or type", {
      hint: "Restore the state from its backup (.bak) or from an export.",
    });
  }
  const foreign = unsupported.find((member) => !isEmpty(raw[member]));
  if (foreign !== undefined) {
    throw new CdcError(
      "CDC_STATE_UNSUPPORTED",
      `${raw.urn} uses ${foreign}, which the built-in engine does not support`,
      {
        hint: "Install the Pulumi CLI to go on with this stack.",
      },
    );
  }
  const state = {} as Record<string, unknown>;
  for (const member of members) if (raw[member] !== undefined) state[member] = raw[member];
  return {
    ...(state as unknown as ResourceState),
    custom: raw.custom === true,
    inputs: open(raw.inputs ?? {}, raw.urn, vault) as Properties,
    outputs: open(raw.outputs ?? {}, raw.urn, vault) as Properties,
  };
}

/** True when both say the same, times aside. */
export function sameState(left: ResourceState, right: ResourceState): boolean {
  return members.every((member) => {
    if (incidental.has(member)) return true;
    const [a, b] = [left[member] as Value | undefined, right[member] as Value | undefined];
    return (isEmpty(a) && isEmpty(b)) || equal(a, b);
  });
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function seal(value: Value, owner: string, vault: PassphraseVault): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => seal(item, owner, vault));
  if (isSecret(value)) {
    const ciphertext = vault.encrypt(JSON.stringify(withoutMarks(value.value)), owner);
    return { [signatureKey]: secretSignature, ciphertext };
  }
  const sealed: Record<string, unknown> = {};
  for (const name of Object.keys(value)) sealed[name] = seal(value[name] as Value, owner, vault);
  return sealed;
}

/** A secret inside a secret keeps its mark, in clear inside the ciphertext, as the Pulumi CLI has it. */
function withoutMarks(value: Value): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (isSecret(value)) {
    return { [signatureKey]: secretSignature, ciphertext: JSON.stringify(withoutMarks(value.value)) };
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutMarks(item)]));
}

function open(json: unknown, owner: string, vault: PassphraseVault | undefined): Value {
  if (json === undefined || json === null) return null;
  if (Array.isArray(json)) return json.map((item) => open(item, owner, vault));
  if (typeof json !== "object") return json as Value;
  const object = json as Record<string, unknown>;
  if (object[signatureKey] === secretSignature) return asSecret(openSecret(object, owner, vault));
  const opened: Properties = {};
  for (const name of Object.keys(object)) opened[name] = open(object[name], owner, vault);
  return opened;
}

function openSecret(secret: Record<string, unknown>, owner: string, vault: PassphraseVault | undefined): Value {
  const { ciphertext, plaintext } = secret as { ciphertext?: string; plaintext?: string };
  if (plaintext !== undefined) return open(JSON.parse(plaintext), owner, undefined);
  if (ciphertext === undefined) return unknownValue;
  const text = vault === undefined ? ciphertext : vault.decryptState(ciphertext, owner);
  return open(JSON.parse(text), owner, undefined);
}
