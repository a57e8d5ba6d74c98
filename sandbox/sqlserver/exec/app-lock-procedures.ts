import { sqlError } from "../errors";
import { LOCK_MODES, type AppLocks, type LockOwner, type LockRequest } from "../storage/app-locks";
import { appLockResource } from "../storage/app-lock-resource";
import type { Call, Procedure } from "./procedure";
import type { SqlSession } from "./session";

/** What sp_getapplock answers. */
const RESULT = { granted: 0, grantedAfterWait: 1, timedOut: -1, deadlock: -3, refused: -999 } as const;
const OWNERS = ["Transaction", "Session"] as const;

async function getAppLock({ args, batch, database }: Call): Promise<number> {
  const { session } = batch;
  const mode = optionOf(LOCK_MODES, args.required("@lockmode"));
  const kind = optionOf(OWNERS, args.text("@lockowner") ?? "Transaction");
  if (mode === undefined) return refuse(batch, 15625, args.text("@lockmode") ?? "", "@LockMode");
  if (kind === undefined) return refuse(batch, 15625, args.text("@lockowner") ?? "", "@LockOwner");
  if (!args.has("@resource")) return RESULT.refused;
  const resource = appLockResource(database, args.text("@dbprincipal"), args.text("@resource"));
  const timeoutMs = args.int("@locktimeout") ?? session.options.lockTimeoutMs;
  if (timeoutMs < -1) throw sqlError(1227);
  if (kind === "Transaction" && session.current === undefined) return refuse(batch, 15626);
  const owner: LockOwner = { session: session.id, kind };
  const { appLocks } = session.instance;
  const request = appLocks.request(resource, owner, mode);
  if (kind === "Transaction") session.current?.onEnd(() => appLocks.releaseAll(owner));
  if (request.isGranted) return RESULT.granted;
  return waitFor(session, appLocks, request, timeoutMs);
}

async function waitFor(session: SqlSession, locks: AppLocks, request: LockRequest, timeoutMs: number): Promise<number> {
  let isKept = false;
  try {
    if (timeoutMs === 0) return RESULT.timedOut;
    if (locks.isInCircle(request)) return RESULT.deadlock;
    await session.interruptible((done) => {
      request.granted = done;
      const timer = timeoutMs < 0 ? undefined : setTimeout(done, timeoutMs);
      return () => {
        clearTimeout(timer);
      };
    });
    isKept = request.isGranted;
    return isKept ? RESULT.grantedAfterWait : RESULT.timedOut;
  } finally {
    locks.cancel(request);
    // Granted in the moment in which the client gave up.
    if (request.isGranted && !isKept) locks.release(request.resource, request.owner);
  }
}

function releaseAppLock({ args, batch, database }: Call): number {
  const { session } = batch;
  const kind = optionOf(OWNERS, args.text("@lockowner") ?? "Transaction");
  if (kind === undefined) return refuse(batch, 15625, args.text("@lockowner") ?? "", "@LockOwner");
  const resource = appLockResource(database, args.text("@dbprincipal"), args.text("@resource"));
  if (kind === "Transaction" && session.current === undefined) throw sqlError(3918);
  if (session.instance.appLocks.release(resource, { session: session.id, kind })) return 0;
  batch.output.message(sqlError(1223, args.text("@dbprincipal") ?? "public", args.text("@resource") ?? ""));
  return RESULT.refused;
}

function refuse(batch: Call["batch"], number: number, ...parts: readonly string[]): number {
  batch.output.message(sqlError(number, ...parts));
  return RESULT.refused;
}

function optionOf<T extends string>(options: readonly T[], text: string): T | undefined {
  return options.find((option) => option.toLowerCase() === text.toLowerCase());
}

/** Application locks. */
export const APP_LOCK_PROCEDURES: Readonly<Record<string, Procedure>> = {
  sp_getapplock: {
    parameters: ["@resource", "@lockmode", "@lockowner", "@locktimeout", "@dbprincipal"],
    run: getAppLock,
  },
  sp_releaseapplock: { parameters: ["@resource", "@lockowner", "@dbprincipal"], run: releaseAppLock },
};
