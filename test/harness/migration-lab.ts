import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SinkTable } from "../../model/sink";
import { applyFolder, type ApplyOptions } from "../../migrations/apply/apply";
import type { ApplyReport } from "../../migrations/apply/report";
import { compareLive, type LiveComparison } from "../../migrations/check";
import { readFolder, type MigrationFolder } from "../../migrations/folder";
import { generate } from "../../migrations/generate/generate";
import { readStatus, type MigrationStatus } from "../../migrations/status";
import { closePools } from "../../databases/postgres/pool";
import { createTestDatabase, type PgConfig, type TestDatabase } from "./database";
import { column, pipelineModel, sinkTable } from "./sink-model";

/** Name of the lab's sink, and of its folder. */
export const LAB_SINK = "main.lab";

/** A table of the lab: the same in each customer's schema. */
export type LabTable = Partial<Omit<SinkTable, "schema" | "name">> & { readonly name: string };

/** What the lab's configuration wants. */
export interface LabModel {
  readonly customers: readonly string[];
  readonly tables: readonly LabTable[];
  readonly applicationRole?: string;
}

/** Columns that most tests use. */
export const ID = column("Id", "bigint", { nullable: false });
export const NAME = column("Name", "varchar(50)");

/** Migration files made from models, and a database to apply them to. */
export class MigrationLab {
  readonly migrations = mkdtempSync(join(tmpdir(), "cdc-migrations-"));

  constructor(readonly db: TestDatabase) {}

  /** A lab with a database of its own, for {@link close}. */
  static async open(): Promise<MigrationLab> {
    return new MigrationLab(await createTestDatabase());
  }

  get config(): PgConfig {
    return this.db.config;
  }

  /** Folder of the sink's files. */
  get directory(): string {
    return join(this.migrations, LAB_SINK);
  }

  /** Writes the files of a model (or of one table of it), as `generate` does: on top of what is there. */
  generate({ customers, tables, applicationRole }: LabModel, only?: string): void {
    const all = customers.flatMap((schema) => tables.map((table) => labTable(schema, table)));
    this.generateFrom(all, { customers, ...(applicationRole === undefined ? {} : { applicationRole }) }, only);
  }

  /** The same for tables of any kind; the customers are those that the tables name, when they aren't given. */
  generateFrom(
    all: readonly SinkTable[],
    { customers, applicationRole }: { customers?: readonly string[]; applicationRole?: string } = {},
    only?: string,
  ): void {
    const names = customers ?? [...new Set(all.map(({ schema }) => schema))];
    const role = applicationRole === undefined ? {} : { applicationRole };
    const schemas = names.map((name) => ({ name, tenant: name }));
    const more = { name: LAB_SINK, database: this.config.database, schemas, ...role };
    const model = { ...pipelineModel(all, more), service: "shop" };
    const databases = { [LAB_SINK]: { dev: this.config.database } };
    const table = only === undefined ? {} : { table: only };
    generate([{ service: "shop", models: [model], databases }], { migrations: this.migrations, ...table });
  }

  folder(): MigrationFolder {
    return readFolder(this.directory);
  }

  apply(options: ApplyOptions = {}): Promise<ApplyReport> {
    return applyFolder(this.folder(), "dev", this.config, options);
  }

  status(): Promise<MigrationStatus> {
    return readStatus(this.folder(), "dev", this.config);
  }

  check(): Promise<LiveComparison> {
    return compareLive(this.folder(), "dev", this.config);
  }

  /** Changes a file by hand. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.directory, file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  /** Puts an empty folder in the place of a file. */
  replaceByFolder(file: string): void {
    const path = join(this.directory, file);
    rmSync(path);
    mkdirSync(path);
  }

  /** `file schema outcome`, sorted, without what Pulumi wrote. */
  async history(): Promise<string[]> {
    const { rows } = await this.db.query<{ line: string }>(
      `SELECT concat_ws(' ', file_name, coalesce(schema_name, '-'), outcome) AS line
       FROM cdc_management.migration_history WHERE category <> 'pulumi' ORDER BY 1`,
    );
    return rows.map(({ line }) => line);
  }

  remove(): void {
    rmSync(this.migrations, { recursive: true, force: true });
  }

  /** Removes files and database. */
  async close(): Promise<void> {
    this.remove();
    await closePools();
    await this.db.drop();
  }
}

function labTable(schema: string, { name, columns = [ID, NAME], ...more }: LabTable): SinkTable {
  const source = { database: `Shop_${schema}`, schema: "dbo", table: name };
  return sinkTable(schema, name, { columns, source, tenant: schema, ...more });
}
