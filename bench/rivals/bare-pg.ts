import type { DdlUnits } from "../ddl-script";
import type { BenchContext } from "../bench";

const CONNECTIONS = 4;

/** What one would write by hand: what is shared first, then a call per table on four connections; no history, no checks. */
export async function barePg(units: DdlUnits, database: string, { connect }: BenchContext): Promise<void> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(database)));
  await clients[0]?.query(units.shared);
  const queue = units.tables.values();
  await Promise.all(
    clients.map(async (client) => {
      for (const { sql } of queue) await client.query(sql);
      await client.end();
    }),
  );
}
