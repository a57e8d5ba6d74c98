import { createReadStream, createWriteStream, existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createHash } from "node:crypto";
import { CdcError } from "../../../lib/errors";
import { digestOf } from "./digest";
import type { Descriptor, ImageIndex } from "./media-types";

const LAYOUT_FILE = "oci-layout";
const INDEX_FILE = "index.json";

/** A folder in OCI's image layout: blobs by digest, and an index that names what it holds. */
export class Layout {
  constructor(readonly folder: string) {}

  /** Throws CdcError (CDC_PROVIDER_LAYOUT) when the folder isn't one. */
  static open(folder: string): Layout {
    if (existsSync(join(folder, LAYOUT_FILE))) return new Layout(folder);
    throw new CdcError("CDC_PROVIDER_LAYOUT", `${folder} holds no packed provider`, {
      hint: "Make one with `cdc providers pack`; it prints the folder to push.",
    });
  }

  /** Makes an empty one; what was in the folder goes. */
  static async create(folder: string): Promise<Layout> {
    if (existsSync(folder) && !existsSync(join(folder, LAYOUT_FILE)))
      throw new CdcError("CDC_NOT_EMPTY", `${folder} is there and holds no packed provider`, {
        hint: "Name another folder with --output.",
      });
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, "blobs", "sha256"), { recursive: true });
    await writeFile(join(folder, LAYOUT_FILE), '{"imageLayoutVersion":"1.0.0"}');
    return new Layout(folder);
  }

  /** File of a blob. */
  path({ digest }: Pick<Descriptor, "digest">): string {
    return join(this.folder, "blobs", ...digest.split(":"));
  }

  async addBytes(bytes: Buffer, mediaType: string): Promise<Descriptor> {
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await writeFile(this.path(descriptor), bytes);
    return descriptor;
  }

  /** Adds a manifest or an index. */
  addJson(value: { readonly mediaType: string }): Promise<Descriptor> {
    return this.addBytes(Buffer.from(JSON.stringify(value)), value.mediaType);
  }

  /** Adds what comes out of `chunks` after `steps`. */
  async addStream(
    chunks: AsyncIterable<Buffer>,
    steps: readonly NodeJS.ReadWriteStream[],
    mediaType: string,
  ): Promise<Descriptor> {
    const unfinished = join(this.folder, "blobs", "unfinished");
    const hash = createHash("sha256");
    let size = 0;
    const counting = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    await pipeline([Readable.from(chunks), ...steps, counting, createWriteStream(unfinished)]);
    const descriptor = { mediaType, digest: `sha256:${hash.digest("hex")}`, size };
    await rename(unfinished, this.path(descriptor));
    return descriptor;
  }

  /** Says what the layout holds. */
  async finish(top: Descriptor): Promise<void> {
    const index = { schemaVersion: 2, manifests: [top] };
    await writeFile(join(this.folder, INDEX_FILE), `${JSON.stringify(index)}\n`);
  }

  /** What the layout holds. */
  top(): Descriptor {
    const { manifests } = JSON.parse(readFileSync(join(this.folder, INDEX_FILE), "utf8")) as ImageIndex;
    const [top] = manifests;
    if (top !== undefined) return top;
    throw new CdcError("CDC_PROVIDER_LAYOUT", `${this.folder} is empty`, { hint: "Pack the provider again." });
  }

  bytes(blob: Descriptor): Buffer {
    return readFileSync(this.path(blob));
  }

  json<T>(blob: Descriptor): T {
    return JSON.parse(this.bytes(blob).toString()) as T;
  }

  read(blob: Descriptor): Readable {
    return createReadStream(this.path(blob));
  }
}
