import { CdcError } from "../../lib/errors";
import { openContainer, type BlobContainer, type BlobSettings } from "./container";
import { blobStatus, toBlobError } from "./errors";

/** A failure of the storage, and whether the same may succeed later. */
export class ClaimStoreFailure extends CdcError {
  override readonly name = "ClaimStoreFailure";
  readonly retryable: boolean;

  constructor(cause: unknown, what: string) {
    const { code, message, hint } = toBlobError(cause, what);
    super(code, message, { cause, ...(hint === undefined ? {} : { hint }) });
    const status = blobStatus(cause);
    this.retryable =
      !(cause instanceof CdcError) && (status === undefined || status >= 500 || [408, 429].includes(status));
  }
}

/** Keeps what is too large for a message. The container is looked for with the first of it, and made when it isn't there. */
export class ClaimStore {
  private container: Promise<BlobContainer> | undefined;

  constructor(private readonly settings: BlobSettings) {}

  /**
   * Stores the bytes under a name, where the same may have been stored already. Returns the address of the blob,
   * without a signature.
   * @throws ClaimStoreFailure
   */
  async put(name: string, bytes: Buffer): Promise<string> {
    try {
      this.container ??= openContainer(this.settings);
      const blob = (await this.container).getBlockBlobClient(name);
      await blob.uploadData(bytes, { blobHTTPHeaders: { blobContentType: "application/json" } });
      return blob.url.split("?", 1)[0] ?? blob.url;
    } catch (error) {
      this.container = undefined;
      throw new ClaimStoreFailure(error, `container ${this.settings.container}`);
    }
  }
}
