import { sql, type Sql } from "../sql";
import { bracketedName, nText } from "./quote";

/** Asks for the lock of `@resource` for the session, without waiting: 0 or more is success. */
export const GET_LOCK: Sql = sql`DECLARE @result int;
EXEC @result = sys.sp_getapplock @Resource = @resource, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0;
SELECT @result AS result`;

/** How the session has the lock of `@resource`: `Exclusive` or `NoLock`. */
export const LOCK_MODE: Sql = sql`SELECT APPLOCK_MODE('public', @resource, 'Session') AS mode`;

/**
 * A fencing token without a table: microseconds since 1970 by the server's clock, which grow from holder to holder as
 * long as that clock isn't set back.
 */
export const CLOCK_TOKEN: Sql = sql`SELECT DATEDIFF_BIG(microsecond, '1970-01-01', SYSUTCDATETIME()) AS token`;

/** The table of fencing tokens, for a person to make where the login may not. */
export function tokenTable(schema: string, table: string): Sql {
  return sql`CREATE TABLE ${bracketedName(schema, table)} (name nvarchar(255) COLLATE Latin1_General_BIN2 NOT NULL PRIMARY KEY, token bigint NOT NULL, holder nvarchar(255) NOT NULL)`;
}

/** Makes the table of fencing tokens if it isn't there. */
export function makeTokenTable(schema: string, table: string): Sql {
  const name = bracketedName(schema, table);
  return sql`IF OBJECT_ID(${nText(name)}) IS NULL ${tokenTable(schema, table)}`;
}

/**
 * The next fencing token of `@name`. The first one is the milliseconds since 1970, above those of a lease that was kept
 * elsewhere. Whoever has the lock is alone here.
 */
export function nextToken(schema: string, table: string): Sql {
  const name = bracketedName(schema, table);
  return sql`SET NOCOUNT ON;
UPDATE ${name} SET token = token + 1, holder = @holder WHERE name = @name;
IF @@ROWCOUNT = 0
  INSERT ${name} (name, token, holder) VALUES (@name, DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()), @holder);
SELECT token FROM ${name} WHERE name = @name`;
}

/** Who took the lock of `@name` last. */
export function lastHolder(schema: string, table: string): Sql {
  return sql`SELECT holder FROM ${bracketedName(schema, table)} WHERE name = @name`;
}
