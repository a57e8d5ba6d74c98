import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { RunningPostgres } from "../../sandbox/postgres";
import { runProgram, starts } from "./run-program";

const CACHE = join(tmpdir(), "cdc-bench-flyway-11.8.2");
const SOURCE = join("bench", "rivals", "GroupedMigrate.java");

/** What Flyway needs, as paths of a Maven repository, and their sha256. */
const JARS: Readonly<Record<string, string>> = {
  "org/flywaydb/flyway-core/11.8.2/flyway-core-11.8.2.jar":
    "0ea41bed2a5f16fa4ec9f7556b0c81f9d767b5091fb6b6d543ef7ec5ced42d09",
  "org/flywaydb/flyway-database-postgresql/11.8.2/flyway-database-postgresql-11.8.2.jar":
    "e752ba9bd800222c35cdddedd784cf4adcf42603dc2ac2ea561ed5885bdfc5f3",
  "com/fasterxml/jackson/core/jackson-annotations/2.15.2/jackson-annotations-2.15.2.jar":
    "04e21f94dcfee4b078fa5a5f53047b785aaba69d19de392f616e7a7fe5d3882f",
  "com/fasterxml/jackson/core/jackson-core/2.15.2/jackson-core-2.15.2.jar":
    "303c99e82b1faa91a0bae5d8fbeb56f7e2adf9b526a900dd723bf140d62bd4b4",
  "com/fasterxml/jackson/core/jackson-databind/2.15.2/jackson-databind-2.15.2.jar":
    "0eb2fdad6e40ab8832a78c9b22f58196dd970594e8d3d5a26ead87847c4f3a96",
  "org/postgresql/postgresql/42.7.5/postgresql-42.7.5.jar":
    "69020b3bd20984543e817393f2e6c01a890ef2e37a77dd11d6d8508181d079ab",
};

/** Fetches and compiles what a run needs, once per machine. Resolves to why it can't be run here, if so. */
export async function flywayMissing(): Promise<string | undefined> {
  if (!(await starts("java", "-version"))) return "no java";
  if (!(await starts("javac", "-version"))) return "no javac";
  mkdirSync(CACHE, { recursive: true });
  try {
    await Promise.all(Object.entries(JARS).map(([path, sha256]) => fetchJar(path, sha256)));
  } catch (error) {
    return `no jars: ${error instanceof Error ? error.message : String(error)}`;
  }
  await runProgram("javac", ["-cp", classPath(), "-d", CACHE, resolve(SOURCE)]);
  return undefined;
}

/** Names of the files as Flyway orders them. */
export function flywayName(index: number, name: string): string {
  return `V${String(index + 1).padStart(5, "0")}__${name}.sql`;
}

/** Applies all files of a folder in one transaction, its history table included. */
export async function flywayMigrate(
  folder: string,
  database: string,
  { host, port, user, password }: RunningPostgres,
): Promise<void> {
  const url = `jdbc:postgresql://${host}:${port}/${database}`;
  await runProgram("java", ["-cp", classPath(), "GroupedMigrate", url, user, folder], { PGPASSWORD: password });
}

function classPath(): string {
  return [CACHE, ...Object.keys(JARS).map(fileOf)].join(delimiter);
}

function fileOf(path: string): string {
  return join(CACHE, path.slice(path.lastIndexOf("/") + 1));
}

/** From Maven Central, or from the mirror that `MAVEN_REPOSITORY` names. */
async function fetchJar(path: string, sha256: string): Promise<void> {
  const file = fileOf(path);
  if (existsSync(file) && hash(readFileSync(file)) === sha256) return;
  const repository = process.env["MAVEN_REPOSITORY"] ?? "https://repo1.maven.org/maven2";
  const answer = await fetch(`${repository}/${path}`, { signal: AbortSignal.timeout(60_000) });
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
  const jar = Buffer.from(await answer.arrayBuffer());
  if (hash(jar) !== sha256) throw new Error(`${path}: another sha256 than expected`);
  writeFileSync(`${file}.part`, jar);
  renameSync(`${file}.part`, file);
}

function hash(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
