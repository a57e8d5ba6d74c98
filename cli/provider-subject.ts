import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { execPath } from "node:process";
import { CdcError } from "../lib/errors";
import { packageRoot } from "../lib/package-root";
import { builtInProvider, type ProviderRole } from "../model/built-in-providers";
import { partOf } from "../tasks/oci/artifact/pack-source";

/** An executable provider, and what is known of it without a run. */
export interface FoundProvider {
  readonly file: string;
  readonly args: readonly string[];
  readonly role?: ProviderRole;
  readonly infrastructure?: boolean;
  /** Name and version that provider.json gives it. */
  readonly expected?: { readonly name: string; readonly version: string };
}

const FOR_NODE = [".js", ".cjs", ".mjs"];
const DESCRIBE_MS = 10_000;

/** What `<path>` means: a built-in name, a folder with provider.json, or a program; its role from whoever knows it. */
export async function findProvider(text: string, args: readonly string[], cwd: string): Promise<FoundProvider> {
  const path = pathOf(text, cwd);
  const written = manifestBeside(path);
  const entry = statSync(path).isDirectory()
    ? join(path, partOf({ path, isFolder: true, given: undefined }, written).entry)
    : path;
  const start = FOR_NODE.includes(extname(entry)) ? { file: execPath, args: [entry, ...args] } : { file: entry, args };
  const { name, version, role } = written;
  const known = { ...start, ...(isRole(role) ? { role } : await describe(start)) };
  return typeof name === "string" && typeof version === "string" ? { ...known, expected: { name, version } } : known;
}

function pathOf(text: string, cwd: string): string {
  const path = resolve(cwd, text);
  if (existsSync(path)) return path;
  const builtIn = builtInProvider(text);
  const { bin } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    bin: Record<string, string>;
  };
  const file = builtIn === undefined ? undefined : bin[builtIn.executable];
  if (file !== undefined) return join(packageRoot(), file);
  throw new CdcError("CDC_PROVIDER_NOT_FOUND", `${path} is not there, and no provider of that name is built in`, {
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
}: Pick<FoundProvider, "file" | "args">): Promise<Pick<FoundProvider, "role" | "infrastructure">> {
  return new Promise((done) => {
    const child = execFile(file, [...args, "--describe"], { timeout: DESCRIBE_MS }, (_error, stdout) =>
      done(described(stdout)),
    );
    child.stdin?.on("error", () => undefined).end();
  });
}

function described(stdout: string): Pick<FoundProvider, "role" | "infrastructure"> {
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
