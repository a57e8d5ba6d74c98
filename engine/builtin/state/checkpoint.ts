import { createHash } from "node:crypto";
import { CdcError } from "../../../lib/errors";
import type { PassphraseVault } from "../passphrase";
import { record } from "../project";
import { deserializeResource, serializeResource, type ResourceState } from "./resource-state";

/** Version of the engine named in a manifest: that of the SDK whose formats we follow. */
const manifestVersion = "v3.248.0";

/** A deployment as `pulumi stack export` prints it. */
export interface Deployment {
  readonly version: number;
  readonly features?: readonly string[];
  readonly deployment: Readonly<Record<string, unknown>>;
}

/** Reads the text of a checkpoint file. Throws `CdcError` naming `file` when it is damaged or of an unknown version. */
export function parseCheckpoint(text: string, file: string): Deployment {
  const json = parseJson(text, file);
  const version = json["version"];
  const latest = record(json["checkpoint"])["latest"];
  const features = json["features"];
  const deployment = {
    version: version as number,
    ...(Array.isArray(features) ? { features: features as string[] } : {}),
    deployment: record(latest),
  };
  checkDeployment(deployment, file);
  return deployment;
}

/** Throws `CdcError` when a deployment is not one this engine can go on from. */
export function checkDeployment(deployment: Deployment, source: string): void {
  const { version, features = [] } = deployment;
  if (version !== 3 && version !== 4) {
    throw new CdcError("CDC_STATE_UNSUPPORTED", `${source} has deployment version ${String(version)}; 3 is supported`, {
      hint: "Run `pulumi up` once with a current Pulumi CLI to bring the state to version 3.",
    });
  }
  if (features.length > 0) {
    throw new CdcError(
      "CDC_STATE_UNSUPPORTED",
      `${source} uses ${features.join(", ")}, which the built-in engine lacks`,
      {
        hint: "Install the Pulumi CLI to go on with this stack.",
      },
    );
  }
  const manifest = record(deployment.deployment["manifest"]);
  const named = manifest["version"];
  if (typeof named === "string" && named !== "" && manifest["magic"] !== magic(named)) {
    throw new CdcError("CDC_STATE_INVALID", `${source} was changed by hand or damaged: its manifest does not match`, {
      hint: "Restore the state from its backup (.bak) or from an export.",
    });
  }
}

/** The salt of a deployment's secrets. Throws `CdcError` when they are not kept by a passphrase. */
export function stateSalt(deployment: Deployment, source: string): string | undefined {
  const secrets = record(deployment.deployment["secrets_providers"]);
  if (secrets["type"] === undefined || secrets["type"] === "") return undefined;
  const salt = record(secrets["state"])["salt"];
  if (secrets["type"] === "passphrase" && typeof salt === "string") return salt;
  throw new CdcError("CDC_STATE_UNSUPPORTED", `${source} keeps its secrets with ${JSON.stringify(secrets["type"])}`, {
    hint: "Install the Pulumi CLI, or change the stack to the passphrase secrets provider with it.",
  });
}

/** The resources of a deployment, secrets decrypted. */
export function readResources(deployment: Deployment, vault: PassphraseVault): ResourceState[] {
  const resources = deployment.deployment["resources"];
  return Array.isArray(resources) ? resources.map((json) => deserializeResource(json, vault)) : [];
}

/** Operations that were under way when the state was written: their resources may or may not exist. */
export function pendingOperations(deployment: Deployment): { type: string; urn: string }[] {
  const operations = deployment.deployment["pending_operations"];
  if (!Array.isArray(operations)) return [];
  return operations.map((operation) => ({
    type: String(record(operation)["type"]),
    urn: String(record(record(operation)["resource"])["urn"]),
  }));
}

/** The text of a checkpoint file: compact JSON, as the file backend of the Pulumi CLI writes it. */
export function formatCheckpoint(
  project: string,
  stack: string,
  resources: readonly ResourceState[],
  vault: PassphraseVault,
): string {
  const name = JSON.stringify(`organization/${project}/${stack}`);
  return `{"version":3,"checkpoint":{"stack":${name},"latest":${formatDeployment(resources, vault)}}}\n`;
}

/** The JSON of a version 3 deployment. */
export function formatDeployment(resources: readonly ResourceState[], vault: PassphraseVault): string {
  const manifest = { time: new Date().toISOString(), magic: magic(manifestVersion), version: manifestVersion };
  // Sealing may make the salt: it is known only after the resources are written.
  const lines = resources.map((resource) => serializeResource(resource, vault));
  const parts = [`"manifest":${JSON.stringify(manifest)}`];
  if (vault.salt !== undefined) {
    parts.push(`"secrets_providers":${JSON.stringify({ type: "passphrase", state: { salt: vault.salt } })}`);
  }
  if (lines.length > 0) parts.push(`"resources":[${lines.join(",")}]`);
  return `{${parts.join(",")},"metadata":{}}`;
}

function magic(version: string): string {
  return createHash("sha256").update(version).digest("hex");
}

function parseJson(text: string, file: string): Record<string, unknown> {
  try {
    return record(JSON.parse(text));
  } catch (cause) {
    throw new CdcError("CDC_STATE_INVALID", `${file} is not valid JSON: the state is damaged`, {
      hint: `Restore it from ${file}.bak or from an export.`,
      cause,
    });
  }
}
