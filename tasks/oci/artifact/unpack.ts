import { createReadStream } from "node:fs";
import { mkdir, open, symlink, type FileHandle } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CdcError } from "../../../lib/errors";
import type { TarEntry } from "./tar";
import { readTar, type TarSink } from "./untar";

/** Unpacks a layer into a folder that exists and is empty. Nothing gets outside of it. */
export async function unpackLayer(layer: string, folder: string): Promise<void> {
  const sink = new FolderSink(folder);
  try {
    await pipeline(createReadStream(layer), createGunzip(), (chunks: AsyncIterable<Buffer>) => readTar(chunks, sink));
  } finally {
    await sink.close();
  }
}

/** Writes entries below a folder. */
class FolderSink implements TarSink {
  private readonly links = new Set<string>();
  private file: FileHandle | undefined;

  constructor(private readonly folder: string) {}

  async entry(entry: TarEntry): Promise<void> {
    await this.close();
    this.refuseEscape(entry);
    const path = join(this.folder, entry.name);
    if (entry.type === "folder") {
      await mkdir(path, { recursive: true });
      return;
    }
    await mkdir(dirname(path), { recursive: true });
    if (entry.type === "link") {
      this.links.add(entry.name);
      await symlink(entry.target ?? "", path);
      return;
    }
    this.file = await open(path, "wx", entry.isExecutable ? 0o755 : 0o644);
  }

  async bytes(chunk: Buffer): Promise<void> {
    await this.file?.write(chunk);
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  private refuseEscape({ name, target }: TarEntry): void {
    const parts = name.split("/");
    if (!isInside(name) || parts.some((part) => part === "..")) throw escapes(name);
    // A link may be the way out for what is unpacked through it.
    const through = parts.slice(0, -1).map((_, at) => parts.slice(0, at + 1).join("/"));
    if (through.some((folder) => this.links.has(folder))) throw escapes(name);
    if (target !== undefined && !isInside(posix.join(posix.dirname(name), target)))
      throw escapes(`${name} -> ${target}`);
    if (target !== undefined && posix.isAbsolute(target)) throw escapes(`${name} -> ${target}`);
  }
}

/** Also by the rules of Windows. */
function isInside(path: string): boolean {
  const normal = posix.normalize(path);
  return path !== "" && !/^(?:\.\.(?:\/|$)|\/)|[\\:\u0000]/.test(normal);
}

function escapes(name: string): CdcError {
  return new CdcError("CDC_PROVIDER_ARCHIVE", `the provider's archive would write outside of its folder: ${name}`, {
    hint: "Don't use this provider; tell who published it.",
  });
}
