import type { SinkSchemaProps } from "../../../sql/plans/props";
import type { Catalog } from "../catalog";
import { roleHolding } from "./rights";

/** The schema as the database has it; undefined when there is none. */
export function actualSinkSchema(catalog: Catalog, known: SinkSchemaProps): SinkSchemaProps | undefined {
  const found = catalog.schemas.get(known.name);
  if (found === undefined) return undefined;
  const { applicationRole, ...props } = known;
  return { ...props, ...roleHolding(found, applicationRole, "U") };
}
