import type { PgConfig } from "../config";
import { runStatements } from "../run";
import { defaultProbe } from "../../../sql/default-probe";

const TRAILING_CAST = /::(?:[a-z][a-z ]*|"[^"]+")(?:\(\d+(?:,\d+)?\))?(?:\[\])?$/;
const spelled = new Map<string, Promise<string | undefined>>();

/**
 * The DEFAULT that the table really has, spelled as `known` when it means the same.
 * PostgreSQL rewrites expressions (`'x'` becomes `'x'::text`); what cannot be told by looking is asked of the server.
 */
export async function sameDefault(
  config: PgConfig,
  type: string,
  known: string | undefined,
  actual: string | undefined,
): Promise<string | undefined> {
  if (known === undefined || actual === undefined || simple(known) === simple(actual))
    return actual === undefined ? undefined : (known ?? actual);
  const key = JSON.stringify([type, known]);
  const asked = spelled.get(key) ?? serverSpelling(config, type, known);
  spelled.set(key, asked);
  return (await asked) === actual ? known : actual;
}

/** Whether two DEFAULT expressions are the same without asking the server. */
export function samePlainDefault(known: string | undefined, actual: string | undefined): boolean {
  if (known === undefined || actual === undefined) return known === actual;
  return simple(known) === simple(actual);
}

function simple(expression: string): string {
  const bare = expression.trim().replace(TRAILING_CAST, "");
  return bare.includes("'") ? bare : bare.toLowerCase();
}

async function serverSpelling(config: PgConfig, type: string, expression: string): Promise<string | undefined> {
  const probe = defaultProbe(type, expression);
  if (probe === undefined) return undefined;
  try {
    const results = await runStatements(config, probe, { attempts: 2 });
    return results.at(-1)?.rows[0]?.["expression"] as string | undefined;
  } catch {
    // An expression that the server refuses is not what the table has.
    return undefined;
  }
}
