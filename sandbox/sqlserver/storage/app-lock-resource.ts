import { sqlError } from "../errors";
import type { Database } from "./database";

/** Longest name of a resource; the rest is cut off. */
const NAME_LENGTH = 255;

/**
 * What an application lock is of: names are compared by their characters, whatever the collation.
 * Throws 1202 for an unknown principal, 1224 for NULL.
 */
export function appLockResource(database: Database, principal: string | null, name: string | null): string {
  const user = (principal ?? "public").toLowerCase();
  if (!["public", "dbo"].includes(user) && !database.users.has(user)) throw sqlError(1202, principal ?? "");
  if (name === null) throw sqlError(1224);
  return JSON.stringify([database.id, user, name.slice(0, NAME_LENGTH)]);
}
