import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { CdcError } from "../lib/errors";
import { packageRoot } from "../lib/package-root";

/** Patterns that a project can start from. */
export const PATTERNS = ["db-per-tenant", "db-shared"] as const;
export type Pattern = (typeof PATTERNS)[number];

/** What `scaffold` made. */
export interface Scaffolded {
  readonly directory: string;
  readonly name: string;
  /** Paths from the directory, sorted. */
  readonly files: readonly string[];
}

const NAME_MARK = "project-name";
const VERSION_MARK = "0.0.0-version";

/**
 * Writes the skeleton of a project. Throws CdcError (CDC_NOT_EMPTY) when the folder holds something,
 * and makes nothing then.
 */
export function scaffold(directory: string, pattern: Pattern, version: string): Scaffolded {
  return fillTemplate(directory, ["new/base", `new/${pattern}`], { version });
}

/**
 * Copies folders of templates/ into one and fills their marks: the name of the folder, the version, and `marks`.
 * Throws CdcError (CDC_NOT_EMPTY) when the folder holds something, and makes nothing then.
 */
export function fillTemplate(
  directory: string,
  parts: readonly string[],
  { version, ...marks }: Readonly<Record<string, string>> & { readonly version: string },
): Scaffolded {
  refuseFilled(directory);
  const name = projectName(directory);
  mkdirSync(directory, { recursive: true });
  for (const part of parts) cpSync(join(packageRoot(), "templates", part), directory, { recursive: true });
  // npm leaves files named .gitignore out of packages.
  renameSync(join(directory, "gitignore"), join(directory, ".gitignore"));
  const files = filesIn(directory);
  const all = { [NAME_MARK]: name, [VERSION_MARK]: version, ...marks };
  for (const file of files) fill(join(directory, file), all);
  return { directory, name, files };
}

function refuseFilled(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory()) throw notEmpty(`${directory} is a file`);
  const found = readdirSync(directory).filter((file) => file !== ".git");
  if (found.length > 0) throw notEmpty(`${directory} is not empty: it holds ${found.slice(0, 3).join(", ")}`);
}

function notEmpty(message: string): CdcError {
  return new CdcError("CDC_NOT_EMPTY", message, { hint: "Name a folder that is empty or does not exist yet." });
}

/** A name that Pulumi and npm both take. */
function projectName(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "cdc-project" : name.slice(0, 100);
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(".git/"))
    .sort();
}

function fill(path: string, marks: Readonly<Record<string, string>>): void {
  const text = readFileSync(path, "utf8");
  const filled = Object.entries(marks).reduce((all, [mark, value]) => all.replaceAll(mark, value), text);
  if (filled !== text) writeFileSync(path, filled);
}
