import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dump } from "js-yaml";
import { loadEveryEnvironment } from "../../config/environments";
import { diffFiles, type DiffOptions } from "../../migrations/diff/diff-files";
import type { FileChange } from "../../migrations/diff/file-change";
import { generate, type GeneratedSink, type GenerateOptions } from "../../migrations/generate/generate";
import { filesBelow } from "../../lib/generated-files";
import { writeProject } from "../fixtures/project";

/** A column of a source table, as a schema YAML has it. */
export interface SourceColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable?: boolean;
  readonly primary_key?: boolean;
}

/** What a project's configuration says; whatever is absent stays as it was. */
export interface ProjectParts {
  readonly customers?: Readonly<Record<string, object>>;
  /** Source columns by table. */
  readonly tables?: Readonly<Record<string, readonly SourceColumn[]>>;
  /** Further keys of sink tables, by key. */
  readonly sinkTables?: Readonly<Record<string, object | null>>;
  readonly templates?: Readonly<Record<string, object>>;
  /** Further keys of the sink. */
  readonly sink?: object;
}

const KEY: SourceColumn = { name: "Id", type: "int", nullable: false, primary_key: true };

/** Columns with a key `Id` before them, written `Name: nvarchar(50)`, `Age: int not null`. */
export function columns(written: Readonly<Record<string, string>>): SourceColumn[] {
  const others = Object.entries(written).map(([name, text]) => {
    const type = text.replace(/ not null$/, "");
    return { name, type, nullable: type === text };
  });
  return [KEY, ...others];
}

const CUSTOMERS = Object.fromEntries(
  ["fjord", "skog", "elv"].map((name, index) => {
    const customer_id = `00000000-0000-4000-8000-00000000000${String(index)}`;
    return [name, { customer_id, dev: { database: `Shop_${name}_Dev` }, prod: { database: `Shop_${name}` } }];
  }),
);

const DEFAULTS: Required<ProjectParts> = {
  customers: CUSTOMERS,
  tables: { Actor: columns({ Name: "nvarchar(50)" }), Line: columns({ Amount: "decimal(8,2) not null" }) },
  sinkTables: { "{{SCHEMA}}.Actor": null, "{{SCHEMA}}.Line": null },
  templates: {},
  sink: {},
};

/** A folder with a configuration of one service `shop`, three customers and two environments, and its files. */
export class MigrationProject {
  readonly directory = writeProject({}, {});
  private parts: Required<ProjectParts> = DEFAULTS;

  constructor(parts: ProjectParts = {}) {
    this.configure(parts);
  }

  /** Writes the configuration again, with these parts other than before. */
  configure(parts: ProjectParts): void {
    this.parts = { ...this.parts, ...parts };
    const { customers, tables, sinkTables, templates, sink } = this.parts;
    this.write("source-groups.yaml", { shops: { pattern: "db-per-tenant", sources: customers } });
    const source = { tables: Object.fromEntries(Object.keys(tables).map((name) => [`dbo.${name}`, {}])) };
    const sinks = { "main.shop": { databases: { dev: "shop_dev", prod: "shop" }, ...sink, tables: sinkTables } };
    this.write("services/shop.yaml", { shop: { source, sinks } });
    this.write("services/_schemas/column-templates.yaml", { templates });
    for (const [table, own] of Object.entries(tables))
      this.write(`services/_schemas/shop/dbo/${table}.yaml`, { schema: "dbo", service: "shop", table, columns: own });
  }

  /** Writes a file of the project, objects as YAML. */
  write(path: string, content: object | string): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : dump(content));
  }

  generate(options: Partial<GenerateOptions> & { readonly service?: string } = {}): GeneratedSink[] {
    return generate(this.services(options.service), {
      migrations: join(this.directory, "migrations"),
      definitions: join(this.directory, "generated/table-definitions"),
      everyService: options.service === undefined,
      ...options,
    });
  }

  diff(options: Partial<DiffOptions> & { readonly service?: string } = {}): FileChange[] {
    const migrations = join(this.directory, "migrations");
    return diffFiles(this.services(options.service), {
      migrations,
      everyService: options.service === undefined,
      ...options,
    });
  }

  /** Kinds and objects of the differences. */
  told(): string[] {
    return this.diff().map(({ kind, object }) => `${kind} ${object}`);
  }

  services(service?: string) {
    return loadEveryEnvironment(this.directory, { env: {}, ...(service === undefined ? {} : { service }) });
  }

  /** Text of a file of the sink's folder. */
  read(file: string, sink = "main.shop"): string {
    return readFileSync(this.path(file, sink), "utf8");
  }

  path(file: string, sink = "main.shop"): string {
    return join(this.directory, "migrations", sink, file);
  }

  has(file: string): boolean {
    return existsSync(this.path(file));
  }

  remove(file: string): void {
    rmSync(join(this.directory, file));
  }

  /** Puts generated files back as {@link texts} gave them, and takes all others away. */
  restore(texts: Readonly<Record<string, string>>): void {
    for (const folder of ["migrations", "generated"])
      rmSync(join(this.directory, folder), { recursive: true, force: true });
    for (const [path, text] of Object.entries(texts)) this.write(path, text);
  }

  /** Every generated file with its text. */
  texts(): Record<string, string> {
    const folders = ["migrations", "generated"].map((name) => join(this.directory, name));
    return Object.fromEntries(
      folders.flatMap((folder) =>
        filesBelow(folder).map((file) => [
          `${folder.slice(this.directory.length + 1)}/${file}`,
          readFileSync(join(folder, file), "utf8"),
        ]),
      ),
    );
  }
}

/** A generated text without what has golden files of its own: the bodies of procedures and blocks, and so the checksums. */
export function withoutBodies(text: string): string {
  return text
    .replace(/\$(merge|follow)\$\n[^]*\n(?:END )?\$\1\$/g, (_all, tag: string) => `$${tag}$ ... $${tag}$`)
    .replace(/sha256:[0-9a-f]{64}/g, "sha256:...");
}
