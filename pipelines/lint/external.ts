import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { DocumentKind } from "../document";
import type { DocumentProblem } from "./lint-document";

/** A linter of somebody else's, and the documents it understands. */
interface Linter {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly kinds: readonly DocumentKind[];
}

const LINTERS: readonly Linter[] = [
  // Bento has no input for SQL Server's change tables.
  { program: "bento", arguments: ["lint"], kinds: ["connect-sink"] },
  { program: "redpanda-connect", arguments: ["lint"], kinds: ["connect-sink", "connect-source"] },
  { program: "rpk", arguments: ["connect", "lint"], kinds: ["connect-sink", "connect-source"] },
];
const FILES_PER_RUN = 100;
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::[^}]*)?\}/g;

/** What the linters on PATH say. */
export interface ExternalLint {
  /** Programs that ran. */
  readonly tools: readonly string[];
  readonly problems: readonly DocumentProblem[];
}

/**
 * Runs the linters that are on PATH. Variables that a document needs and that aren't set are given a value, since a
 * linter would only say that they are missing.
 */
export async function lintExternally(
  folder: string,
  documents: readonly { readonly path: string; readonly kind: DocumentKind; readonly text: string }[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<ExternalLint> {
  const names = documents.flatMap(({ text }) => [...text.matchAll(VARIABLE)].map(([, name]) => name ?? ""));
  const known = { ...Object.fromEntries(names.map((name) => [name, "1"])), ...env };
  const tools = LINTERS.filter(({ program }) => isOnPath(program, env["PATH"] ?? ""));
  const problems: DocumentProblem[] = [];
  for (const tool of tools) {
    const files = documents.filter(({ kind }) => tool.kinds.includes(kind)).map(({ path }) => path);
    for (let from = 0; from < files.length; from += FILES_PER_RUN)
      problems.push(...(await run(tool, folder, files.slice(from, from + FILES_PER_RUN), known)));
  }
  return { tools: tools.map(({ program }) => program), problems };
}

function run(
  { program, arguments: before }: Linter,
  folder: string,
  files: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<DocumentProblem[]> {
  return new Promise((resolve) => {
    execFile(program, [...before, ...files], { cwd: folder, env, maxBuffer: 64_000_000 }, (error, stdout, stderr) => {
      if (error === null) resolve([]);
      else resolve(problemsOf(program, files, `${stdout}\n${stderr}`));
    });
  });
}

function problemsOf(program: string, files: readonly string[], output: string): DocumentProblem[] {
  const lines = output.split("\n").map((line) => line.trim());
  const told = lines.filter((line) => line !== "");
  const fallback = [`${program} found something it does not tell`];
  return (told.length === 0 ? fallback : told).map((line) => ({
    path: files.find((file) => line.includes(file)) ?? program,
    text: `${program}: ${line}`,
  }));
}

function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));
}
