import { sourcePlaces, type ConfigProblem, type SourcePlaces } from "../../config";
import type { EditedFolder, InspectedTable } from "../../config/edit";
import type { Context } from "../context";
import type { Edits } from "../edit-run";
import { unifiedDiff } from "../print/unified-diff";
import { readFolderSettings, type FolderSettings } from "../project-settings";
import { Catalogs } from "./catalogs";
import { compareService, type ComparedService } from "./compare";
import type { InspectFlags } from "./flags";
import { wantedTables } from "./wanted-tables";

/** What `resources --inspect --json` says of a service. */
export interface InspectedService {
  readonly service: string;
  readonly environment: string;
  /** Customer or service whose database was read. */
  readonly source: string;
  readonly database: string;
  readonly tables: readonly (InspectedTable & { /** Of the file. */ readonly diff: string })[];
  /** With `--all`: tables that the service doesn't have. */
  readonly untracked?: readonly string[];
}

/** What `resources --inspect --json` prints. */
export interface Inspection {
  readonly changed: boolean;
  readonly written: boolean;
  readonly services: readonly InspectedService[];
  readonly notes: readonly string[];
  /** What the configuration says against the new schema YAML, and did not before. */
  readonly problems: readonly (ConfigProblem & { readonly message: string })[];
}

/** What `resources --inspect --compare --json` prints. */
export interface Comparison {
  readonly changed: boolean;
  readonly services: readonly ComparedService[];
}

/** One service with the databases of its rows. */
interface OpenedService {
  readonly name: string;
  readonly places: SourcePlaces;
}

/**
 * Compares the schema YAML with the source databases, and writes it with `--save`.
 * Throws CdcError when a database can't be read or lacks a table; then nothing was written.
 */
export async function inspect(context: Context, flags: InspectFlags): Promise<Inspection> {
  const { directory, stacks, unread } = readFolderSettings(context);
  const edit = await import("../../config/edit");
  const folder = new edit.EditedFolder(directory);
  const opened = openServices(context, stacks, folder, edit, flags);
  const services = await withCatalogs(context, (catalogs) =>
    Promise.all(opened.map((service) => inspectService(service, { folder, edit, catalogs, flags }))),
  );
  const changes = folder.changes();
  const settings = stacks.map(({ environment, strict, applicationRole }) => {
    return { environment, strict, applicationRole, env: context.io.env };
  });
  const problems = changes.length === 0 ? [] : edit.addedProblems(directory, folder.edited, settings);
  const writes = flags.save === true && changes.length > 0;
  if (writes) edit.writeChanges(directory, changes);
  const { formatProblem } = await import("../../config");
  return {
    changed: changes.length > 0,
    written: writes,
    services,
    notes: [...folder.notes, ...(changes.length === 0 ? [] : unread)],
    problems: problems.map((problem) => ({ ...problem, message: formatProblem(problem) })),
  };
}

/** Compares the tables of every customer's database with those of the reference. Throws CdcError as {@link inspect} does. */
export async function compare(context: Context, flags: InspectFlags): Promise<Comparison> {
  const { directory, stacks } = readFolderSettings(context);
  const edit = await import("../../config/edit");
  const folder = new edit.EditedFolder(directory);
  const opened = openServices(context, stacks, folder, edit, flags);
  const services = await withCatalogs(context, (catalogs) =>
    Promise.all(
      opened.map(async ({ name, places }) => {
        const reference = await catalogs.of(places, places.reference);
        const { wanted } = wantedTables(edit, folder, edit.openService(folder, name), reference, flags);
        return compareService(name, places, wanted, (place) => catalogs.of(places, place));
      }),
    ),
  );
  return { changed: services.some(({ sources }) => sources.some(({ differs }) => differs)), services };
}

function openServices(
  context: Context,
  stacks: FolderSettings["stacks"],
  folder: EditedFolder,
  edit: Edits,
  flags: InspectFlags,
): OpenedService[] {
  const [{ environment: defaultEnvironment } = { environment: context.options.stack }] = stacks;
  const names = edit.serviceFiles(folder);
  // A table that is named belongs to one service: of the others it would become schema YAML as well.
  const one = flags.table !== undefined || names.length === 0;
  const chosen = one ? edit.chosenName("service", "services/", flags.service, names) : flags.service;
  if (chosen !== undefined) edit.requireKnown("there is no service", chosen, names);
  const source = flags.source ?? flags.customer;
  return (chosen === undefined ? names : [chosen]).map((service) => ({
    name: service,
    places: sourcePlaces(folder.directory, {
      service,
      defaultEnvironment,
      ...(flags.env === undefined ? {} : { environment: flags.env }),
      ...(source === undefined ? {} : { source }),
      env: context.io.env,
    }),
  }));
}

async function inspectService(
  { name, places }: OpenedService,
  use: {
    readonly folder: EditedFolder;
    readonly edit: Edits;
    readonly catalogs: Catalogs;
    readonly flags: InspectFlags;
  },
): Promise<InspectedService> {
  const { folder, edit, catalogs, flags } = use;
  const catalog = await catalogs.of(places, places.reference);
  const found = wantedTables(edit, folder, edit.openService(folder, name), catalog, flags);
  for (const table of found.leftOver)
    folder.notes.push(`service ${name}: schema YAML of ${table} stays, which ${catalog.database} does not have`);
  const inspected = found.wanted.map((table) =>
    edit.inspectTable(folder, table, { database: catalog.database, service: name }),
  );
  const changes = new Map(folder.changes().map((change) => [change.file, change]));
  return {
    service: name,
    environment: places.environment,
    source: places.reference.source,
    database: catalog.database,
    tables: inspected.map((table) => {
      const { before, after } = changes.get(table.file) ?? {};
      return { ...table, diff: unifiedDiff(table.file, before, after) };
    }),
    ...(flags.all === true ? { untracked: found.untracked } : {}),
  };
}

async function withCatalogs<T>(context: Context, work: (catalogs: Catalogs) => Promise<T>): Promise<T> {
  const catalogs = new Catalogs(context);
  try {
    return await work(catalogs);
  } finally {
    await catalogs.close();
  }
}
