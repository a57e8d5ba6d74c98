import { setTimeout as sleep } from "node:timers/promises";
import type { Client, TestServer } from "./sql-server";

/** Waits until everything that was committed so far is in the change tables. */
export async function captured(server: TestServer, client: Client, database: string): Promise<void> {
  if (server.standIn) {
    while (server.standIn.control.capture(database) > 0);
    return;
  }
  const newest = async () => (await client.batch("SELECT sys.fn_cdc_get_max_lsn()")).text;
  for (let before = await newest(), quiet = 0; quiet < 3;) {
    await sleep(5000);
    const now = await newest();
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}
