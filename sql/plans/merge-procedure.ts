import { ROW_LOCK } from "../../model/hazard";
import { EMPTY_PLAN, planOf, type Change, type Plan } from "../plan";
import { dollarQuoted, ident, integer, literal, qualified, sql, type Sql } from "../sql";
import { renderTemplate } from "../template";
import { sha256 } from "./definition";
import { mergeView } from "./merge-view";
import type { MergeProcedureOutputs, MergeProcedureProps } from "./props";
import { shapeOfProps } from "./table-shape";

/** Makes, replaces or drops a merge procedure, and registers its table with the shape that the stream reads. */
export function planMergeProcedure(
  olds: MergeProcedureOutputs | undefined,
  news: MergeProcedureProps | undefined,
): Plan {
  if (news === undefined) return olds === undefined ? EMPTY_PLAN : planOf([removed(olds)]);
  const sameRole = olds !== undefined && olds.applicationRole === news.applicationRole;
  if (sameRole && olds.definition === procedureDefinition(news)) return EMPTY_PLAN;
  return planOf([made(olds, news, procedureBody(news))]);
}

/** sha256 of the procedure's body, as `pg_proc.prosrc` has it. */
export function procedureDefinition(props: MergeProcedureProps): string {
  return definitions.get(JSON.stringify(props)) ?? sha256(procedureBody(props));
}

/** What a merge procedure's state keeps: the columns are known by their hash. */
export function mergeProcedureOutputs(news: MergeProcedureProps): MergeProcedureOutputs {
  const { schemaVersion, connection, database, schema, table, staging, procedure, applicationRole } = news;
  const role = applicationRole === undefined ? {} : { applicationRole };
  const own = { schemaVersion, connection, database, schema, table, staging, procedure, ...role };
  return { ...own, definition: procedureDefinition(news) };
}

function made(olds: MergeProcedureOutputs | undefined, news: MergeProcedureProps, body: Sql): Change {
  const revoked = revokedRole(olds, news);
  return {
    kind: olds === undefined ? "PROCEDURE_ADDED" : "PROCEDURE_REPLACED",
    severity: "info",
    object: `${news.schema}.${news.procedure}`,
    summary:
      olds === undefined
        ? "merge procedure is made"
        : "merge procedure is replaced; merges under way finish with the old one",
    hazard: ROW_LOCK,
    sql: [
      renderTemplate("postgres/merge/procedure.sql", {
        procedure: qualified(news.schema, news.procedure),
        batchSize: integer(news.batchSize),
        body: dollarQuoted(body, "merge"),
      }),
      ...revoked,
      renderTemplate("postgres/merge/rights.sql", {
        procedure: qualified(news.schema, news.procedure),
        grant: news.applicationRole === undefined ? false : { role: ident(news.applicationRole) },
      }),
      renderTemplate("postgres/merge/register.sql", {
        ...names(news),
        stagingText: literal(news.staging),
        staging: qualified(news.schema, news.staging),
        procedureText: literal(news.procedure),
        shape: literal(JSON.stringify(shapeOfProps(news))),
      }),
    ],
  };
}

function removed(olds: MergeProcedureOutputs): Change {
  return {
    kind: "PROCEDURE_REMOVED",
    severity: "info",
    object: `${olds.schema}.${olds.procedure}`,
    summary: "merge procedure is dropped and its table unregistered; staged rows are no longer merged",
    hazard: ROW_LOCK,
    sql: [
      renderTemplate("postgres/merge/drop.sql", { ...names(olds), procedure: qualified(olds.schema, olds.procedure) }),
    ],
  };
}

function names({ schema, table }: { readonly schema: string; readonly table: string }) {
  return { schemaText: literal(schema), tableText: literal(table) };
}

function revokedRole(olds: MergeProcedureOutputs | undefined, news: MergeProcedureProps): Sql[] {
  const role = olds?.applicationRole;
  if (role === undefined || role === news.applicationRole) return [];
  const procedure = sql`PROCEDURE ${qualified(news.schema, news.procedure)}(jsonb, integer)`;
  return [renderTemplate("postgres/revoke.sql", { object: procedure, role: ident(role), name: literal(role) })];
}

/** Hashes of bodies by properties: one procedure is asked for by check, diff and create, and rendering is most of their time. */
const definitions = new Map<string, string>();

function procedureBody(props: MergeProcedureProps): Sql {
  const body = sql`
${renderTemplate("postgres/merge/body.sql", mergeView(props))}
`;
  definitions.set(JSON.stringify(props), sha256(body));
  return body;
}
