import { sqlError } from "../errors";
import { decimal, nvarchar, T, varbinary, type SqlType } from "../values/sql-type";
import type { Value } from "../values/value";
import type { Compiled } from "./compiled";
import type { Context } from "./context";

/** What @@VERSION says: first of all that this is no SQL Server. */
export const VERSION_TEXT =
  "pulumi-cdc SQL Server stand-in (not SQL Server), imitates Microsoft SQL Server 2022 - 16.0.4135.4 (X64) \n\tDeveloper Edition (64-bit)";

/** Name of the server in messages, @@SERVERNAME and SERVERPROPERTY. */
export const SERVER_NAME = "stand-in";

type Global = (context: Context) => readonly [SqlType, Value];

const GLOBALS: Readonly<Record<string, Global>> = {
  "@@version": () => [nvarchar(300), VERSION_TEXT],
  "@@servername": () => [nvarchar(128), SERVER_NAME],
  "@@servicename": () => [nvarchar(128), "MSSQLSERVER"],
  "@@spid": ({ session }) => [T.int, session.id],
  "@@trancount": ({ session }) => [T.int, session.transactionCount()],
  "@@rowcount": ({ session }) => [T.int, Number(session.rowCount)],
  "@@error": ({ session }) => [T.int, session.lastError],
  "@@identity": ({ session }) => [decimal(38, 0), session.identity],
  "@@dbts": ({ database }) => [varbinary(8), database.currentRowVersion()],
  "@@datefirst": ({ session }) => [T.int, session.options.dateFirst],
  "@@lock_timeout": ({ session }) => [T.int, session.options.lockTimeoutMs],
  "@@textsize": ({ session }) => [T.int, session.options.textSize],
  "@@nestlevel": ({ session }) => [T.int, session.procedureDepth],
  "@@max_precision": () => [T.tinyint, 38],
  "@@max_connections": () => [T.int, 32_767],
  "@@language": () => [nvarchar(128), "us_english"],
  "@@langid": () => [T.int, 0],
  "@@options": ({ session }) => [
    T.int,
    5432 | (session.options.noCount ? 512 : 0) | (session.options.xactAbort ? 16_384 : 0),
  ],
  "@@microsoftversion": () => [T.int, 268_439_591],
  "@@procid": () => [T.int, 0],
  "@@fetch_status": () => [T.int, 0],
  "@@cursor_rows": () => [T.int, 0],
};

/** A system variable such as @@ROWCOUNT. Throws 137 when there is none of that name. */
export function globalVariable(name: string, context: Context): Compiled {
  const find = GLOBALS[name.toLowerCase()];
  if (!find) throw sqlError(137, name);
  const [type, value] = find(context);
  return { type, nullable: true, run: () => value, constant: true };
}
