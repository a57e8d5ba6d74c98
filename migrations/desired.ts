import type { TableShape } from "../model/table-shape";
import { formatColumnSpec } from "../sql/plans/column-spec";
import { sha256 } from "../sql/plans/definition";
import { SCHEMA_VERSION, type SinkTableProps, type StagingTableProps } from "../sql/plans/props";
import { createdTable, unreadable, type CreatedTable } from "./created-table";
import type { MigrationFile } from "./migration-file";
import { SCHEMA_PLACEHOLDER, type JsonValue, type Target } from "./migration-set";
import { registrationIn } from "./registration";
import { shapeHasher } from "./shape-hash";
import { fillShape, fillText } from "./substitute";

/** What a table's two files want, with placeholders: read back from our own statements. */
export interface DesiredTable {
  readonly table: Omit<SinkTableProps, "connection" | "database">;
  readonly staging: Omit<StagingTableProps, "connection" | "database">;
  readonly procedure: { readonly name: string; readonly batchSize: number };
  /** As registered, with placeholders. */
  readonly shape: JsonValue;
  /** The procedure's body, with placeholders. */
  readonly body: string;
}

/** The same for one schema, ready to be compared with the live catalogue. */
export interface DesiredUnit extends Pick<DesiredTable, "table" | "staging" | "procedure"> {
  readonly shape: TableShape;
  /** sha256 of the procedure's body, as the catalogue's `prosrc` gives it. */
  readonly definition: string;
}

/** Reads what the files of a table want. Throws CdcError (CDC_MIGRATION_UNREADABLE) naming the file. */
export function desiredTable(kind: "managed" | "existing", table: MigrationFile, staging: MigrationFile): DesiredTable {
  const made = createdTable(staging.path, staging.body);
  const shape = shapeIn(staging);
  const order =
    kind === "managed" ? createdTable(table.path, table.body).columns.map(({ name }) => open(name)) : undefined;
  const common = {
    schemaVersion: SCHEMA_VERSION,
    schema: open(made.schema),
    table: open(shape.table),
    columns: columnsOf(made, shape),
    ...roleIn(staging.body),
  };
  const key = shape.key.map(open);
  const own = { key, onDelete: shape.onDelete, targetExists: kind === "existing", allowDrop: false };
  const ordered = order === undefined ? {} : { order: order.filter((name) => Object.hasOwn(common.columns, name)) };
  return {
    table: { ...common, ...ordered, ...own },
    staging: { ...common, staging: open(made.table), logged: !made.unlogged },
    ...procedureIn(staging),
    shape: shape as unknown as JsonValue,
  };
}

/** What the files want in one schema. For many schemas take {@link desiredFiller} once. */
export function desiredFor(desired: DesiredTable, target: Target): DesiredUnit {
  return desiredFiller(desired)(target);
}

/** Prepares what the files want: what is filled in later costs little per schema. */
export function desiredFiller(desired: DesiredTable): (target: Target) => DesiredUnit {
  const hash = shapeHasher(desired.shape);
  return (target) => {
    const inSchema = { schema: target.schema };
    return {
      table: { ...desired.table, ...inSchema },
      staging: { ...desired.staging, ...inSchema },
      procedure: desired.procedure,
      get shape() {
        return fillShape(desired.shape, target) as unknown as TableShape;
      },
      get definition() {
        return sha256(fillText(desired.body, target.schema, hash(target)));
      },
    };
  };
}

function shapeIn({ path, body }: MigrationFile): TableShape {
  const registration = registrationIn(body);
  if (registration === undefined) throw unreadable(path, "it registers no table");
  return registration.shape as unknown as TableShape;
}

/** Types and defaults from the staging table; which are NOT NULL, from the shape. */
function columnsOf(made: CreatedTable, shape: TableShape): Record<string, string> {
  const nullable = new Map(shape.columns.map((column) => [column.name, column.nullable]));
  const own = made.columns.filter(({ name }) => nullable.has(name));
  return Object.fromEntries(
    own.map(({ name, definition }) => {
      const [type = "", ...rest] = open(definition).split(" DEFAULT ");
      const standard = rest.length === 0 ? {} : { default: rest.join(" DEFAULT ") };
      return [open(name), formatColumnSpec({ type, nullable: nullable.get(name) ?? true, ...standard })];
    }),
  );
}

const PROCEDURE =
  /CREATE OR REPLACE PROCEDURE "(?:[^"]|"")+"\."((?:[^"]|"")+)"\(INOUT result jsonb DEFAULT NULL, batch_size integer DEFAULT (\d+)\)\n[^$]*?\nAS \$(merge_*)\$/;

function procedureIn({ path, body }: MigrationFile): Pick<DesiredTable, "procedure" | "body"> {
  const found = PROCEDURE.exec(body);
  const [head = "", name = "", batchSize = "", tag = ""] = found ?? [];
  const start = (found?.index ?? 0) + head.length;
  const end = body.indexOf(`$${tag}$`, start);
  if (found === null || end < 0) throw unreadable(path, "it has no merge procedure");
  const procedure = { name: open(name.replaceAll('""', '"')), batchSize: Number(batchSize) };
  return { procedure, body: body.slice(start, end) };
}

function roleIn(body: string): { applicationRole?: string } {
  const found = /^GRANT SELECT, INSERT ON TABLE "(?:[^"]|"")+"\."(?:[^"]|"")+" TO "((?:[^"]|"")+)"/m.exec(body);
  return found?.[1] === undefined ? {} : { applicationRole: open(found[1].replaceAll('""', '"')) };
}

/** A name as it is, where the text had to keep it from looking like a placeholder. */
function open(text: string): string {
  return fillText(text, SCHEMA_PLACEHOLDER);
}
