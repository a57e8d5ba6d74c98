import { Request } from "tedious";
import { sqlBatches } from "../../lib/sql-batches";
import type { MsSqlConfig } from "./config";
import { openSession, type Session } from "./connection";
import { toCdcError } from "./errors";

/**
 * Runs a script of batches separated by GO over one connection of its own; rows are passed over.
 * @throws CdcError for the first error; what ran before it stays.
 */
export async function runScript(config: MsSqlConfig, script: string): Promise<void> {
  let session: Session | undefined;
  try {
    session = await openSession(config);
    for (const batch of sqlBatches(script)) await runBatch(session, batch);
  } catch (error) {
    throw toCdcError(error, config);
  } finally {
    session?.close();
  }
}

function runBatch({ connection }: Session, batch: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new Request(batch, (error) => {
      if (error) reject(error);
      else resolve();
    });
    connection.execSqlBatch(request);
  });
}
