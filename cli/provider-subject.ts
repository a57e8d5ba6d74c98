import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CdcError } from "../lib/errors";
import { builtInProvider, type ProviderRole } from "../model/built-in-providers";
import { partOf } from "../tasks/oci/artifact/pack-source";
import { findProvider } from "../tasks/provider-command";
import type { Context } from "./context";

/** An executable provider, and what is known of it without a run. */
export interface FoundSubject {
  readonly file: string;
  readonly args: readonly string[];
  readonly role?: ProviderRole;
  readonly infrastructure?: boolean;
  /** Name and version that provider.json gives it. */
  readonly expected?: { readonly name: string; readonly version: string };
}

const DESCRIBE_MS = 10_000;

/** What `<path>` means: a built-in name, a folder with provider.json, or a program; its role from whoever knows it. */
export async function findSubject(
  text: string,
  given: readonly string[],
  { directory, io }: Context,
): Promise<FoundSubject> {
  const path = resolve(directory, text);
  const builtIn = existsSync(path) ? undefined : builtInProvider(text);
  if (builtIn === undefined && !existsSync(path)) throw notThere(path);
  const written = builtIn === undefined ? manifestBeside(path) : {};
  const { file, args } = await findProvider(
    builtIn === undefined ? { kind: "path", path: entryOf(path, written) } : { kind: "builtin", name: builtIn.name },
    { directory, env: io.env },
  );
  const start = { file, args: [...args, ...given] };
  const { name, version, role } = written;
  const known = { ...start, ...(isRole(role) ? { role } : await describe(start)) };
  return typeof name === "string" && typeof version === "string" ? { ...known, expected: { name, version } } : known;
}

function entryOf(path: string, written: Readonly<Record<string, unknown>>): string {
  if (!statSync(path).isDirectory()) return path;
  return join(path, partOf({ path, isFolder: true, given: undefined }, written).entry);
}

function notThere(path: string): CdcError {
  return new CdcError("CDC_PROVIDER_NOT_FOUND", `${path} is not there, and no provider of that name is built in`, {
    hint: "Name a program, a folder with provider.json, or a name of `cdc providers list`.",
  });
}

/** provider.json of a folder, or beside the program that it starts. */
function manifestBeside(path: string): Readonly<Record<string, unknown>> {
  const isFolder = statSync(path).isDirectory();
  const file = join(isFolder ? path : dirname(path), "provider.json");
  if (!existsSync(file)) return {};
  const found = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return isFolder || found["entry"] === basename(path) ? found : {};
}

/** Providers made with the SDK say what they are. */
function describe({
  file,
  args,
}: Pick<FoundSubject, "file" | "args">): Promise<Pick<FoundSubject, "role" | "infrastructure">> {
  return new Promise((done) => {
    const child = execFile(file, [...args, "--describe"], { timeout: DESCRIBE_MS }, (_error, stdout) =>
      done(described(stdout)),
    );
    child.stdin?.on("error", () => undefined).end();
  });
}

function described(stdout: string): Pick<FoundSubject, "role" | "infrastructure"> {
  try {
    const { role, infrastructure } = JSON.parse(stdout) as Record<string, unknown>;
    return { ...(isRole(role) ? { role } : {}), infrastructure: infrastructure === true };
  } catch {
    return {};
  }
}

function isRole(value: unknown): value is ProviderRole {
  return value === "input" || value === "output";
}
