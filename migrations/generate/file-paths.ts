import { pathPart } from "../../lib/path-part";
import type { TableEntry } from "../migration-set";

/** Where the files of one table are, within the sink's folder. */
export interface TablePaths {
  readonly table: string;
  readonly staging: string;
  /** Folder of its steps. */
  readonly changes: string;
  /** Beginning of the paths of its manual files. */
  readonly manual: string;
}

const STAGING = "-staging.sql";

/** Hands out the paths of tables: those they had before, and no two that differ by case only. */
export class FilePaths {
  private readonly taken = new Set<string>();
  private readonly known: ReadonlyMap<string, TablePaths>;

  constructor(entries: readonly TableEntry[]) {
    this.known = new Map(
      entries.flatMap((entry) => {
        const paths = pathsOf(entry);
        return paths === undefined ? [] : [[keyOf(entry), paths] as const];
      }),
    );
    for (const { table, staging } of this.known.values()) this.take([table, staging]);
  }

  /** Paths of a table. */
  of(entry: Pick<TableEntry, "service" | "schema" | "table">): TablePaths {
    const known = this.known.get(keyOf(entry));
    if (known !== undefined) return known;
    const name = entry.table;
    const candidates = [pathPart(name), pathPart(`${name}~${entry.service}`), ...numbered(name)];
    const folder = pathPart(entry.schema);
    const paths = candidates
      .map((part) => pathsIn(folder, part))
      .find(({ table, staging }) => this.isFree([table, staging]));
    if (paths === undefined) throw new RangeError(`no free file name for ${name}`);
    this.take([paths.table, paths.staging]);
    return paths;
  }

  private isFree(paths: readonly string[]): boolean {
    return paths.every((path) => !this.taken.has(folded(path)));
  }

  private take(paths: readonly string[]): void {
    for (const path of paths) this.taken.add(folded(path));
  }
}

function pathsIn(folder: string, part: string): TablePaths {
  return {
    table: `01-tables/${folder}/${part}.sql`,
    staging: `01-tables/${folder}/${part}${STAGING}`,
    changes: `02-changes/${folder}/${part}/`,
    manual: `manual/${folder}/${part}-`,
  };
}

/** Paths of a table that has its files already. */
function pathsOf({ files }: TableEntry): TablePaths | undefined {
  const [folder, part] = /^01-tables\/([^/]+)\/(.+)-staging\.sql$/.exec(files[1]?.file ?? "")?.slice(1) ?? [];
  return folder === undefined || part === undefined ? undefined : pathsIn(folder, part);
}

function* numbered(name: string): Generator<string> {
  for (let number = 2; number < 1000; number += 1) yield `${pathPart(name)}~${String(number)}`;
}

function keyOf({ service, schema, table }: Pick<TableEntry, "service" | "schema" | "table">): string {
  return JSON.stringify([service, schema, table]);
}

/** File systems may ignore case, and the form in which accents are stored. */
function folded(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
