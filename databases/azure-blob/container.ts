import type { BlobServiceClient, ContainerClient as BlobContainer, StoragePipelineOptions } from "@azure/storage-blob";
import { CdcError } from "../../lib/errors";
import { credentialOf, type AzureIdentity } from "../azure-identity";

export type { BlobContainer };

/** How to reach a container of Azure Blob Storage. Lives in memory only: never in state, a log or an error. */
export interface BlobSettings extends AzureIdentity {
  readonly connectionString?: string;
  /** Such as `https://account.blob.core.windows.net`; with an identity. */
  readonly accountUrl?: string;
  readonly container: string;
}

/** Settings of the client that differ by what it is for. */
export type BlobClientOptions = Pick<StoragePipelineOptions, "retryOptions">;

/**
 * The container, made if it isn't there and may be made.
 * @throws CdcError `CDC_BLOB_NOT_CONFIGURED`; else errors of the client.
 */
export async function openContainer(settings: BlobSettings, options: BlobClientOptions = {}): Promise<BlobContainer> {
  const container = (await serviceOf(settings, options)).getContainerClient(settings.container);
  if (!(await container.exists())) await container.createIfNotExists();
  return container;
}

async function serviceOf(
  { connectionString, accountUrl, ...identity }: BlobSettings,
  options: BlobClientOptions,
): Promise<BlobServiceClient> {
  const { BlobServiceClient } = await import("@azure/storage-blob");
  if (connectionString !== undefined) return BlobServiceClient.fromConnectionString(connectionString, options);
  if (accountUrl === undefined) throw notConfigured();
  return new BlobServiceClient(accountUrl, await credentialOf(identity), options);
}

function notConfigured(): CdcError {
  return new CdcError(
    "CDC_BLOB_NOT_CONFIGURED",
    "neither a connection string nor an account of Azure Blob Storage is set",
    {
      hint: "Set `connection_string`, or `account_url` with a managed identity that is a Storage Blob Data Contributor.",
    },
  );
}
