import { openContainer, type BlobContainer, type BlobSettings } from "../../databases/azure-blob/container";
import { toBlobError } from "../../databases/azure-blob/errors";
import { LeasedBlob, type BlobHold } from "../../databases/azure-blob/leased-blob";
import type { Grip, LeaseBackend } from "./lease";

/** What the service allows, in milliseconds. */
export const BLOB_TTL_MS = { least: 15_000, most: 60_000 } as const;

// A renewal that takes long is of no use: the next one is due.
const RETRY = { maxTries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 500, tryTimeoutInMs: 4_000 } as const;

/** Leases of blobs. The fencing token is in a blob's metadata, written under the lease only. */
export class BlobLeases implements LeaseBackend {
  readonly title = "Azure Blob Storage";
  readonly runsOut = true;
  private container: BlobContainer | undefined;

  constructor(private readonly settings: BlobSettings) {}

  async take(name: string, holder: string, ttlMs: number): Promise<Grip | string> {
    try {
      this.container ??= await openContainer(this.settings, { retryOptions: RETRY });
      const blob = new LeasedBlob(this.container, `${name}.lease`);
      const hold = await blob.acquire(Math.round(ttlMs / 1000));
      if (hold === undefined) return (await blob.metadata())["holder"] ?? "";
      return (await this.grip(hold, holder, ttlMs)) ?? "";
    } catch (error) {
      throw toBlobError(error, `lease ${name} in container ${this.settings.container}`);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Undefined: it ran out before the token was written. */
  private async grip(hold: BlobHold, holder: string, ttlMs: number): Promise<Grip | undefined> {
    let changed: Readonly<Record<string, string>> | undefined;
    try {
      changed = await hold.change(({ token }) => ({ token: nextToken(token), holder: holder.replace(/[^ -~]/g, "?") }));
    } catch (error) {
      await hold.release();
      throw error;
    }
    const token = changed?.["token"];
    if (token === undefined) return undefined;
    return {
      token,
      renew: () => hold.renew(AbortSignal.timeout(ttlMs / 3)),
      release: () => hold.release(),
    };
  }
}

/** The first one is the milliseconds since 1970, above those of a lease that was kept elsewhere. */
function nextToken(token: string | undefined): string {
  return token === undefined ? String(Date.now()) : String(BigInt(token) + 1n);
}
