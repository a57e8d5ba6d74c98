import { join } from "node:path";
import { CdcError } from "../../lib/errors";
import { readFolderIfThere, type FileFault, type MigrationFolder } from "../folder";
import { MANIFEST_FILE, renderManifest } from "../manifest-file";
import { isIntact, parseFile, renderFile, type MigrationFile } from "../migration-file";
import { listedFiles } from "../folder";
import type { FileEntry, Manifest } from "../migration-set";
import { pathPart } from "../../lib/path-part";
import { gatherSinks } from "./gather";
import type { GatheredSink, ServiceInput } from "./gathered";
import { planFolder, type FolderPlan } from "./plan-folder";
import { sinksInScope, type Scope } from "./scope";
import { definitionsOf } from "./table-definitions";
import { filesBelow, removeFile, textIfThere, writeWhole } from "../../lib/generated-files";

/** What `generate` needs to know. */
export interface GenerateOptions extends Scope {
  /** Folder that holds a folder per sink. */
  readonly migrations: string;
  /** Folder of the table definitions; none are written without. */
  readonly definitions?: string;
  /** Write nothing. */
  readonly dryRun?: boolean;
  /** Write over files that were edited by hand, and take edited steps as they are. */
  readonly force?: boolean;
}

/** What became of one sink's folder. */
export interface GeneratedSink {
  readonly sink: string;
  readonly directory: string;
  readonly tables: number;
  /** Files of the folder that were, or would be, written, and those that went. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  /** Steps that came up now. */
  readonly steps: readonly string[];
  /** Everything that a person has yet to do. */
  readonly manual: readonly string[];
  /** Tables that the configuration no longer has, since this run. */
  readonly tablesRemoved: readonly string[];
  readonly definitions: readonly string[];
}

/** Writes the files of every sink in scope, or of none when one can't be. Throws CdcError. */
export function generate(services: readonly ServiceInput[], options: GenerateOptions): GeneratedSink[] {
  const sinks = sinksInScope(gatherSinks(services), options);
  const prepared = sinks.map((sink) => prepare(sink, options));
  checkFaults(prepared, options);
  checkQuestions(prepared);
  return prepared.map((one) => finish(one, options));
}

/** Folder of a sink's files. */
export function sinkDirectory(migrations: string, sink: string): string {
  return join(migrations, pathPart(sink));
}

interface Prepared {
  readonly sink: GatheredSink;
  readonly directory: string;
  readonly previous: MigrationFolder | undefined;
  readonly plan: FolderPlan;
}

function prepare(sink: GatheredSink, options: GenerateOptions): Prepared {
  const directory = sinkDirectory(options.migrations, sink.name);
  const previous = readFolderIfThere(directory);
  const resealed = options.force === true ? resealedSteps(previous) : new Map<string, string>();
  const known =
    previous === undefined ? undefined : { ...previous, manifest: withChecksums(previous.manifest, resealed) };
  const plan = planFolder(sink, known, options, orphanSteps(directory, previous));
  return { sink, directory, previous, plan };
}

/** Intact steps on disk that the manifest doesn't list. */
function orphanSteps(directory: string, previous: MigrationFolder | undefined): FileEntry[] {
  if (previous === undefined) return [];
  const listed = new Set(listedFiles(previous.manifest).map(({ file }) => file));
  const files = filesBelow(join(directory, "02-changes")).map((file) => `02-changes/${file}`);
  return files
    .filter((file) => file.endsWith(".sql") && !listed.has(file))
    .flatMap((file) => {
      const step = parseFile(file, textIfThere(join(directory, file)) ?? "");
      return isIntact(step) ? [{ file, checksum: step.checksum }] : [];
    });
}

/** New checksums of steps that were edited by hand, by path. */
function resealedSteps(previous: MigrationFolder | undefined): Map<string, string> {
  return new Map(editedSteps(previous).map((step) => [step.path, step.actual]));
}

function editedSteps(previous: MigrationFolder | undefined): MigrationFile[] {
  const edited = (previous?.faults ?? []).filter(
    ({ file, kind }) => kind !== "missing" && file.startsWith("02-changes/"),
  );
  return edited.flatMap(({ file }) => previous?.files.get(file) ?? []);
}

function withChecksums(manifest: Manifest, checksums: ReadonlyMap<string, string>): Manifest {
  if (checksums.size === 0) return manifest;
  const tables = manifest.tables.map((entry) => ({
    ...entry,
    changes: entry.changes.map(({ file, checksum }) => ({ file, checksum: checksums.get(file) ?? checksum })),
  }));
  return { ...manifest, tables };
}

function checkFaults(prepared: readonly Prepared[], options: GenerateOptions): void {
  if (options.force === true) return;
  const faults = prepared.flatMap(({ sink, plan }) =>
    plan.faults.filter(isInTheWay).map((fault) => ({ sink: sink.name, fault })),
  );
  if (faults.length === 0) return;
  const words = faults.map(
    ({ sink, fault }) => `${sink}/${fault.file} ${fault.kind === "missing" ? "is missing" : "was edited by hand"}`,
  );
  throw new CdcError("CDC_MIGRATION_EDITED", `${words.join("\n")}\nNothing was written.`, {
    hint: "Take the generated version back (git checkout), or run again with --force to write over it; an edited step is then taken as it is.",
  });
}

/** A table's file that is gone is simply written again; a step can't be. */
function isInTheWay({ file, kind }: FileFault): boolean {
  return kind === "edited" || (kind === "missing" && file.startsWith("02-changes/"));
}

function checkQuestions(prepared: readonly Prepared[]): void {
  const questions = prepared.flatMap(({ sink, plan }) =>
    plan.tables.flatMap((table) => table.questions.map((question) => `sink ${sink.name}: ${question}`)),
  );
  if (questions.length === 0) return;
  throw new CdcError("CDC_RENAME_UNCLEAR", `${questions.join("\n")}\nNothing was written.`, {
    hint: "Answer with renames: or not_renamed: in the table's manual_migration_hints, then generate again.",
  });
}

function finish({ sink, directory, previous, plan }: Prepared, options: GenerateOptions): GeneratedSink {
  const manifest = renderManifest(plan.manifest);
  const changed = plan.files.filter((file) => !isOnDisk(file, previous));
  const resealed =
    options.force === true ? editedSteps(previous).map((step) => renderFile(step.path, step.header, step.body)) : [];
  const manifestChanged = textIfThere(join(directory, MANIFEST_FILE)) !== manifest;
  if (options.dryRun !== true) {
    for (const { path, text } of [...resealed, ...changed]) writeWhole(join(directory, path), text);
    if (manifestChanged) writeWhole(join(directory, MANIFEST_FILE), manifest);
    for (const file of plan.dropped) removeFile(directory, file);
  }
  return {
    sink: sink.name,
    directory,
    tables: plan.tables.length,
    written: [...changed.map(({ path }) => path), ...(manifestChanged ? [MANIFEST_FILE] : [])],
    removed: plan.dropped,
    unchanged: plan.files.length - changed.length,
    steps: plan.files.map(({ path }) => path).filter((path) => path.startsWith("02-changes/")),
    manual: plan.manifest.manual.map(({ file }) => file),
    tablesRemoved: plan.removed.now.map(({ schema, table }) => `${schema}.${table}`),
    definitions: definitionsOf(sink, plan, options),
  };
}

/** A manual file that is there is never written again: somebody may be working on it. */
function isOnDisk(file: MigrationFile, previous: MigrationFolder | undefined): boolean {
  const found = previous?.files.get(file.path);
  if (found === undefined) return false;
  if (file.path.startsWith("manual/") && previous?.manifest.manual.some((entry) => entry.file === file.path) === true)
    return true;
  return isIntact(found) && found.checksum === file.checksum;
}
