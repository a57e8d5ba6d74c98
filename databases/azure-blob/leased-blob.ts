import { randomUUID } from "node:crypto";
import type { BlobLeaseClient, BlockBlobClient } from "@azure/storage-blob";
import type { BlobContainer } from "./container";
import { blobErrorCode, blobStatus } from "./errors";

/** Metadata of a blob: names are lower case. */
export type BlobMetadata = Readonly<Record<string, string>>;

/** Its renewal or a write under it was refused: it has run out, and somebody else has it or had it. */
const LOST = [404, 409, 412];

/** A blob with nothing in it but who has its lease. */
export class LeasedBlob {
  private readonly blob: BlockBlobClient;

  constructor(container: BlobContainer, name: string) {
    this.blob = container.getBlockBlobClient(name);
  }

  /** Takes the lease for so many seconds; undefined while somebody else has it. */
  async acquire(seconds: number): Promise<BlobHold | undefined> {
    const lease = this.blob.getBlobLeaseClient(randomUUID());
    for (let attempt = 1; ; attempt += 1) {
      try {
        await lease.acquireLease(seconds);
        return new BlobHold(this.blob, lease);
      } catch (error) {
        if (blobErrorCode(error) === "LeaseAlreadyPresent") return undefined;
        if (blobErrorCode(error) !== "BlobNotFound" || attempt > 1) throw error;
        await this.create();
      }
    }
  }

  async metadata(): Promise<BlobMetadata> {
    return (await this.blob.getProperties()).metadata ?? {};
  }

  private async create(): Promise<void> {
    try {
      await this.blob.upload("", 0, { conditions: { ifNoneMatch: "*" } });
    } catch (error) {
      // Somebody else was faster; by now it may even be leased.
      if (![409, 412].includes(blobStatus(error) ?? 0)) throw error;
    }
  }
}

/** A lease that was taken. */
export class BlobHold {
  constructor(
    private readonly blob: BlockBlobClient,
    private readonly lease: BlobLeaseClient,
  ) {}

  /**
   * Changes the metadata, on the condition that the lease is still ours and nobody has changed them meanwhile; undefined
   * when it isn't so.
   */
  async change(change: (metadata: BlobMetadata) => BlobMetadata): Promise<BlobMetadata | undefined> {
    const { leaseId } = this.lease;
    try {
      const { metadata = {}, etag } = await this.blob.getProperties();
      const changed = change(metadata);
      await this.blob.setMetadata(
        { ...changed },
        { conditions: { leaseId, ...(etag === undefined ? {} : { ifMatch: etag }) } },
      );
      return changed;
    } catch (error) {
      if (LOST.includes(blobStatus(error) ?? 0)) return undefined;
      throw error;
    }
  }

  /** False when somebody else has it or had it. Errors are those of the client. */
  async renew(signal: AbortSignal): Promise<boolean> {
    try {
      await this.lease.renewLease({ abortSignal: signal });
      return true;
    } catch (error) {
      if (LOST.includes(blobStatus(error) ?? 0)) return false;
      throw error;
    }
  }

  /** Never fails. */
  async release(): Promise<void> {
    await this.lease.releaseLease().catch(() => undefined);
  }
}
