import { sqlError } from "../../errors";
import { appLockResource } from "../../storage/app-lock-resource";
import { LOCK_MODES, type LockOwner } from "../../storage/app-locks";
import { nvarchar, T } from "../../values/sql-type";
import { as, type Value } from "../../values/value";
import type { Context } from "../context";
import { scalar, type FunctionTable } from "./builder";

const text = (value: Value | undefined) => as.text(value ?? "");

function ownerOf(word: Value | undefined, functionName: string, { session }: Context): LockOwner {
  const kind = (["Session", "Transaction"] as const).find(
    (one) => one.toLowerCase() === text(word ?? "Transaction").toLowerCase(),
  );
  if (kind === undefined) throw sqlError(1226, functionName);
  if (kind === "Transaction" && session.transactionCount() === 0) throw sqlError(3918);
  return { session: session.id, kind };
}

/** Functions that tell of application locks. */
export const APP_LOCK_FUNCTIONS: FunctionTable = {
  APPLOCK_MODE: scalar(
    [T.sysname, nvarchar(4000), nvarchar(32)],
    nvarchar(32),
    ([principal, name, owner], context) =>
      context.instance.appLocks.modeOf(
        appLockResource(context.database, text(principal), text(name)),
        ownerOf(owner, "applock_mode", context),
      ),
    { volatile: true },
  ),
  APPLOCK_TEST: scalar(
    [T.sysname, nvarchar(4000), nvarchar(32), nvarchar(32)],
    T.smallint,
    ([principal, name, word, owner], context) => {
      const mode = LOCK_MODES.find((one) => one.toLowerCase() === text(word).toLowerCase());
      if (mode === undefined) throw sqlError(1225);
      const resource = appLockResource(context.database, text(principal), text(name));
      const asker = ownerOf(owner, "applock_test", context);
      return context.instance.appLocks.wouldGrant(resource, asker, mode) ? 1 : 0;
    },
    { volatile: true },
  ),
};
