import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { CdcError } from "../../../lib/errors";
import { parsePlatform, type Platform } from "../platform";
import { platformOfFile } from "./executable";

/** A folder or an executable to pack, as it was named. */
export interface Source {
  readonly path: string;
  readonly isFolder: boolean;
  /** The platform that was named with it. */
  readonly given: Platform | undefined;
}

/** What one platform gets. */
export interface Part {
  readonly path: string;
  /** Undefined for what runs anywhere. */
  readonly platform: Platform | undefined;
  /** File to start, in the archive. */
  readonly entry: string;
}

const ENTRIES = [
  "provider",
  "provider.js",
  "provider.cjs",
  "provider.mjs",
  "provider.py",
  "provider.sh",
  "provider.exe",
];
const EXTENSION = /\.(?:exe|c?js|mjs|py|sh|rb|pl)$/;

/** Reads `<path>` or `linux/arm64=<path>`. */
export function sourceOf(text: string, cwd: string): Source {
  const [, named = "", rest] = /^([a-z0-9]+\/[a-z0-9_]+)=(.+)$/i.exec(text) ?? [];
  const given = parsePlatform(named);
  if (rest !== undefined && given === undefined)
    throw new CdcError("CDC_PROVIDER_PLATFORM", `"${named}" is no platform`, {
      hint: "Such as linux/amd64 or darwin/arm64.",
    });
  const path = resolve(cwd, rest ?? text);
  if (existsSync(path)) return { path, isFolder: statSync(path).isDirectory(), given };
  throw new CdcError("CDC_PROVIDER_PACK", `${path} is not there`, { hint: "Build the provider first." });
}

/** The first folder's provider.json, or the file named; empty when there is none. */
export function writtenManifest(
  file: string | undefined,
  sources: readonly Source[],
): Readonly<Record<string, unknown>> {
  const folder = sources.find(({ isFolder }) => isFolder)?.path;
  const path = file ?? (folder === undefined ? undefined : join(folder, "provider.json"));
  if (path === undefined || (file === undefined && !existsSync(path))) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  } catch (cause) {
    throw new CdcError("CDC_PROVIDER_MANIFEST", `${path}: ${(cause as Error).message}`, { cause });
  }
}

/** What is to be archived of a source, and for which platform. */
export function partOf({ path, isFolder, given }: Source, manifest: Readonly<Record<string, unknown>>): Part {
  if (isFolder) {
    const entry = entryOf(path, manifest["entry"]);
    return { path, platform: platformOfFile(join(path, entry), given), entry };
  }
  const name = typeof manifest["name"] === "string" ? manifest["name"] : "provider";
  const extension = EXTENSION.exec(basename(path))?.[0] ?? "";
  return { path, platform: platformOfFile(path, given), entry: `${name}${extension}` };
}

function entryOf(folder: string, given: unknown): string {
  const named = typeof given === "string" && given !== "" ? given : undefined;
  const found = named ?? ENTRIES.find((name) => existsSync(join(folder, name)));
  if (found !== undefined && existsSync(join(folder, found))) return found;
  const what = found === undefined ? "which file to start isn't said" : `${found} isn't in it`;
  throw new CdcError("CDC_PROVIDER_PACK", `${folder}: ${what}`, {
    hint: 'Name it with --entry, or as "entry" in provider.json.',
  });
}
