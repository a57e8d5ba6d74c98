import { hasBegun } from "../../databases/sqlserver/capture-state";
import { describe, type MsSqlConfig } from "../../databases/sqlserver/config";
import { sleep } from "../../lib/retry";

const LOOK_EVERY_MS = 250;
const LONGEST_WAIT_MS = 30_000;

/** Waits until the capture has run since an instance was made; after half a minute it only says that it has not. */
export async function untilBegun(config: MsSqlConfig, instance: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < LONGEST_WAIT_MS; waitedMs += LOOK_EVERY_MS) {
    if (await hasBegun(config, instance)) return;
    await sleep(LOOK_EVERY_MS);
  }
  process.stderr.write(
    `${describe(config)}: nothing is captured for ${instance} yet: see whether SQL Server's agent and the capture job run\n`,
  );
}
