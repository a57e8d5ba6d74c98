import { integer, literal, sql, type Sql } from "./sql";

/**
 * Takes or renews a lease of `cdc_management`, in one transaction; the last statement answers its `token`, NULL while
 * somebody else has it. Tokens begin at the milliseconds since 1970, above those of a lease that was kept elsewhere
 * before. One process after the other, so that who comes too late to begin it sees that it has begun, and raises no token.
 */
export function takeLease(name: string, holder: string, ttlMs: number): readonly [lock: Sql, take: Sql] {
  const lease = literal(name);
  return [
    sql`SELECT pg_advisory_xact_lock(hashtextextended(${literal(`cdc lease ${name}`)}, 0))`,
    sql`WITH begun AS MATERIALIZED (
    SELECT cdc_management.admit_token(${lease}, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
    WHERE NOT EXISTS (SELECT FROM cdc_management.leases WHERE name = ${lease})
  ), counted AS MATERIALIZED (SELECT count(*) FROM begun)
  SELECT cdc_management.acquire_lease(${lease}, ${literal(holder)}, ${integer(Math.round(ttlMs))}::bigint * interval '1 millisecond')::text AS token
  FROM counted`,
  ];
}
