import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, relative, sep } from "node:path";
import { CdcError } from "../lib/errors";
import { packageRoot } from "../lib/package-root";
import { builtInProvider } from "../model/built-in-providers";
import type { ProviderSource } from "../model/provider-source";
import type { LocalProviderOptions } from "./oci/local-provider";
import { startOf } from "./start-of";

/** How a provider is started, and what it says of itself. */
export interface FoundProvider {
  /** As messages call it: `sqlserver`, `./bin/x`, `ghcr.io/a/x:v1`. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** JSON Schema of its configuration, and where that is from. */
  readonly schema?: { readonly origin: string; readonly schema: Readonly<Record<string, unknown>> };
}

/** Where to look for providers. */
export interface FindOptions extends Omit<LocalProviderOptions, "env"> {
  /** Folder of the file of tasks. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const LOCK_FILE = "cdc-providers.lock.json";

/**
 * Finds what a task names: a provider of this package, an executable, or an image, which is pulled when it isn't here.
 * Throws CdcError (CDC_PROVIDER_MISSING, CDC_PROVIDER_NOT_EXECUTABLE, …).
 */
export async function findProvider(source: ProviderSource, options: FindOptions): Promise<FoundProvider> {
  switch (source.kind) {
    case "builtin":
      return builtIn(source.name);
    case "path":
      return executable(source.path, options);
    case "image":
      return image(source.reference, options);
  }
}

async function builtIn(name: string): Promise<FoundProvider> {
  const { builtInSchema } = await import("./providers/schemas");
  const program = builtInProvider(name)?.executable.replace(/^cdc-/, "") ?? name;
  const schema = await builtInSchema(name);
  return {
    name,
    // From source as well: what is started is always the compiled one.
    ...startOf(join(packageRoot(), "dist", "tasks", "providers", "bin", `${program}.js`)),
    ...(schema === undefined ? {} : { schema: { origin: name, schema } }),
  };
}

function executable(given: string, options: FindOptions): FoundProvider {
  const path = isAbsolute(given) ? given : onPath(given, options.env["PATH"] ?? "");
  if (path === undefined || !existsSync(path)) throw missing(given, path === undefined);
  const start = startOf(path);
  if (start.file === path) refuseUnusable(path);
  const own = relative(options.directory, path);
  const name = !isAbsolute(given) ? given : own.startsWith("..") ? path : `.${sep}${own}`;
  return { name, ...start, ...schemaBeside(path) };
}

async function image(reference: string, { directory, ...options }: FindOptions): Promise<FoundProvider> {
  const { localProvider } = await import("./oci/local-provider");
  const found = await localProvider(reference, { lockFile: join(directory, LOCK_FILE), ...options });
  const schema = found.manifest?.configSchema;
  const { file, args } = found;
  return { name: reference, file, args, ...(schema === undefined ? {} : { schema: { origin: reference, schema } }) };
}

function onPath(name: string, path: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file) && isExecutable(file));
}

function missing(path: string, isBare: boolean): CdcError {
  const where = isBare ? " on PATH" : "";
  const hint = isBare
    ? `Install it, or write where it is: provider_path: ./${path}, from the folder of the file of tasks.`
    : "Build it first, or correct provider_path, which is meant from the folder of the file of tasks.";
  return new CdcError("CDC_PROVIDER_MISSING", `there is no provider ${path}${where}`, { hint });
}

function refuseUnusable(path: string): void {
  if (statSync(path).isFile() && isExecutable(path)) return;
  const hint = `Make it executable: chmod +x ${path}`;
  throw new CdcError("CDC_PROVIDER_NOT_EXECUTABLE", `the provider ${path} is no file that can be executed`, { hint });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Of the provider.json in the executable's folder, when it is about this executable. */
function schemaBeside(path: string): Pick<FoundProvider, "schema"> {
  const origin = join(dirname(path), "provider.json");
  if (!existsSync(origin)) return {};
  const { entry, configSchema, config_schema: older } = manifestOf(origin);
  if (typeof entry === "string" && entry !== "" && join(dirname(path), entry) !== path) return {};
  const schema = configSchema ?? older;
  return typeof schema === "object" && schema !== null && !Array.isArray(schema)
    ? { schema: { origin, schema: schema as Record<string, unknown> } }
    : {};
}

function manifestOf(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw new CdcError("CDC_PROVIDER_MANIFEST", `${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
  throw new CdcError("CDC_PROVIDER_MANIFEST", `${path} must be a JSON object`);
}
