import { createReadStream, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { Transform } from "node:stream";
import { createGzip } from "node:zlib";
import { CdcError } from "../../../lib/errors";
import type { Layout } from "./layout";
import { PROVIDER_LAYER, type Descriptor } from "./media-types";
import { padding, tarEnd, tarHeader, type TarEntry } from "./tar";

/** Never published: version control, our own state, and what holds secrets. */
const LEFT_OUT = /^(?:\.git|\.cdc|\.env(?:\..*)?|\.npmrc|\.netrc|\.DS_Store|.*\.oci)$/;

/** One entry of the archive, and the file that it is made from. */
interface Packed {
  readonly entry: TarEntry;
  readonly path: string;
}

/** Archives an executable, or a folder's files, into a layout. The same content gives the same digest. */
export async function packLayer(layout: Layout, path: string, entry: string): Promise<Descriptor> {
  const packed = statSync(path).isDirectory() ? filesOf(path, "", entry) : [fileOf(path, basename(entry), true)];
  return layout.addStream(archive(packed), [createGzip(), sameEverywhere()], PROVIDER_LAYER);
}

/** Files of a folder that are not published, from the folder. */
export function leftOut(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => LEFT_OUT.test(basename(name)) && !name.includes("node_modules/"))
    .sort();
}

function filesOf(folder: string, prefix: string, main: string): Packed[] {
  const names = readdirSync(join(folder, prefix)).sort();
  return names
    .filter((name) => !LEFT_OUT.test(name))
    .flatMap((name) => {
      const inside = posix.join(prefix, name);
      const path = join(folder, inside);
      const found = lstatSync(path);
      if (found.isDirectory()) return [folderOf(path, inside), ...filesOf(folder, inside, main)];
      if (found.isSymbolicLink()) return [linkOf(path, inside)];
      if (!found.isFile()) throw unpackable(path, "it is neither a file nor a folder");
      return [fileOf(path, inside, inside === main)];
    });
}

function fileOf(path: string, name: string, isMain: boolean): Packed {
  requireName(path, name);
  const { mode, size } = statSync(path);
  return { path, entry: { name, type: "file", size, isExecutable: isMain || (mode & 0o100) !== 0 } };
}

function folderOf(path: string, name: string): Packed {
  requireName(path, name);
  return { path, entry: { name, type: "folder", size: 0, isExecutable: false } };
}

/** npm makes such links for its commands. */
function linkOf(path: string, name: string): Packed {
  requireName(path, name);
  const target = readlinkSync(path).replaceAll("\\", "/");
  const inside = posix.join(posix.dirname(name), target);
  if (posix.isAbsolute(target) || inside.startsWith("..")) throw unpackable(path, `it leads outside, to ${target}`);
  return { path, entry: { name, type: "link", size: 0, isExecutable: false, target } };
}

function requireName(path: string, name: string): void {
  if (/[\\:\u0000-\u001f]/.test(name)) throw unpackable(path, "its name can't be used on every system");
}

async function* archive(packed: readonly Packed[]): AsyncGenerator<Buffer> {
  for (const { entry, path } of packed) {
    yield tarHeader(entry);
    if (entry.type !== "file") continue;
    yield* contentsOf(path, entry.size);
    yield padding(entry.size);
  }
  yield tarEnd();
}

async function* contentsOf(path: string, size: number): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    read += chunk.length;
    yield chunk;
  }
  if (read !== size) throw unpackable(path, "it changed while it was packed");
}

/** gzip writes down which system it ran on, in byte 9. */
function sameEverywhere(): Transform {
  const UNKNOWN_SYSTEM = 255;
  let at = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (at <= 9 && at + chunk.length > 9) chunk[9 - at] = UNKNOWN_SYSTEM;
      at += chunk.length;
      done(null, chunk);
    },
  });
}

function unpackable(path: string, reason: string): CdcError {
  return new CdcError("CDC_PROVIDER_PACK", `${path} can't be packed: ${reason}`, {
    hint: "Take it out of the folder, or pack a folder with only what the provider needs.",
  });
}
