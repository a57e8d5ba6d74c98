import { NO_HAZARD } from "../../model/hazard";
import { EMPTY_PLAN, planOf, type Change, type Plan } from "../plan";
import { ident, literal, sql, type Sql } from "../sql";
import { renderTemplate } from "../template";
import type { SinkSchemaProps } from "./props";

/** Makes a sink schema, changes who may use it, or drops it when nothing is left in it. */
export function planSinkSchema(olds: SinkSchemaProps | undefined, news: SinkSchemaProps | undefined): Plan {
  if (news === undefined) return olds === undefined ? EMPTY_PLAN : planOf([removed(olds)]);
  if (olds !== undefined && olds.applicationRole === news.applicationRole) return EMPTY_PLAN;
  return planOf([made(olds, news)]);
}

function made(olds: SinkSchemaProps | undefined, news: SinkSchemaProps): Change {
  const { name, applicationRole: role } = news;
  const grant = role === undefined ? false : { role: ident(role) };
  return {
    kind: olds === undefined ? "SCHEMA_ADDED" : "GRANTS_CHANGED",
    severity: "info",
    object: name,
    summary: olds === undefined ? `schema ${name}` : `schema is used by ${role ?? "its owner only"}`,
    hazard: NO_HAZARD,
    sql: [...revoked(olds, news), renderTemplate("postgres/schema.sql", { schema: ident(name), grant })],
  };
}

function revoked(olds: SinkSchemaProps | undefined, { name, applicationRole }: SinkSchemaProps): Sql[] {
  const role = olds?.applicationRole;
  if (role === undefined || role === applicationRole) return [];
  return [
    renderTemplate("postgres/revoke.sql", {
      object: sql`SCHEMA ${ident(name)}`,
      role: ident(role),
      name: literal(role),
    }),
  ];
}

function removed({ name, keepWhenUsed = false }: SinkSchemaProps): Change {
  return {
    kind: "SCHEMA_REMOVED",
    severity: "warning",
    object: name,
    summary: "schema is dropped, unless it still holds something",
    hazard: NO_HAZARD,
    sql: [renderTemplate("postgres/schema-drop.sql", { schema: ident(name), name: literal(name), keepWhenUsed })],
  };
}
