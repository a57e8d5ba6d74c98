import { CdcError } from "../../lib/errors";
import type { EnvelopeMetadata } from "../../model/envelope";
import type { TableShape } from "../../model/table-shape";
import { Rejection } from "../rejection";

/** One table mostly; several when the deployment makes several of one source table. */
type Target = readonly TableShape[] | Rejection;

/**
 * Finds the deployed tables of an event: their source table is `TableName`, and `Schema`, `Database` and `Tenant` agree
 * as far as both the event and the deployment name them. Tables of different sources are a reason, never a guess.
 */
export class Router {
  private readonly bySourceTable = new Map<string, TableShape[]>();
  private readonly known = new Map<string, Target>();
  private readonly forced: Target | undefined;
  private lastMetadata: Pick<EnvelopeMetadata, "TableName" | "Schema" | "Database" | "Tenant"> | undefined;
  private lastTarget: Target | undefined;

  /** @param forced Takes every event whatever its metadata say. */
  constructor(shapes: readonly TableShape[], forced?: TableShape) {
    this.forced = forced === undefined ? undefined : [forced];
    for (const shape of shapes) {
      const same = this.bySourceTable.get(shape.source.table);
      if (same === undefined) this.bySourceTable.set(shape.source.table, [shape]);
      else same.push(shape);
    }
  }

  route(metadata: EnvelopeMetadata): Target {
    if (this.forced !== undefined) return this.forced;
    const last = this.lastMetadata;
    // Neighbouring events mostly belong to one table.
    if (last !== undefined && this.lastTarget !== undefined && sameTable(last, metadata)) return this.lastTarget;
    const target = this.remembered(metadata);
    this.lastMetadata = metadata;
    this.lastTarget = target;
    return target;
  }

  private remembered(metadata: EnvelopeMetadata): Target {
    const { TableName, Schema, Database, Tenant } = metadata;
    const key = JSON.stringify([TableName, Schema, Database, Tenant]);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const target = this.find(metadata);
    // Hostile input must not grow the memory without end.
    if (this.known.size < 10_000) this.known.set(key, target);
    return target;
  }

  private find(metadata: EnvelopeMetadata): Target {
    const named = this.bySourceTable.get(metadata.TableName) ?? [];
    const found = named.filter(
      ({ source, tenant }) =>
        agree(source.schema, metadata.Schema) &&
        agree(source.database, metadata.Database) &&
        agree(tenant, metadata.Tenant),
    );
    if (found.length === 0) return new Rejection(`no deployed table takes ${sourceName(metadata)}`);
    if (haveOneSource(found)) return found;
    const names = found.map((shape) => `${shape.schema}.${shape.table}`).slice(0, 5);
    return new Rejection(
      `${sourceName(metadata)} could go to ${names.join(", ")}: add Tenant, Database or Schema, or name the table`,
    );
  }
}

/**
 * The deployed table that a user names as `schema.table` (sink names), or `table` when only one has that name.
 * @throws CdcError `CDC_TABLE_UNKNOWN` with the names that come nearest.
 */
export function namedTable(shapes: readonly TableShape[], name: string): TableShape {
  const full = shapes.filter((shape) => `${shape.schema}.${shape.table}` === name);
  const found = full.length > 0 ? full : shapes.filter((shape) => shape.table === name);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const candidates = found.length > 0 ? found : similar(shapes, name);
  const names = candidates.map((shape) => `${shape.schema}.${shape.table}`).slice(0, 5);
  throw new CdcError(
    "CDC_TABLE_UNKNOWN",
    found.length > 1
      ? `--table ${name}: several deployed tables have this name`
      : `--table ${name}: no deployed table has this name`,
    {
      hint:
        names.length > 0 ? `Use one of: ${names.join(", ")}.` : "Deploy the table first (cdc up), then load into it.",
    },
  );
}

function similar(shapes: readonly TableShape[], name: string): readonly TableShape[] {
  const wanted = name.toLowerCase().split(".").at(-1) ?? "";
  return shapes.filter(
    (shape) => shape.table.toLowerCase().includes(wanted) || shape.source.table.toLowerCase() === wanted,
  );
}

/** Whether nothing says that the tables have different sources; one that all customers share goes with each of them. */
function haveOneSource(shapes: readonly TableShape[]): boolean {
  const differ = (of: (shape: TableShape) => string | undefined): boolean =>
    new Set(shapes.map(of).filter((value) => value !== undefined)).size > 1;
  return (
    !differ(({ tenant }) => tenant) &&
    !differ(({ source }) => source.database) &&
    !differ(({ source }) => source.schema)
  );
}

function agree(deployed: string | undefined, named: string | undefined): boolean {
  return deployed === undefined || named === undefined || deployed === named;
}

function sameTable(
  a: Pick<EnvelopeMetadata, "TableName" | "Schema" | "Database" | "Tenant">,
  b: EnvelopeMetadata,
): boolean {
  return a.TableName === b.TableName && a.Schema === b.Schema && a.Database === b.Database && a.Tenant === b.Tenant;
}

function sourceName(metadata: EnvelopeMetadata): string {
  const { TableName, Schema, Database, Tenant } = metadata;
  const table = Schema === undefined ? TableName : `${Schema}.${TableName}`;
  const database = Database === undefined ? "" : ` of database ${Database}`;
  const tenant = Tenant === undefined ? "" : ` of tenant ${Tenant}`;
  return `table ${table}${database}${tenant}`;
}
