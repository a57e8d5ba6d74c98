import type { Envelope, EnvelopeMetadata } from "../../model/envelope";
import type { Position } from "../../model/position";
import type { TableShape } from "../../model/table-shape";
import { Rejection, shown } from "../rejection";
import { RowEncoder } from "./row-encoder";
import { shapeOfTenant } from "./tenant-shape";

type Tenants = Readonly<Record<string, string | null>>;

/** Encodes the events of a table that several customers share: each event with its own customer's values. */
export class TenantEncoder {
  readonly columns: readonly string[];
  private readonly encoders = new Map<string, RowEncoder>();

  /** @param tenants Source databases by customer, null where not known. */
  constructor(
    private readonly shape: TableShape,
    private readonly tenants: Tenants,
    private readonly origin: string,
  ) {
    this.columns = this.encoderOf(Object.keys(tenants)[0] ?? "").columns;
  }

  encode(event: Envelope, position: Position): string | Rejection {
    const tenant = tenantOf(event.metadata, this.tenants);
    if (tenant instanceof Rejection) return tenant;
    return this.encoderOf(tenant).encode(event, position);
  }

  private encoderOf(tenant: string): RowEncoder {
    const known = this.encoders.get(tenant);
    if (known !== undefined) return known;
    const encoder = new RowEncoder(shapeOfTenant(this.shape, tenant, this.tenants[tenant]), this.origin);
    this.encoders.set(tenant, encoder);
    return encoder;
  }
}

/** The customer of an event: its `Tenant`, else the one whose database is its `Database`; why it is none otherwise. */
export function tenantOf({ Tenant, Database }: EnvelopeMetadata, tenants: Tenants): string | Rejection {
  if (Tenant === undefined && Database === undefined)
    return new Rejection("the event tells no Tenant or Database, and the table takes the rows of several customers");
  if (Tenant === undefined) return tenantOfDatabase(Database ?? "", tenants);
  if (!Object.hasOwn(tenants, Tenant)) return new Rejection(`the table takes no rows of tenant ${shown(Tenant)}`);
  const database = tenants[Tenant] ?? Database;
  if (Database === undefined || database === Database) return Tenant;
  return new Rejection(`tenant ${shown(Tenant)} has the database ${shown(database ?? "")}, not ${shown(Database)}`);
}

function tenantOfDatabase(database: string, tenants: Tenants): string | Rejection {
  const found = Object.keys(tenants).filter((tenant) => tenants[tenant] === database);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length === 0) return new Rejection(`database ${shown(database)} belongs to no tenant of the table`);
  return new Rejection(
    `database ${shown(database)} belongs to the tenants ${found.join(", ")}: the event must tell its Tenant`,
  );
}
